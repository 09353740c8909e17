use minijinja::{Environment, Error, Value, value::Kwargs};
use serde::Serialize as _;
use serde_json::{Value as Json, ser::PrettyFormatter};

use super::{add, failure};
use crate::template::{convert, yaml};

/// Adds `to_json`, `to_nice_json`, `to_yaml`, `to_nice_yaml`, `from_json` and `from_yaml`.
pub(super) fn register(environment: &mut Environment<'static>) {
    add(environment, "to_json", to_json);
    add(environment, "to_nice_json", to_nice_json);
    add(environment, "to_yaml", to_yaml);
    add(environment, "to_nice_yaml", to_nice_yaml);
    add(environment, "from_json", from_json);
    add(environment, "from_yaml", from_yaml);
}

/// Returns one line of JSON with Python's separators, `, ` and `: `.
fn to_json(value: &Value, options: Kwargs) -> Result<String, Error> {
    let sort: Option<bool> = options.get("sort_keys")?;
    let indent: Option<usize> = options.get("indent")?;
    let ascii: Option<bool> = options.get("ensure_ascii")?;
    options.assert_all_used()?;
    let mut json = convert::to_json(value).map_err(failure)?;
    if sort.unwrap_or(false) {
        sort_keys(&mut json);
    }
    let text = match indent {
        Some(indent) => pretty(&json, indent)?,
        None => {
            let mut text = String::new();
            compact(&json, &mut text)?;
            text
        }
    };
    Ok(if ascii.unwrap_or(true) {
        to_ascii(&text)
    } else {
        text
    })
}

/// Returns JSON with sorted keys on many lines, four spaces deep by default.
fn to_nice_json(value: &Value, options: Kwargs) -> Result<String, Error> {
    let indent: Option<usize> = options.get("indent")?;
    let sort: Option<bool> = options.get("sort_keys")?;
    let ascii: Option<bool> = options.get("ensure_ascii")?;
    options.assert_all_used()?;
    let mut json = convert::to_json(value).map_err(failure)?;
    if sort.unwrap_or(true) {
        sort_keys(&mut json);
    }
    let text = pretty(&json, indent.unwrap_or(4))?;
    Ok(if ascii.unwrap_or(true) {
        to_ascii(&text)
    } else {
        text
    })
}

/// Returns JSON with `\u` escapes for all that isn't ASCII, as Python writes it.
fn to_ascii(json: &str) -> String {
    let mut ascii = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            ascii.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                ascii.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    ascii
}

/// Returns YAML in block style with sorted keys. Ansible puts the innermost lists and
/// mappings on one line here; the data is the same.
fn to_yaml(value: &Value, options: Kwargs) -> Result<String, Error> {
    write_yaml(value, &options, 2)
}

/// Returns YAML in block style with sorted keys, four spaces deep by default.
fn to_nice_yaml(value: &Value, options: Kwargs) -> Result<String, Error> {
    write_yaml(value, &options, 4)
}

fn write_yaml(value: &Value, options: &Kwargs, indent: usize) -> Result<String, Error> {
    let sort: Option<bool> = options.get("sort_keys")?;
    let given: Option<usize> = options.get("indent")?;
    // These only change the looks, and are taken without effect.
    for looks in [
        "width",
        "default_flow_style",
        "explicit_start",
        "allow_unicode",
    ] {
        let _: Option<Value> = options.get(looks)?;
    }
    options.assert_all_used()?;
    let mut json = convert::to_json(value).map_err(failure)?;
    if sort.unwrap_or(true) {
        sort_keys(&mut json);
    }
    Ok(yaml::to_yaml_indented(
        &json,
        given.unwrap_or(indent).clamp(2, 9),
    ))
}

fn from_json(text: &str) -> Result<Value, Error> {
    let json: Json = serde_json::from_str(text).map_err(|error| {
        failure(format!(
            "not JSON, at line {} column {}",
            error.line(),
            error.column()
        ))
    })?;
    Ok(convert::from_json(&json))
}

fn from_yaml(value: &Value) -> Result<Value, Error> {
    let Some(text) = value.as_str() else {
        return Ok(value.clone());
    };
    // The parser's own message would quote the text, which may be secret.
    let json = yaml::from_yaml(text).map_err(|at| failure(format!("not YAML{at}")))?;
    Ok(convert::from_json(&json))
}

fn pretty(json: &Json, indent: usize) -> Result<String, Error> {
    let spaces = " ".repeat(indent.min(16));
    let mut bytes = Vec::new();
    let formatter = PrettyFormatter::with_indent(spaces.as_bytes());
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
    json.serialize(&mut serializer)
        .map_err(|_| failure("the value is no JSON"))?;
    String::from_utf8(bytes).map_err(|_| failure("the value is no JSON"))
}

fn compact(json: &Json, text: &mut String) -> Result<(), Error> {
    match json {
        Json::Array(items) => {
            text.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    text.push_str(", ");
                }
                compact(item, text)?;
            }
            text.push(']');
        }
        Json::Object(map) => {
            text.push('{');
            for (i, (key, item)) in map.iter().enumerate() {
                if i > 0 {
                    text.push_str(", ");
                }
                text.push_str(&Json::String(key.clone()).to_string());
                text.push_str(": ");
                compact(item, text)?;
            }
            text.push('}');
        }
        scalar => text.push_str(&scalar.to_string()),
    }
    Ok(())
}

fn sort_keys(json: &mut Json) {
    match json {
        Json::Array(items) => items.iter_mut().for_each(sort_keys),
        Json::Object(map) => {
            map.sort_keys();
            map.values_mut().for_each(sort_keys);
        }
        _ => {}
    }
}
