use minijinja::{
    Environment, Error, Value,
    value::{Kwargs, Rest, ValueKind, ValueOrKwargs, from_args},
};

use super::{add, failure};

/// Adds `combine`, `dict2items`, `items2dict`, `extract`.
pub(super) fn register(environment: &mut Environment<'static>) {
    add(environment, "combine", combine);
    add(environment, "dict2items", dict2items);
    add(environment, "items2dict", items2dict);
    add(environment, "extract", extract);
}

/// How `combine` treats two lists under one key.
#[derive(Clone, Copy)]
enum ListMerge {
    Replace,
    Keep,
    Append,
    Prepend,
    AppendNew,
    PrependNew,
}

impl ListMerge {
    fn named(name: &str) -> Result<Self, Error> {
        Ok(match name {
            "replace" => Self::Replace,
            "keep" => Self::Keep,
            "append" => Self::Append,
            "prepend" => Self::Prepend,
            "append_rp" => Self::AppendNew,
            "prepend_rp" => Self::PrependNew,
            other => return Err(failure(format!("combine has no list_merge `{other}`"))),
        })
    }
}

/// Merges mappings, or lists of them, from left to right.
fn combine(first: &Value, args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let args = args.into_values();
    let (others, options) = from_args::<(&[Value], Kwargs)>(&args)?;
    let recursive: bool = options.get::<Option<bool>>("recursive")?.unwrap_or(false);
    let list_merge: Option<String> = options.get("list_merge")?;
    options.assert_all_used()?;
    let list_merge = ListMerge::named(list_merge.as_deref().unwrap_or("replace"))?;
    let mut combined = Value::from_pairs(Vec::<(Value, Value)>::new());
    for value in std::iter::once(first).chain(others) {
        let parts = match value.kind() {
            ValueKind::Map => vec![value.clone()],
            ValueKind::Seq | ValueKind::Iterable => value.try_iter()?.collect(),
            kind => return Err(failure(format!("combine takes mappings, not a {kind}"))),
        };
        for part in parts {
            combined = merged(&combined, &part, recursive, list_merge)?;
        }
    }
    Ok(combined)
}

fn merged(
    one: &Value,
    other: &Value,
    recursive: bool,
    list_merge: ListMerge,
) -> Result<Value, Error> {
    if other.kind() != ValueKind::Map {
        return Err(failure(format!(
            "combine takes mappings, not a {}",
            other.kind()
        )));
    }
    let mut pairs = pairs(one)?;
    for (key, new) in self::pairs(other)? {
        match pairs.iter_mut().find(|(known, _)| *known == key) {
            None => pairs.push((key, new)),
            Some((_, old)) => {
                *old = match (old.kind(), new.kind()) {
                    (ValueKind::Map, ValueKind::Map) if recursive => {
                        merged(old, &new, recursive, list_merge)?
                    }
                    (ValueKind::Seq, ValueKind::Seq) => lists(old, &new, list_merge)?,
                    _ => new,
                }
            }
        }
    }
    Ok(Value::from_pairs(pairs))
}

fn lists(old: &Value, new: &Value, list_merge: ListMerge) -> Result<Value, Error> {
    let old_items: Vec<Value> = old.try_iter()?.collect();
    let new_items: Vec<Value> = new.try_iter()?.collect();
    let without = |items: &[Value], others: &[Value]| -> Vec<Value> {
        let kept = items.iter().filter(|item| !others.contains(item));
        kept.cloned().collect()
    };
    Ok(Value::from(match list_merge {
        ListMerge::Replace => new_items,
        ListMerge::Keep => old_items,
        ListMerge::Append => [old_items, new_items].concat(),
        ListMerge::Prepend => [new_items, old_items].concat(),
        ListMerge::AppendNew => [without(&old_items, &new_items), new_items].concat(),
        ListMerge::PrependNew => {
            let old_items = without(&old_items, &new_items);
            [new_items, old_items].concat()
        }
    }))
}

fn pairs(map: &Value) -> Result<Vec<(Value, Value)>, Error> {
    map.try_iter()?
        .map(|key| {
            let value = map.get_item(&key)?;
            Ok((key, value))
        })
        .collect()
}

fn dict2items(map: &Value, options: Kwargs) -> Result<Value, Error> {
    let key_name: Option<String> = options.get("key_name")?;
    let value_name: Option<String> = options.get("value_name")?;
    options.assert_all_used()?;
    if map.kind() != ValueKind::Map {
        return Err(failure(format!(
            "dict2items takes a mapping, not a {}",
            map.kind()
        )));
    }
    let key_name = key_name.unwrap_or_else(|| "key".to_owned());
    let value_name = value_name.unwrap_or_else(|| "value".to_owned());
    let items = pairs(map)?.into_iter().map(|(key, value)| {
        Value::from_pairs([(key_name.as_str(), key), (value_name.as_str(), value)])
    });
    Ok(Value::from(items.collect::<Vec<_>>()))
}

fn items2dict(items: &Value, options: Kwargs) -> Result<Value, Error> {
    let key_name: Option<String> = options.get("key_name")?;
    let value_name: Option<String> = options.get("value_name")?;
    options.assert_all_used()?;
    let key_name = key_name.unwrap_or_else(|| "key".to_owned());
    let value_name = value_name.unwrap_or_else(|| "value".to_owned());
    let pairs: Vec<(Value, Value)> = items
        .try_iter()?
        .map(|item| {
            let (key, value) = (item.get_attr(&key_name)?, item.get_attr(&value_name)?);
            if key.is_undefined() || value.is_undefined() {
                return Err(failure(format!(
                    "items2dict takes items with `{key_name}` and `{value_name}`"
                )));
            }
            Ok((key, value))
        })
        .collect::<Result<_, Error>>()?;
    Ok(Value::from_pairs(pairs))
}

/// Returns `container[key]`, and deeper with more keys; for `map('extract', …)`.
fn extract(key: &Value, container: &Value, more: Option<Value>) -> Result<Value, Error> {
    let mut found = container.get_item(key)?;
    match more {
        Some(keys) if matches!(keys.kind(), ValueKind::Seq | ValueKind::Iterable) => {
            for key in keys.try_iter()? {
                found = found.get_item(&key)?;
            }
        }
        Some(key) if !key.is_none() => found = found.get_item(&key)?,
        _ => {}
    }
    Ok(found)
}
