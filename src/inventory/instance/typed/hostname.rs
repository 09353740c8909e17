use super::{Problem, scalar};
use crate::inventory::Node;

/// Linux's HOST_NAME_MAX.
const LONGEST: usize = 64;

/// Returns a host name as RFC 1123, section 2.1 allows it.
pub fn hostname(node: &Node) -> Result<String, Problem> {
    let text = scalar::text(node)?;
    match fault(&text) {
        None => Ok(text),
        Some(fault) => {
            let problem = Problem::expected("a host name", node);
            let message = format!("{}, which {fault}", problem.message);
            let hint = if text.is_ascii() {
                format!("write {}", repaired(&text))
            } else {
                "use the letters a to z, digits and hyphens".to_owned()
            };
            Err(Problem { message, ..problem }.hint(hint))
        }
    }
}

/// Returns what breaks RFC 1123 in `text`.
fn fault(text: &str) -> Option<&'static str> {
    if text.len() > LONGEST {
        return Some("is longer than 64 characters");
    }
    for label in text.split('.') {
        if label.is_empty() {
            return Some("has an empty part");
        }
        if label.len() > 63 {
            return Some("has a part of more than 63 characters");
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Some("has a part that begins or ends with a hyphen");
        }
        if !label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            return Some("has characters other than letters, digits and hyphens");
        }
    }
    None
}

/// Returns the nearest host name to what was written.
fn repaired(text: &str) -> String {
    let parts: Vec<String> = text
        .split('.')
        .map(|part| {
            let words: Vec<String> = part
                .split(|c: char| !c.is_ascii_alphanumeric())
                .filter(|word| !word.is_empty())
                .map(str::to_ascii_lowercase)
                .collect();
            words.join("-").chars().take(63).collect::<String>()
        })
        .filter(|part| !part.is_empty())
        .collect();
    let name: String = parts.join(".").chars().take(LONGEST).collect();
    let name = name.trim_end_matches(['-', '.']);
    if name.is_empty() { "guest" } else { name }.to_owned()
}
