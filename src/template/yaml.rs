use std::fmt::Write as _;

use serde_json::Value as Json;

/// Returns `json` as YAML in block style that every reader takes for the same:
/// any string that YAML 1.1 or 1.2 could see as something else is quoted.
///
/// PyYAML, which Ansible and cloud-init use, reads YAML 1.1: `no`, `0644`, `1:30`
/// and `2026-01-01` are no strings there unless quoted.
pub fn to_yaml(json: &Json) -> String {
    written(json, 2, false)
}

/// As [`to_yaml`], `step` spaces deep for each level; the least is 2. Quotes are single
/// where they can be, as PyYAML writes them.
pub(super) fn to_yaml_indented(json: &Json, step: usize) -> String {
    written(json, step, true)
}

fn written(json: &Json, step: usize, single: bool) -> String {
    let mut writer = Writer {
        step,
        single,
        text: String::new(),
    };
    match json {
        Json::Array(items) if !items.is_empty() => writer.sequence(items, 0),
        Json::Object(map) if !map.is_empty() => writer.mapping(map, 0),
        scalar => writer.inline(scalar, 0),
    }
    writer.text
}

/// Writes block style.
struct Writer {
    step: usize,
    /// Whether a string that needs quotes gets single ones, where it can have them.
    single: bool,
    text: String,
}

impl Writer {
    fn sequence(&mut self, items: &[Json], depth: usize) {
        for item in items {
            self.indent(depth);
            self.text.push('-');
            let start = self.text.len();
            match item {
                Json::Array(inner) if !inner.is_empty() => self.sequence(inner, depth + 1),
                Json::Object(map) if !map.is_empty() => self.mapping(map, depth + 1),
                scalar => {
                    self.text.push(' ');
                    self.inline(scalar, depth);
                    continue;
                }
            }
            // The first item or key stands on the dash's line.
            let indented = start + self.step * (depth + 1);
            let blanks = " ".repeat(self.step - 1);
            self.text.replace_range(start..indented, &blanks);
        }
    }

    fn mapping(&mut self, map: &serde_json::Map<String, Json>, depth: usize) {
        for (key, item) in map {
            self.indent(depth);
            let key = self.string(key);
            self.text.push_str(&key);
            self.text.push(':');
            match item {
                Json::Array(items) if !items.is_empty() => {
                    self.text.push('\n');
                    self.sequence(items, depth);
                }
                Json::Object(inner) if !inner.is_empty() => {
                    self.text.push('\n');
                    self.mapping(inner, depth + 1);
                }
                scalar => {
                    self.text.push(' ');
                    self.inline(scalar, depth);
                }
            }
        }
    }

    /// Writes a scalar or an empty container, and the end of the line.
    fn inline(&mut self, json: &Json, depth: usize) {
        match json {
            Json::Null => self.text.push_str("null"),
            Json::String(value) if is_block(value) => return self.block(value, depth),
            Json::String(value) => {
                let value = self.string(value);
                self.text.push_str(&value);
            }
            Json::Array(_) => self.text.push_str("[]"),
            Json::Object(_) => self.text.push_str("{}"),
            scalar => self.text.push_str(&scalar.to_string()),
        }
        self.text.push('\n');
    }

    fn block(&mut self, value: &str, depth: usize) {
        let keep = value.ends_with('\n');
        self.text.push_str(if keep { "|\n" } else { "|-\n" });
        for line in value.lines() {
            if !line.is_empty() {
                self.indent(depth + 1);
            }
            self.text.push_str(line);
            self.text.push('\n');
        }
    }

    fn string(&self, value: &str) -> String {
        let simple = value
            .chars()
            .all(|c| is_printable(c) && !is_break(c) && !"\u{feff}\t\n\r".contains(c));
        if self.single && simple && !is_plain(value) {
            return format!("'{}'", value.replace('\'', "''"));
        }
        string(value)
    }

    fn indent(&mut self, depth: usize) {
        self.text
            .extend(std::iter::repeat_n(' ', self.step * depth));
    }
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
        for step in [2, 4] {
            let text = to_yaml_indented(&json, step);
            assert_eq!(from_yaml(&text).unwrap(), json, "{text}");
        }
    }

    #[test]
    fn octal_is_as_in_yaml_1_1() {
        assert_eq!(
            from_yaml("a: 0644\nb: \"0644\"\n").unwrap(),
            json!({"a": 420, "b": "0644"})
        );
    }

    #[test]
    fn reads_jsons_surrogate_pairs() {
        assert_eq!(
            from_yaml(r#"a: "\u00e9\ud83d\ude00""#).unwrap(),
            json!({"a": "é😀"})
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
