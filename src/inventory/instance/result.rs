use minijinja::{Value as Jinja, value::ValueKind};

use crate::{
    inventory::{Entry, Map, Node, Value},
    plan::Place,
};

/// Returns what a template gave as a value of the inventory, all of it at `place`.
pub(super) fn to_value(value: &Jinja, place: &Place) -> Result<Value, String> {
    Ok(match value.kind() {
        ValueKind::None => Value::Null,
        ValueKind::Bool => Value::Bool(value.is_true()),
        ValueKind::Number if value.is_integer() => Value::Int(
            value
                .as_i64()
                .ok_or_else(|| "the number has more than 64 bits".to_owned())?,
        ),
        ValueKind::Number => {
            Value::Float(f64::try_from(value.clone()).map_err(|_| "no number".to_owned())?)
        }
        // What a template gave isn't a template again.
        ValueKind::String => Value::Unsafe(value.as_str().unwrap_or_default().to_owned()),
        ValueKind::Seq | ValueKind::Iterable => Value::Seq(
            value
                .try_iter()
                .map_err(|error| error.kind().to_string())?
                .map(|item| Ok(Node::new(to_value(&item, place)?, place.clone())))
                .collect::<Result<_, String>>()?,
        ),
        ValueKind::Map => {
            let mut map = Map::new();
            for key in value.try_iter().map_err(|error| error.kind().to_string())? {
                let item = value
                    .get_item(&key)
                    .map_err(|error| error.kind().to_string())?;
                let node = Node::new(to_value(&item, place)?, place.clone());
                let key_place = place.clone();
                map.insert(key.to_string(), Entry { key_place, node });
            }
            Value::Map(map)
        }
        kind => return Err(format!("the template gives a {kind}, which is no data")),
    })
}
