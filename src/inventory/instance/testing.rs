//! Nodes for tests, read from YAML text without the inventory's loader: every
//! top-level variable has the line of its key, column 1 for the key.

use std::{path::Path, sync::Arc};

use serde_json::Value as Json;

use crate::{
    inventory::{Entry, Map, Node, Value, Vault},
    plan::Place,
};

/// Returns the variables of a YAML text. A value `VAULT:text` is a vaulted one.
pub fn vars(text: &str) -> Map {
    let json: Json = serde_saphyr::from_str(text).unwrap();
    let file: Arc<Path> = Arc::from(Path::new("host_vars/test.yml"));
    let mut map = Map::new();
    for (key, value) in json.as_object().unwrap() {
        let line = text
            .lines()
            .position(|line| line.starts_with(&format!("{key}:")))
            .map_or(0, |line| u32::try_from(line).unwrap() + 1);
        let column = u32::try_from(key.len()).unwrap() + 3;
        let entry = Entry {
            key_place: Place::new(&file, line, 1),
            node: node(value, &Place::new(&file, line, column)),
        };
        map.insert(key.clone(), entry);
    }
    map
}

fn node(json: &Json, place: &Place) -> Node {
    let value = match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::Int(number),
            None => Value::Float(number.as_f64().unwrap()),
        },
        Json::String(text) => match text.strip_prefix("VAULT:") {
            Some(text) => Value::Vault(Vault {
                ciphertext: "$ANSIBLE_VAULT;1.1;AES256".to_owned(),
                plaintext: Some(text.to_owned().into()),
            }),
            None => Value::Str(text.clone()),
        },
        Json::Array(items) => Value::Seq(items.iter().map(|item| node(item, place)).collect()),
        Json::Object(map) => Value::Map(
            map.iter()
                .map(|(key, item)| {
                    let entry = Entry {
                        key_place: place.clone(),
                        node: node(item, place),
                    };
                    (key.clone(), entry)
                })
                .collect(),
        ),
    };
    Node::new(value, place.clone())
}
