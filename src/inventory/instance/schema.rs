use serde_json::{Value as Json, json};

use super::variables::{VARIABLES, Variable, VariableDefault, VariableKind};

/// Returns the JSON Schema (2020-12) of a host_vars file, for editors: every `vm_*`
/// variable with its type, default and example; other variables are free, other
/// names that begin with `vm_` are not.
pub fn schema() -> Json {
    let properties: serde_json::Map<String, Json> = VARIABLES
        .iter()
        .map(|variable| (variable.name.to_owned(), property(variable)))
        .collect();
    let names: Vec<&str> = VARIABLES.iter().map(|variable| variable.name).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://swarmctl.dev/schema/host-vars/1",
        "title": "Variables of a swarmctl instance",
        "description": "host_vars and group_vars of an Ansible inventory that swarmctl reads",
        "type": ["object", "null"],
        "properties": properties,
        "propertyNames": {
            "if": { "pattern": "^vm_" },
            "then": { "enum": names },
        },
        "$defs": {
            "template": {
                "description": "a Jinja template",
                "type": "string",
                "pattern": "\\{\\{|\\{%",
            },
        },
    })
}

fn property(variable: &Variable) -> Json {
    let kinds = match variable.kind {
        VariableKind::Text => json!([{ "type": "string", "minLength": 1 }]),
        VariableKind::Pattern(pattern) => json!([{ "type": "string", "pattern": pattern }]),
        VariableKind::Integer(least, most) => {
            json!([{ "type": "integer", "minimum": least, "maximum": most }])
        }
        VariableKind::Boolean => json!([{ "type": "boolean" }]),
        VariableKind::Choice(choices) => json!([{ "enum": choices }]),
        VariableKind::Texts => json!([
            { "type": "string", "minLength": 1 },
            { "type": "array", "items": { "type": "string", "minLength": 1 } },
        ]),
        VariableKind::Shares => json!([{ "type": "array", "items": share() }]),
        VariableKind::Users => json!([{
            "type": "array",
            "minItems": 1,
            "items": { "anyOf": [{ "type": "string", "minLength": 1 }, user()] },
        }]),
        VariableKind::Mapping => json!([{ "type": "object" }]),
    };
    let mut any = kinds.as_array().cloned().unwrap_or_default();
    any.push(json!({ "$ref": "#/$defs/template" }));
    // Null unsets what a group has set.
    any.push(json!({ "type": "null" }));
    let mut description = variable.description.to_owned();
    let mut property = json!({ "anyOf": any, "examples": [parsed(variable.example)] });
    match variable.default {
        VariableDefault::Value(value) => {
            set(&mut property, "default", parsed(value));
        }
        VariableDefault::Words(words) => {
            description = format!("{description} Default: {words}.");
        }
        VariableDefault::Required => description.push_str(" Required."),
    }
    set(&mut property, "description", Json::String(description));
    property
}

fn set(object: &mut Json, key: &str, value: Json) {
    if let Some(map) = object.as_object_mut() {
        map.insert(key.to_owned(), value);
    }
}

/// Returns JSON of the table, all of which a test parses.
fn parsed(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or(Json::Null)
}

fn share() -> Json {
    json!({
        "type": "object",
        "properties": {
            "source": { "type": ["string", "null"], "pattern": "^/" },
            "tag": { "type": "string", "pattern": "^[A-Za-z0-9._-]{1,36}$" },
            "mount": { "type": ["string", "null"], "pattern": "^/" },
        },
        "required": ["tag"],
        "additionalProperties": false,
    })
}

fn user() -> Json {
    let texts = json!({ "type": ["string", "array", "null"], "items": { "type": "string" } });
    json!({
        "type": "object",
        "properties": {
            "name": { "type": "string", "pattern": "^[a-z_][a-z0-9_-]{0,31}$" },
            "ssh_keys": texts,
            "sudo": { "type": ["string", "boolean", "null"] },
            "shell": { "type": ["string", "null"] },
            "groups": texts,
        },
        "required": ["name"],
        "additionalProperties": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_json_and_names_are_unique() {
        let mut names = std::collections::HashSet::new();
        for variable in VARIABLES {
            assert!(names.insert(variable.name));
            serde_json::from_str::<Json>(variable.example).unwrap();
            if let VariableDefault::Value(value) = variable.default {
                serde_json::from_str::<Json>(value).unwrap();
            }
        }
    }

    #[test]
    fn a_property_has_type_default_and_example() {
        let schema = schema();
        let memory = &schema["properties"]["vm_memory_mib"];
        assert_eq!(memory["anyOf"][0]["type"], "integer");
        assert_eq!(memory["default"], 2048);
        assert_eq!(memory["examples"][0], 3072);
    }
}
