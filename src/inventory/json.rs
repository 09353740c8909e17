use serde_json::{Map as JsonMap, Number, Value as Json, json};

use super::{Node, Value, python::MASK};

/// Returns a node as JSON. Vaulted values are masked; a float that JSON has no
/// number for (infinity, not-a-number) becomes a string, as Python prints it.
pub fn node_to_json(node: &Node) -> Json {
    convert(node, &|_| Json::from(MASK), &|text| Json::from(text), false)
}

/// Returns a node as `ansible-inventory --list` prints it: vaulted values as
/// their ciphertext, unsafe strings marked, keys sorted. `hide` masks each scalar
/// (the file it came from is encrypted as a whole).
pub(super) fn as_ansible(node: &Node, hide: bool) -> Json {
    convert(
        node,
        &|ciphertext| {
            if ciphertext.is_empty() {
                Json::from(MASK)
            } else {
                json!({ "__ansible_vault": ciphertext })
            }
        },
        &|text| json!({ "__ansible_unsafe": text }),
        hide,
    )
}

fn convert(
    node: &Node,
    vault: &dyn Fn(&str) -> Json,
    marked: &dyn Fn(&str) -> Json,
    hide: bool,
) -> Json {
    match &node.value {
        Value::Seq(items) => items
            .iter()
            .map(|item| convert(item, vault, marked, hide))
            .collect(),
        Value::Map(map) => map
            .iter()
            .map(|(key, entry)| (key.clone(), convert(&entry.node, vault, marked, hide)))
            .collect::<JsonMap<_, _>>()
            .into(),
        Value::Vault(secret) => vault(&secret.ciphertext),
        _ if hide => Json::from(MASK),
        Value::Null => Json::Null,
        Value::Bool(yes) => Json::from(*yes),
        Value::Int(number) => Json::from(*number),
        Value::Float(number) => Number::from_f64(*number)
            .map_or_else(|| Json::from(super::python::float(*number)), Json::Number),
        Value::Str(text) => Json::from(text.as_str()),
        Value::Unsafe(text) => marked(text),
    }
}
