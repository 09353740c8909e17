use secrecy::ExposeSecret as _;
use serde_json::{Map, Value as Json};

use crate::inventory::{Node, Value};

/// Lists of cloud-config that grow by merging; every other list is replaced.
const APPENDED: [&str; 7] = [
    "users",
    "write_files",
    "runcmd",
    "bootcmd",
    "packages",
    "mounts",
    "ssh_authorized_keys",
];

/// Merges `extra` into `base`: mappings key by key, some lists by appending,
/// anything else by replacing.
pub(super) fn merge(base: &mut Map<String, Json>, extra: Map<String, Json>) {
    for (key, value) in extra {
        match (base.get_mut(&key), value) {
            (Some(Json::Object(base)), Json::Object(value)) => merge(base, value),
            (Some(Json::Array(base)), Json::Array(value)) if APPENDED.contains(&key.as_str()) => {
                base.extend(value);
            }
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

/// Returns a rendered value of the inventory as JSON, vaulted values opened.
pub(super) fn to_json(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Int(number) => Json::from(*number),
        Value::Float(number) => Json::from(*number),
        Value::Str(text) | Value::Unsafe(text) => Json::String(text.clone()),
        Value::Seq(items) => Json::Array(items.iter().map(to_json).collect()),
        Value::Map(map) => Json::Object(
            map.iter()
                .map(|(key, entry)| (key.clone(), to_json(&entry.node)))
                .collect(),
        ),
        Value::Vault(vault) => vault.plaintext.as_ref().map_or(Json::Null, |text| {
            Json::String(text.expose_secret().to_owned())
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_of_work_grow_and_others_are_replaced() {
        let mut base =
            json!({"runcmd": ["a"], "growpart": {"mode": "auto", "devices": ["/"]}, "x": 1});
        let extra = json!({"runcmd": ["b"], "growpart": {"devices": ["/data"]}, "x": {"y": 2}});
        let (Some(base), Json::Object(extra)) = (base.as_object_mut(), extra) else {
            panic!("not mappings");
        };
        merge(base, extra);
        let merged = Json::Object(base.clone());
        let expected = json!({
            "runcmd": ["a", "b"], "growpart": {"mode": "auto", "devices": ["/data"]}, "x": {"y": 2}
        });
        assert_eq!(merged, expected);
    }
}
