use minijinja::{Value as Jinja, value::ValueKind};
use serde_json::{Map, Value as Json};

use super::omit::is_omit;
use crate::template;

/// Returns a rendered value as JSON; `None` for `omit`, which is left out of lists
/// and mappings, too.
///
/// # Errors
/// A fragment, when the value is undefined or no data.
pub fn to_json(value: &Jinja) -> Result<Option<Json>, String> {
    if is_omit(value) {
        return Ok(None);
    }
    Ok(Some(match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => {
            let mut items = Vec::new();
            for item in value.try_iter().map_err(fragment)? {
                items.extend(to_json(&item)?);
            }
            Json::Array(items)
        }
        ValueKind::Map => {
            let mut map = Map::new();
            for key in value.try_iter().map_err(fragment)? {
                let item = value.get_item(&key).map_err(fragment)?;
                if let Some(item) = to_json(&item)? {
                    map.insert(key.to_string(), item);
                }
            }
            Json::Object(map)
        }
        _ => template::to_json(value)?,
    }))
}

/// Returns JSON as a template value.
pub fn json_to_jinja(json: &Json) -> Jinja {
    template::from_json(json)
}

fn fragment(error: minijinja::Error) -> String {
    error
        .detail()
        .map_or_else(|| error.kind().to_string(), str::to_owned)
}
