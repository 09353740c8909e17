//! Values of INI inventories: Python literals where they are some, else strings.

use super::{Entry, Map, Node, Value, literal_number, literal_string, python};
use crate::plan::Place;

/// How deep lists and mappings may be nested.
const MAX_DEPTH: usize = 100;

/// Returns the value that Ansible's `ast.literal_eval` makes of the text: numbers,
/// `True`, `False`, `None`, quoted strings, lists, tuples, sets and dicts. Any
/// other text is a string as it stands.
pub(super) fn evaluate(text: &str, place: &Place) -> Value {
    let mut parser = Parser {
        rest: text.trim_start_matches([' ', '\t']),
        place,
        depth: 0,
    };
    parser
        .bare()
        .filter(|_| parser.at_end())
        .unwrap_or_else(|| Value::Str(text.to_owned()))
}

struct Parser<'a> {
    rest: &'a str,
    place: &'a Place,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\x0c']);
    }

    /// Takes `token` when it comes next.
    fn take(&mut self, token: &str) -> bool {
        self.space();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Nothing is left but space and a comment.
    fn at_end(&mut self) -> bool {
        self.space();
        self.rest.is_empty() || self.rest.starts_with('#') && !self.rest.contains('\n')
    }

    fn node(&self, value: Value) -> Node {
        Node::new(value, self.place.clone())
    }

    /// A value, or several with commas between them: a tuple without parentheses.
    fn bare(&mut self) -> Option<Value> {
        let first = self.value()?;
        if !self.take(",") {
            return Some(first);
        }
        let mut items = vec![self.node(first)];
        while !self.at_end() {
            let next = self.value()?;
            items.push(self.node(next));
            if !self.take(",") {
                break;
            }
        }
        Some(Value::Seq(items))
    }

    fn value(&mut self) -> Option<Value> {
        self.space();
        if self.depth > MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let value = match self.rest.chars().next()? {
            '[' => self.items('[', ']').map(|(items, _)| Value::Seq(items)),
            '(' => self.items('(', ')').map(|(mut items, commas)| {
                // Parentheses around one value without a comma are only parentheses.
                match (items.len(), commas) {
                    (1, false) => items.pop().map_or(Value::Null, |node| node.value),
                    _ => Value::Seq(items),
                }
            }),
            '{' => self.braces(),
            '0'..='9' | '.' | '+' | '-' => self.number(),
            '\'' | '"' => self.strings(),
            _ => self.word(),
        };
        self.depth -= 1;
        value
    }

    /// Items up to `close`; also tells whether a comma was among them.
    fn items(&mut self, open: char, close: char) -> Option<(Vec<Node>, bool)> {
        self.rest = self.rest.strip_prefix(open)?;
        let close = close.to_string();
        let (mut items, mut commas) = (Vec::new(), false);
        while !self.take(&close) {
            let value = self.value()?;
            items.push(self.node(value));
            if self.take(",") {
                commas = true;
            } else if self.take(&close) {
                break;
            } else {
                return None;
            }
        }
        Some((items, commas))
    }

    /// A dict, or a set, which becomes a list.
    fn braces(&mut self) -> Option<Value> {
        self.rest = self.rest.strip_prefix('{')?;
        let mut map = Map::new();
        let mut set = Vec::new();
        while !self.take("}") {
            let key = self.value()?;
            if set.is_empty() && self.take(":") {
                let node = self.value()?;
                let entry = Entry {
                    key_place: self.place.clone(),
                    node: self.node(node),
                };
                map.insert(key_text(&key)?, entry);
            } else if map.is_empty() {
                set.push(self.node(key));
            } else {
                return None;
            }
            if !self.take(",") {
                if self.take("}") {
                    break;
                }
                return None;
            }
        }
        Some(if set.is_empty() {
            Value::Map(map)
        } else {
            Value::Seq(set)
        })
    }

    fn word(&mut self) -> Option<Value> {
        if let Some(rest) = self.rest.strip_prefix("...") {
            self.rest = rest;
            return Some(Value::Str("...".to_owned()));
        }
        if literal_string::starts(self.rest) {
            return self.strings();
        }
        let end = self.rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        let value = match word {
            "True" => Value::Bool(true),
            "False" => Value::Bool(false),
            "None" => Value::Null,
            "set" => {
                self.rest = rest;
                return (self.take("(") && self.take(")")).then(|| Value::Seq(Vec::new()));
            }
            _ => return None,
        };
        self.rest = rest;
        Some(value)
    }

    fn number(&mut self) -> Option<Value> {
        // One sign only: literal_eval takes --1 for an expression.
        let negative = self.take("-");
        if !negative {
            self.take("+");
        }
        self.space();
        if self.rest.starts_with("...") {
            return if negative { None } else { self.word() };
        }
        let bytes = self.rest.as_bytes();
        let mut end = 0;
        while let Some(&b) = bytes.get(end) {
            let exponent_sign = matches!(b, b'+' | b'-')
                && end > 0
                && matches!(bytes[end - 1], b'e' | b'E')
                && !self.rest.starts_with("0x")
                && !self.rest.starts_with("0X");
            if !(b.is_ascii_alphanumeric() || b == b'_' || b == b'.' || exponent_sign) {
                break;
            }
            end += 1;
        }
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        literal_number::parse(text, negative)
    }

    /// One or more string literals next to each other.
    fn strings(&mut self) -> Option<Value> {
        let mut text = String::new();
        let mut bytes = false;
        while literal_string::starts(self.rest) {
            let literal = literal_string::read(self.rest, &mut text)?;
            bytes |= literal.bytes;
            self.rest = literal.rest;
            self.space();
        }
        // Ansible does not trust what was bytes to be a template.
        Some(if bytes {
            Value::Unsafe(text)
        } else {
            Value::Str(text)
        })
    }
}

fn key_text(key: &Value) -> Option<String> {
    Some(match key {
        Value::Str(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => python::float(*number),
        Value::Bool(yes) => yes.to_string(),
        Value::Null => "null".to_owned(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Place, Value, evaluate};

    fn shown(text: &str) -> String {
        let place = Place::nowhere("<test>");
        crate::inventory::node_to_json(&super::Node::new(evaluate(text, &place), place)).to_string()
    }

    #[test]
    fn literals() {
        for (text, want) in [
            ("1", "1"),
            ("-1_000", "-1000"),
            ("0x1f", "31"),
            ("00", "0"),
            ("1.5", "1.5"),
            ("1e3", "1000.0"),
            (".5", "0.5"),
            ("True", "true"),
            ("None", "null"),
            ("'a b'", "\"a b\""),
            ("'a' \"b\"", "\"ab\""),
            (r"'a\tb\q'", r#""a\tb\\q""#),
            (r"r'a\n'", r#""a\\n""#),
            ("[1, 'x', [True]]", "[1,\"x\",[true]]"),
            ("{'a': 1, 2: []}", "{\"a\":1,\"2\":[]}"),
            ("(1,)", "[1]"),
            ("(1)", "1"),
            ("1, 2", "[1,2]"),
            ("{1, 2}", "[1,2]"),
            ("{}", "{}"),
            ("()", "[]"),
            ("5 # five", "5"),
            ("- 5", "-5"),
            ("'''x'''", "\"x\""),
        ] {
            assert_eq!(shown(text), want, "{text}");
        }
    }

    #[test]
    fn strings() {
        for text in [
            "true",
            "yes",
            "0644",
            "10.0.0.1",
            "foo",
            "foo # bar",
            "1 2",
            "[1",
            "'a",
            "a=b",
            "1__0",
            "_1",
            "1_",
            "{{ x }}",
            "{'a'}: 1",
            "f'x'",
            "-",
            "",
            "1.2.3",
            "/a/b",
            "[a]",
            "1-2",
            "nan",
            "inf",
            "1e",
            "{[1]: 2}",
        ] {
            assert_eq!(
                shown(text),
                serde_json::Value::from(text).to_string(),
                "{text}"
            );
        }
        let deep = "[".repeat(20_000);
        assert!(matches!(
            evaluate(&deep, &Place::nowhere("<test>")),
            Value::Str(_)
        ));
    }
}
