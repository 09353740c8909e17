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
    add(environment, "to_nice_yaml", to_yaml);
    add(environment, "from_json", from_json);
    add(environment, "from_yaml", from_yaml);
}

/// Returns one line of JSON with Python's separators, `, ` and `: `.
fn to_json(value: &Value, options: Kwargs) -> Result<String, Error> {
    let sort: Option<bool> = options.get("sort_keys")?;
    let indent: Option<usize> = options.get("indent")?;
    let _: Option<bool> = options.get("ensure_ascii")?;
    options.assert_all_used()?;
    let mut json = convert::to_json(value).map_err(failure)?;
    if sort.unwrap_or(false) {
        sort_keys(&mut json);
    }
    match indent {
        Some(indent) => pretty(&json, indent),
        None => {
            let mut text = String::new();
            compact(&json, &mut text)?;
            Ok(text)
        }
    }
}

/// Returns JSON with sorted keys on many lines, four spaces deep by default.
fn to_nice_json(value: &Value, options: Kwargs) -> Result<String, Error> {
    let indent: Option<usize> = options.get("indent")?;
    let sort: Option<bool> = options.get("sort_keys")?;
    let _: Option<bool> = options.get("ensure_ascii")?;
    options.assert_all_used()?;
    let mut json = convert::to_json(value).map_err(failure)?;
    if sort.unwrap_or(true) {
        sort_keys(&mut json);
    }
    pretty(&json, indent.unwrap_or(4))
}

/// Returns YAML in block style with sorted keys, as Ansible does; `indent`, `width`
/// and the like only change the looks and are taken without effect.
fn to_yaml(value: &Value, options: Kwargs) -> Result<String, Error> {
    let sort: Option<bool> = options.get("sort_keys")?;
    for looks in [
        "indent",
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
    Ok(yaml::to_yaml(&json))
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
