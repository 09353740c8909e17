use super::{Problem, scalar};
use crate::inventory::Node;

/// Returns libvirt's name for a domain: anything but `/` and line breaks, which
/// libvirt refuses since it names files after domains.
pub fn domain_name(node: &Node) -> Result<String, Problem> {
    let text = scalar::text(node)?;
    if text.contains('/') || text.chars().any(char::is_control) || text == "." || text == ".." {
        return Err(Problem::expected(
            "a domain name without `/` and line breaks",
            node,
        ));
    }
    if text.trim() != text {
        return Err(
            Problem::expected("a domain name without spaces at its ends", node)
                .hint(format!("write \"{}\"", text.trim())),
        );
    }
    Ok(text)
}
