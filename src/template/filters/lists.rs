use std::collections::HashSet;

use minijinja::{
    Environment, Error, Value,
    value::{Kwargs, Rest, ValueKind, ValueOrKwargs, from_args},
};

use super::{add, failure};
use crate::template::python;

/// The most items that a filter may make out of its arguments.
const MOST: usize = 1_000_000;

/// Adds `union`, `intersect`, `difference`, `symmetric_difference`, `unique`,
/// `flatten`, `product`, `zip_longest`, `join`.
pub(super) fn register(environment: &mut Environment<'static>) {
    add(environment, "union", union);
    add(environment, "intersect", intersect);
    add(environment, "difference", difference);
    add(environment, "symmetric_difference", symmetric_difference);
    add(environment, "unique", unique);
    add(environment, "flatten", flatten);
    add(environment, "product", product);
    add(environment, "zip_longest", zip_longest);
    add(environment, "join", join);
}

/// The items of a list in their order, each once. Sets of values make the set
/// operations linear.
fn distinct(value: &Value) -> Result<(Vec<Value>, HashSet<Value>), Error> {
    let mut seen = HashSet::new();
    let mut items = Vec::new();
    for item in value.try_iter()? {
        if seen.insert(item.clone()) {
            items.push(item);
        }
    }
    Ok((items, seen))
}

fn union(one: &Value, other: &Value) -> Result<Vec<Value>, Error> {
    let (mut items, mut seen) = distinct(one)?;
    for item in other.try_iter()? {
        if seen.insert(item.clone()) {
            items.push(item);
        }
    }
    Ok(items)
}

fn intersect(one: &Value, other: &Value) -> Result<Vec<Value>, Error> {
    let (items, _) = distinct(one)?;
    let (_, others) = distinct(other)?;
    Ok(items
        .into_iter()
        .filter(|item| others.contains(item))
        .collect())
}

fn difference(one: &Value, other: &Value) -> Result<Vec<Value>, Error> {
    let (items, _) = distinct(one)?;
    let (_, others) = distinct(other)?;
    Ok(items
        .into_iter()
        .filter(|item| !others.contains(item))
        .collect())
}

fn symmetric_difference(one: &Value, other: &Value) -> Result<Vec<Value>, Error> {
    let mut items = difference(one, other)?;
    items.extend(difference(other, one)?);
    Ok(items)
}

/// Returns each item once; letters' case makes no difference unless told so.
fn unique(
    value: &Value,
    case_sensitive: Option<bool>,
    options: Kwargs,
) -> Result<Vec<Value>, Error> {
    let option: Option<bool> = options.get("case_sensitive")?;
    let attribute: Option<String> = options.get("attribute")?;
    options.assert_all_used()?;
    let case_sensitive = case_sensitive.or(option).unwrap_or(false);
    let mut seen = HashSet::new();
    let mut items = Vec::new();
    for item in value.try_iter()? {
        let mut key = match &attribute {
            Some(attribute) => item.get_attr(attribute)?,
            None => item.clone(),
        };
        if let (false, Some(text)) = (case_sensitive, key.as_str()) {
            key = Value::from(text.to_lowercase());
        }
        if seen.insert(key) {
            items.push(item);
        }
    }
    Ok(items)
}

fn flatten(value: &Value, levels: Option<usize>, options: Kwargs) -> Result<Vec<Value>, Error> {
    let option: Option<usize> = options.get("levels")?;
    let skip_nulls: Option<bool> = options.get("skip_nulls")?;
    options.assert_all_used()?;
    let levels = levels.or(option).unwrap_or(usize::MAX);
    let mut flat = Vec::new();
    flatten_into(value, levels, skip_nulls.unwrap_or(true), &mut flat)?;
    Ok(flat)
}

fn flatten_into(
    value: &Value,
    levels: usize,
    skip_nulls: bool,
    flat: &mut Vec<Value>,
) -> Result<(), Error> {
    for item in value.try_iter()? {
        match item.kind() {
            ValueKind::None if skip_nulls => {}
            ValueKind::Seq | ValueKind::Iterable if levels > 0 => {
                flatten_into(&item, levels - 1, skip_nulls, flat)?;
            }
            _ => flat.push(item),
        }
    }
    Ok(())
}

fn product(first: &Value, others: Rest<Value>) -> Result<Vec<Value>, Error> {
    let mut rows: Vec<Vec<Value>> = first.try_iter()?.map(|item| vec![item]).collect();
    for other in others.iter() {
        let items: Vec<Value> = other.try_iter()?.collect();
        if rows.len().saturating_mul(items.len()) > MOST {
            return Err(failure("the product has too many items"));
        }
        rows = rows
            .iter()
            .flat_map(|row| {
                items.iter().map(move |item| {
                    let mut longer = row.clone();
                    longer.push(item.clone());
                    longer
                })
            })
            .collect();
    }
    Ok(rows.into_iter().map(Value::from).collect())
}

fn zip_longest(first: &Value, args: Rest<ValueOrKwargs>) -> Result<Vec<Value>, Error> {
    let args = args.into_values();
    let (others, options) = from_args::<(&[Value], Kwargs)>(&args)?;
    let fill: Option<Value> = options.get("fillvalue")?;
    options.assert_all_used()?;
    let fill = fill.unwrap_or(Value::from(()));
    let columns: Vec<Vec<Value>> = std::iter::once(first)
        .chain(others)
        .map(|column| column.try_iter().map(Iterator::collect))
        .collect::<Result<_, Error>>()?;
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    Ok((0..rows)
        .map(|row| {
            let cells = columns
                .iter()
                .map(|column| column.get(row).unwrap_or(&fill).clone());
            Value::from(cells.collect::<Vec<_>>())
        })
        .collect())
}

/// Joins items as Python shows them.
fn join(
    value: &Value,
    separator: Option<String>,
    attribute: Option<String>,
    options: Kwargs,
) -> Result<String, Error> {
    let separator_option: Option<String> = options.get("d")?;
    let attribute = attribute.or(options.get("attribute")?);
    options.assert_all_used()?;
    let separator = separator.or(separator_option).unwrap_or_default();
    let mut text = String::new();
    for (i, item) in value.try_iter()?.enumerate() {
        if i > 0 {
            text.push_str(&separator);
        }
        let item = match &attribute {
            Some(attribute) => item.get_attr(attribute)?,
            None => item,
        };
        if item.is_undefined() {
            return Err(failure("an item to join is undefined"));
        }
        if item.is_none() {
            text.push_str("None");
        } else {
            python::write_str(&mut text, &item).map_err(|_| failure("an item has no text"))?;
        }
    }
    Ok(text)
}
