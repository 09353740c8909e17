use super::{Problem, scalar};
use crate::inventory::Node;

/// libvirt names files after domains, the longest being `NAME_VARS.fd.new` and
/// `NAME.xml.new` beside them; a file's name has at most 255 bytes (NAME_MAX).
const LONGEST: usize = 240;

/// Returns libvirt's name for a domain: anything but `/` and line breaks, which
/// libvirt refuses since it names files after domains.
pub fn domain_name(node: &Node) -> Result<String, Problem> {
    let text = scalar::text(node)?;
    if text.contains('/') || text.chars().any(char::is_control) || text == "." || text == ".." {
        let what = if text.starts_with('.') && !text.contains('/') {
            "a domain name that isn't `.` or `..`"
        } else {
            "a domain name without `/` and line breaks"
        };
        return Err(Problem::expected(what, node));
    }
    if text.len() > LONGEST {
        return Err(Problem::expected(
            "a domain name of at most 240 bytes",
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
