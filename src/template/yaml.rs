use std::fmt::Write as _;

use serde_json::Value as Json;

/// Returns `json` as YAML in block style that every reader takes for the same:
/// any string that YAML 1.1 or 1.2 could see as something else is quoted.
///
/// PyYAML, which Ansible and cloud-init use, reads YAML 1.1: `no`, `0644`, `1:30`
/// and `2026-01-01` are no strings there unless quoted.
pub fn to_yaml(json: &Json) -> String {
    let mut text = String::new();
    match json {
        Json::Array(items) if !items.is_empty() => sequence(items, 0, &mut text),
        Json::Object(map) if !map.is_empty() => mapping(map, 0, &mut text),
        scalar => {
            inline(scalar, 0, &mut text);
        }
    }
    text
}

/// Parses one YAML document into JSON.
///
/// # Errors
///
/// Fails with ` at line L column C`, without quoting the text, which may hold secrets.
pub fn from_yaml(text: &str) -> Result<Json, String> {
    let options = serde_saphyr::options! { legacy_octal_numbers: true };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| match error.location() {
        Some(at) => format!(" at line {} column {}", at.line(), at.column()),
        None => String::new(),
    })
}

fn sequence(items: &[Json], depth: usize, text: &mut String) {
    for item in items {
        indent(depth, text);
        text.push('-');
        match item {
            // The first item or key stands on the dash's line.
            Json::Array(inner) if !inner.is_empty() => {
                let start = text.len();
                sequence(inner, depth + 1, text);
                text.replace_range(start..start + 2 * depth + 2, " ");
            }
            Json::Object(map) if !map.is_empty() => {
                let start = text.len();
                mapping(map, depth + 1, text);
                text.replace_range(start..start + 2 * depth + 2, " ");
            }
            scalar => {
                text.push(' ');
                inline(scalar, depth, text);
            }
        }
    }
}

fn mapping(map: &serde_json::Map<String, Json>, depth: usize, text: &mut String) {
    for (key, item) in map {
        indent(depth, text);
        text.push_str(&string(key));
        text.push(':');
        match item {
            Json::Array(items) if !items.is_empty() => {
                text.push('\n');
                sequence(items, depth, text);
            }
            Json::Object(inner) if !inner.is_empty() => {
                text.push('\n');
                mapping(inner, depth + 1, text);
            }
            scalar => {
                text.push(' ');
                inline(scalar, depth, text);
            }
        }
    }
}

/// Writes a scalar or an empty container, and the end of the line.
fn inline(json: &Json, depth: usize, text: &mut String) {
    match json {
        Json::Null => text.push_str("null"),
        Json::String(value) if is_block(value) => return block(value, depth, text),
        Json::String(value) => text.push_str(&string(value)),
        Json::Array(_) => text.push_str("[]"),
        Json::Object(_) => text.push_str("{}"),
        scalar => text.push_str(&scalar.to_string()),
    }
    text.push('\n');
}

/// Returns whether a string can be a literal block (`|`) that reads back equal.
fn is_block(value: &str) -> bool {
    let lines = value.strip_suffix('\n').unwrap_or(value);
    lines.contains('\n')
        && !lines.ends_with('\n')
        && !value.starts_with([' ', '\n', '\t'])
        && value
            .chars()
            .all(|c| c == '\n' || (c != '\u{feff}' && is_printable(c) && !is_break(c)))
}

fn block(value: &str, depth: usize, text: &mut String) {
    text.push_str(if value.ends_with('\n') { "|\n" } else { "|-\n" });
    for line in value.lines() {
        if !line.is_empty() {
            indent(depth + 1, text);
        }
        text.push_str(line);
        text.push('\n');
    }
}

fn indent(depth: usize, text: &mut String) {
    for _ in 0..depth {
        text.push_str("  ");
    }
}

/// Returns a string as a plain scalar when no reader could take it for anything
/// else, otherwise in double quotes.
fn string(value: &str) -> String {
    if is_plain(value) {
        return value.to_owned();
    }
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('"');
    for c in value.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if is_printable(c) && !is_break(c) && c != '\u{feff}' => quoted.push(c),
            c if (c as u32) < 0x100 => {
                let _ = write!(quoted, "\\x{:02x}", c as u32);
            }
            c if (c as u32) < 0x1_0000 => {
                let _ = write!(quoted, "\\u{:04x}", c as u32);
            }
            c => {
                let _ = write!(quoted, "\\U{:08x}", c as u32);
            }
        }
    }
    quoted.push('"');
    quoted
}

/// The printable characters of YAML 1.1, section 4.1.
fn is_printable(c: char) -> bool {
    matches!(c, '\t' | '\n' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}'
        | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}

/// Line breaks of YAML 1.1 other than the line feed.
fn is_break(c: char) -> bool {
    matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_plain(value: &str) -> bool {
    /// Words that YAML 1.1 resolves to booleans or null, lower case.
    const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let first = value.chars().next();
    first.is_some_and(|c| c.is_ascii_alphabetic() || c == '/' || c == '_')
        && !value.ends_with(' ')
        && !WORDS.contains(&value.to_ascii_lowercase().as_str())
        && value
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || " ._/-+@,=()".contains(c))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_back_equal() {
        let json = json!({
            "users": [{"name": "swarm", "keys": ["ssh-ed25519 AAAA a@b"], "empty": []}],
            "odd": ["no", "0644", "1:30", "2026-01-01", "", " x", "x ", "a: b", "a #b", "- a",
                    "null", "~", "1e3", "\u{7f}\u{85}\u{2028}é😀", "tab\there", "\u{feff}x"],
            "text": "#!/bin/sh\n\n  indented\nend\n",
            "strip": "a\nb", "keep": "a\n\n", "lead": "\n a\n", "trail": "a \n b",
            "nested": [[1, [2, [[], {}]], "a\nb\n"], {"a": {"b": null}}, true, 1.5],
            "blocks": [["sh", "-c", "set -e\necho\n"], {"k": "a\n b"}],
            "weird key: x": {}
        });
        let text = to_yaml(&json);
        assert_eq!(from_yaml(&text).unwrap(), json, "{text}");
    }

    #[test]
    fn octal_is_as_in_yaml_1_1() {
        assert_eq!(
            from_yaml("a: 0644\nb: \"0644\"\n").unwrap(),
            json!({"a": 420, "b": "0644"})
        );
    }

    #[test]
    fn is_readable() {
        let json = json!({"a": [{"b": 1, "c": ["x"]}], "t": "one\ntwo\n"});
        assert_eq!(
            to_yaml(&json),
            "a:\n- b: 1\n  c:\n  - x\nt: |\n  one\n  two\n"
        );
    }
}
