//! Ansible's conversions of argument values.

use serde_json::{Map, Number, Value};

use super::module::ArgKind;

/// Returns a value converted to a kind, or what it should have been.
pub(super) fn coerce(kind: ArgKind, value: &Value) -> Result<Value, String> {
    let converted = match kind {
        ArgKind::Str | ArgKind::Path => Value::String(text(value)?),
        ArgKind::Bool => Value::Bool(boolean(value).ok_or_else(|| {
            format!(
                "must be a boolean (yes, no, true, false, on, off, 1, 0), not {}",
                shown(value)
            )
        })?),
        ArgKind::Int => Value::Number(
            integer(value)
                .ok_or_else(|| format!("must be an integer, not {}", shown(value)))?
                .into(),
        ),
        ArgKind::Float => float(value)
            .map(Value::Number)
            .ok_or_else(|| format!("must be a number, not {}", shown(value)))?,
        ArgKind::Mode => Value::String(super::mode::canonical(value)?),
        ArgKind::List => Value::Array(
            list(value)?
                .iter()
                .map(|item| text(item).map(Value::String))
                .collect::<Result<_, _>>()?,
        ),
        ArgKind::Items | ArgKind::Conditions => match value {
            Value::Array(_) => value.clone(),
            other => Value::Array(vec![other.clone()]),
        },
        ArgKind::Dict => Value::Object(dict(value)?),
        ArgKind::Raw | ArgKind::Expression => value.clone(),
        ArgKind::Choice(choices) => Value::String(choice(choices, value)?),
        ArgKind::Choices(choices) => Value::Array(
            list(value)?
                .iter()
                .map(|item| choice(choices, item).map(Value::String))
                .collect::<Result<_, _>>()?,
        ),
    };
    if has_nul(&converted) {
        return Err("holds a NUL byte, which no program can be given".to_owned());
    }
    Ok(converted)
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(map) => map
            .iter()
            .any(|(key, item)| key.contains('\0') || has_nul(item)),
        _ => false,
    }
}

/// Returns a scalar as Python's `str()` shows it, and anything else as JSON.
pub(super) fn text(value: &Value) -> Result<String, String> {
    Ok(match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        // Ansible writes Python's repr here; nobody means that.
        Value::Array(_) | Value::Object(_) => {
            return Err(format!("must be text, not {}", shown(value)));
        }
    })
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => match number.as_f64() {
            Some(1.0) => Some(true),
            Some(0.0) => Some(false),
            _ => None,
        },
        Value::String(text) => match text.trim().to_lowercase().as_str() {
            "y" | "yes" | "on" | "1" | "true" | "t" | "1.0" => Some(true),
            "n" | "no" | "off" | "0" | "false" | "f" | "0.0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn integer(value: &Value) -> Option<i64> {
    let whole = |number: f64| {
        let in_range = number.fract() == 0.0 && number.abs() < 9.0e15;
        // The range was looked at just now.
        #[expect(clippy::cast_possible_truncation, reason = "whole and in range")]
        in_range.then_some(number as i64)
    };
    match value {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(whole)),
        Value::String(text) => {
            let text = text.trim();
            text.parse()
                .ok()
                .or_else(|| text.parse().ok().and_then(whole))
        }
        Value::Bool(flag) => Some(i64::from(*flag)),
        _ => None,
    }
}

fn float(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => Number::from_f64(text.trim().parse().ok()?),
        _ => None,
    }
}

fn list(value: &Value) -> Result<Vec<Value>, String> {
    match value {
        Value::Array(items) => Ok(items.clone()),
        Value::String(text) => Ok(text.split(',').map(Value::from).collect()),
        Value::Number(number) => Ok(vec![Value::String(number.to_string())]),
        other => Err(format!("must be a list, not {}", shown(other))),
    }
}

fn dict(value: &Value) -> Result<Map<String, Value>, String> {
    match value {
        Value::Object(map) => Ok(map.clone()),
        Value::String(text) if text.starts_with('{') => serde_json::from_str(text)
            .map_err(|_| "must be a mapping, and the text is no JSON object".to_owned()),
        Value::String(text) if text.contains('=') => {
            super::words::pairs(text).ok_or_else(|| "must be a mapping".to_owned())
        }
        other => Err(format!("must be a mapping, not {}", shown(other))),
    }
}

fn choice(choices: &[&str], value: &Value) -> Result<String, String> {
    let text = text(value)?;
    if choices.contains(&text.as_str()) {
        return Ok(text);
    }
    // YAML reads `no` and `on` as booleans; Ansible maps them back.
    if let Some(flag) = value.as_bool() {
        let mut same = choices
            .iter()
            .filter(|choice| boolean(&Value::from(**choice)) == Some(flag));
        if let (Some(one), None) = (same.next(), same.next()) {
            return Ok((*one).to_owned());
        }
    }
    Err(format!(
        "must be one of {}, not {}",
        choices.join(", "),
        shown(value)
    ))
}

/// Returns what a value is, for an error; never the text itself, which may be secret.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.len() <= 40 && !text.contains('\n') => format!("`{text}`"),
        Value::String(_) => "this text".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a mapping".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn booleans_are_ansibles() {
        for (value, flag) in [
            (json!("Yes"), Some(true)),
            (json!("off"), Some(false)),
            (json!(1), Some(true)),
            (json!(" t "), Some(true)),
            (json!("2"), None),
            (json!([]), None),
        ] {
            assert_eq!(boolean(&value), flag, "{value}");
        }
    }

    #[test]
    fn lists_are_cut_at_commas_and_choices_find_booleans() {
        assert_eq!(coerce(ArgKind::List, &json!("a,b")), Ok(json!(["a", "b"])));
        assert_eq!(
            coerce(ArgKind::Choice(&["yes", "no"]), &json!(true)),
            Ok(json!("yes"))
        );
        assert!(coerce(ArgKind::Str, &json!("a\0b")).is_err());
        assert_eq!(coerce(ArgKind::Int, &json!("12")), Ok(json!(12)));
        assert!(coerce(ArgKind::Int, &json!("1.5")).is_err());
    }
}
