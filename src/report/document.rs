//! Machine-readable documents: JSON and YAML.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Format;

/// Why a document could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The value has no JSON form.
    #[error("write the result as JSON")]
    Json(#[from] serde_json::Error),
    /// The value has no YAML form.
    #[error("write the result as YAML")]
    Yaml(#[from] serde_saphyr::ser_error::Error),
}

/// Returns `body` with `schema` as its first key. A body that is no mapping goes
/// below `items`.
///
/// # Errors
/// When `body` can't be serialized.
pub fn with_schema<T: Serialize>(schema: &str, body: &T) -> Result<Value, Error> {
    let mut document = Map::new();
    document.insert("schema".to_owned(), Value::String(schema.to_owned()));
    match serde_json::to_value(body)? {
        Value::Object(entries) => document.extend(entries),
        other => {
            document.insert("items".to_owned(), other);
        }
    }
    Ok(Value::Object(document))
}

/// Returns the document as text; the table format gets JSON.
///
/// # Errors
/// When it can't be serialized.
pub fn render(value: &Value, format: Format) -> Result<String, Error> {
    Ok(match format {
        Format::Yaml => serde_saphyr::to_string(value)?,
        Format::Json | Format::Table => serde_json::to_string_pretty(value)?,
    })
}

/// Returns `value` with every string, keys excepted, passed through `change`.
pub fn map_strings(value: Value, change: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(change(&text)),
        Value::Array(items) => items
            .into_iter()
            .map(|item| map_strings(item, change))
            .collect(),
        Value::Object(entries) => entries
            .into_iter()
            .map(|(key, item)| (key, map_strings(item, change)))
            .collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_schema_comes_first() {
        let value = with_schema("swarmctl/x/1", &json!({"a": 1})).unwrap();
        assert_eq!(value.to_string(), r#"{"schema":"swarmctl/x/1","a":1}"#);
        let value = with_schema("swarmctl/x/1", &[1, 2]).unwrap();
        assert_eq!(
            value.to_string(),
            r#"{"schema":"swarmctl/x/1","items":[1,2]}"#
        );
    }

    #[test]
    fn yaml_reads_back_as_the_same_value() {
        let value = json!({"a": "no", "b": ["017", 1, null, "x: y"], "c": {"d": "two\nlines\n"}});
        let text = render(&value, Format::Yaml).unwrap();
        let back: Value = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(back, value, "{text}");
    }
}
