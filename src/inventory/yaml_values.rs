//! What tags, merge keys and JSON make of YAML's values.

use granit_parser::Tag;

use super::{Map, Node, Value, Vault};
use crate::plan::{Diagnostic, Place};

/// What a tag asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// No tag, or one that says what is there anyway.
    Nothing,
    /// `!!str`: a string whatever it looks like.
    Text,
    /// `!!int` and its like: as if it were plain.
    Plain,
    /// `!!float`: as if it were plain, and an integer becomes a float.
    Float,
    /// `!unsafe`.
    Unsafe,
    /// `!vault`.
    Vault,
}

impl Asked {
    /// Returns what a tag asks for.
    ///
    /// # Errors
    /// When the tag is unknown.
    pub(super) fn from_tag(tag: &Tag, place: &Place) -> Result<Self, Diagnostic> {
        Ok(match (tag.core_suffix(), tag.original().as_str()) {
            (Some("str"), _) => Self::Text,
            (Some("float"), _) => Self::Float,
            (Some("int" | "bool" | "null"), _) => Self::Plain,
            // libyaml takes a lone `!` for no tag at all.
            (Some("map" | "seq"), _) | (None, "!") => Self::Nothing,
            (None, "!vault" | "!vault-encrypted") => Self::Vault,
            (None, "!unsafe") => Self::Unsafe,
            (_, written) => {
                let message = format!("unsupported tag `{written}`");
                return Err(Diagnostic::error(place.clone(), message).hint(
                    "supported are `!vault` and `!unsafe`; quote a value that starts with `!`",
                ));
            }
        })
    }
}

/// Lays `over` upon `under`: its values win, the order of `under` stays.
pub(super) fn overlay(mut under: Map, over: Map) -> Map {
    if under.is_empty() {
        return over;
    }
    under.extend(over);
    under
}

/// Adds what a `<<` key brings: a mapping, or a list of which the first wins.
pub(super) fn merge(merged: &mut Map, node: Node) -> Result<(), Diagnostic> {
    let not_mapping = |node: &Node| {
        let message = format!("`<<` merges mappings, not {}", node.kind());
        Diagnostic::error(node.place.clone(), message).hint("give it an alias of a mapping")
    };
    match node.value {
        Value::Map(map) => merged.extend(map),
        Value::Seq(items) => {
            for item in items.into_iter().rev() {
                match item.value {
                    Value::Map(map) => merged.extend(map),
                    _ => return Err(not_mapping(&item)),
                }
            }
        }
        _ => return Err(not_mapping(&node)),
    }
    Ok(())
}

/// Returns the value of an unquoted scalar in JSON.
pub(super) fn json_scalar(text: &str) -> Value {
    match text {
        "null" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => {
            if let Ok(number) = text.parse() {
                Value::Int(number)
            } else if text.contains(['.', 'e', 'E'])
                && let Ok(number) = text.parse()
            {
                Value::Float(number)
            } else {
                Value::Str(text.to_owned())
            }
        }
    }
}

/// Ansible's JSON spells vaulted and unsafe strings as mappings with one key.
pub(super) fn special_json(value: Value) -> Value {
    if let Value::Map(map) = &value
        && map.len() == 1
        && let Some((key, entry)) = map.first()
        && let Some(text) = entry.node.as_str()
    {
        match key.as_str() {
            "__ansible_vault" => {
                return Value::Vault(Vault {
                    ciphertext: text.to_owned(),
                    plaintext: None,
                });
            }
            "__ansible_unsafe" => return Value::Unsafe(text.to_owned()),
            _ => {}
        }
    }
    value
}
