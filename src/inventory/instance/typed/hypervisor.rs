use super::{Problem, scalar};
use crate::inventory::Node;

/// What swarmctl drives; `test` is libvirt's mock for tests.
const SCHEMES: [&str; 4] = ["qemu", "qemu+ssh", "qemu+unix", "test"];

/// Returns the libvirt URI.
pub fn hypervisor(node: &Node) -> Result<String, Problem> {
    const HINT: &str = "write qemu:///system for this machine, or qemu+ssh://user@host/system";
    let text = scalar::text(node)?;
    let Some((scheme, rest)) = text.split_once("://") else {
        return Err(Problem::expected("a libvirt URI", node).hint(HINT));
    };
    if !SCHEMES.contains(&scheme) {
        let what = format!("a libvirt URI of {}", SCHEMES.join(", "));
        return Err(Problem::expected(&what, node).hint(HINT));
    }
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if path.is_empty() || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(Problem::expected("a libvirt URI with a path", node).hint(HINT));
    }
    if scheme == "qemu+ssh" && (host.is_empty() || host.ends_with('@')) {
        return Err(Problem::expected("a libvirt URI with a host", node)
            .hint("write qemu+ssh://user@host/system"));
    }
    Ok(text)
}
