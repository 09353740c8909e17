//! Reading and writing libvirt's documents.

use roxmltree::{Document, Node};
use virt::error::ErrorNumber;

use super::error::{Cause, HypervisorError};

/// Returns the first child element of that name.
pub(super) fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.has_tag_name(name))
}

/// Returns the child elements of that name.
pub(super) fn children<'a, 'i>(
    node: Node<'a, 'i>,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children()
        .filter(move |child| child.has_tag_name(name))
}

/// Returns the element at the end of a path of child names.
pub(super) fn at<'a, 'i>(node: Node<'a, 'i>, path: &[&str]) -> Option<Node<'a, 'i>> {
    path.iter().try_fold(node, |node, name| child(node, name))
}

/// Returns the trimmed text of the element at `path`, when there is any.
pub(super) fn text(node: Node<'_, '_>, path: &[&str]) -> Option<String> {
    let text = at(node, path)?.text()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Returns an attribute of the element at `path`.
pub(super) fn attribute(node: Node<'_, '_>, path: &[&str], name: &str) -> Option<String> {
    at(node, path)?.attribute(name).map(str::to_owned)
}

/// Returns the size in bytes of an element with an optional `unit`, as libvirt's
/// formats for memory and storage have it; `default` is the unit when none is written.
/// <https://libvirt.org/formatdomain.html#memory-allocation>
pub(super) fn bytes(node: Node<'_, '_>, default: &str) -> Option<u64> {
    let number: u64 = node.text()?.trim().parse().ok()?;
    let factor: u64 = match node.attribute("unit").unwrap_or(default) {
        "b" | "bytes" | "B" => 1,
        "KB" => 1000,
        "k" | "K" | "KiB" => 1 << 10,
        "MB" => 1000 * 1000,
        "M" | "MiB" => 1 << 20,
        "GB" => 1000 * 1000 * 1000,
        "G" | "GiB" => 1 << 30,
        "TB" => 1000 * 1000 * 1000 * 1000,
        "T" | "TiB" => 1 << 40,
        _ => return None,
    };
    number.checked_mul(factor)
}

/// Parses a document that libvirt wrote.
pub(super) fn parse(xml: &str) -> Result<Document<'_>, HypervisorError> {
    Document::parse(xml).map_err(|error| HypervisorError::Other {
        action: "read libvirt's document".to_owned(),
        code: ErrorNumber::XmlError,
        cause: Cause::own(ErrorNumber::XmlError, error.to_string()),
    })
}

/// Returns `text` so that it may stand in an attribute or an element.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // Attributes turn these into spaces unless they are written as references.
            '\t' | '\n' | '\r' => out.push_str(&format!("&#{};", u32::from(c))),
            // XML 1.0 has no way to write other control characters; libvirt then
            // rejects the document, which is the right answer.
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_text_reads_back() {
        let text = "a <b> & 'c' \"d\" [e]\n";
        let xml = format!("<x y='{}'/>", escape(text));
        let doc = Document::parse(&xml).unwrap();
        assert_eq!(doc.root_element().attribute("y"), Some(text));
    }

    #[test]
    fn sizes_carry_units() {
        let doc = Document::parse("<x><a unit='GiB'>2</a><b>3</b><c unit='pt'>1</c></x>").unwrap();
        let root = doc.root_element();
        assert_eq!(bytes(child(root, "a").unwrap(), "b"), Some(2 << 30));
        assert_eq!(bytes(child(root, "b").unwrap(), "KiB"), Some(3072));
        assert_eq!(bytes(child(root, "c").unwrap(), "b"), None);
    }
}
