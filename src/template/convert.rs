use minijinja::value::{Value, ValueKind};
use serde_json::{Map, Number, Value as Json};

/// Returns a template value as JSON.
///
/// # Errors
///
/// Fails, with a lower-case fragment, on undefined values and numbers that JSON
/// can't hold.
pub fn to_json(value: &Value) -> Result<Json, String> {
    Ok(match value.kind() {
        ValueKind::None => Json::Null,
        ValueKind::Bool => Json::Bool(value.is_true()),
        ValueKind::Number => number(value)?,
        ValueKind::String => Json::String(value.as_str().unwrap_or_default().to_owned()),
        ValueKind::Bytes => {
            let bytes = value.as_bytes().unwrap_or_default();
            Json::String(String::from_utf8_lossy(bytes).into_owned())
        }
        ValueKind::Seq | ValueKind::Iterable => Json::Array(
            value
                .try_iter()
                .map_err(|error| fragment(&error))?
                .map(|item| to_json(&item))
                .collect::<Result<_, _>>()?,
        ),
        ValueKind::Map => {
            let mut map = Map::new();
            for key in value.try_iter().map_err(|error| fragment(&error))? {
                let item = value.get_item(&key).map_err(|error| fragment(&error))?;
                map.insert(key.to_string(), to_json(&item)?);
            }
            Json::Object(map)
        }
        ValueKind::Undefined => return Err("the value is undefined".to_owned()),
        kind => return Err(format!("a {kind} is no data")),
    })
}

/// Returns what went wrong without the template's name.
fn fragment(error: &minijinja::Error) -> String {
    error
        .detail()
        .map_or_else(|| error.kind().to_string(), str::to_owned)
}

fn number(value: &Value) -> Result<Json, String> {
    if value.is_integer() {
        if let Some(number) = value.as_i64() {
            return Ok(Json::Number(number.into()));
        }
        if let Ok(number) = u64::try_from(value.clone()) {
            return Ok(Json::Number(number.into()));
        }
        return Err("the number has more than 64 bits".to_owned());
    }
    f64::try_from(value.clone())
        .ok()
        .and_then(Number::from_f64)
        .map(Json::Number)
        .ok_or_else(|| "the number is not finite".to_owned())
}

/// Returns JSON as a template value, mappings in their order.
pub fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::from(()),
        Json::Bool(flag) => Value::from(*flag),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Value::from(number),
            (None, Some(number)) => Value::from(number),
            (None, None) => Value::from(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => Value::from(items.iter().map(from_json).collect::<Vec<_>>()),
        Json::Object(map) => Value::from_pairs(
            map.iter()
                .map(|(key, item)| (key.as_str(), from_json(item))),
        ),
    }
}
