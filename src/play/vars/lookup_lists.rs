//! Lookups that work on values: what the `with_…` loops are made of.

use minijinja::{Error, Value as Jinja, value::Kwargs};

use super::{Scope, lookup::failure};
use crate::select;

/// A sequence has no more items than this; it stops a mistyped end.
const LONGEST: i64 = 1_000_000;

pub(super) fn find(
    name: &str,
    terms: &[Jinja],
    options: &Kwargs,
    scope: &Scope,
) -> Result<Vec<Jinja>, Error> {
    Ok(match name {
        "items" => flattened(terms, Some(1)),
        "flattened" => flattened(terms, None),
        "list" => terms.to_vec(),
        "dict" => dict(terms)?,
        "indexed_items" => flattened(terms, Some(1))
            .into_iter()
            .enumerate()
            .map(|(index, item)| Jinja::from(vec![Jinja::from(index), item]))
            .collect(),
        "nested" => nested(terms)?,
        "together" => together(terms)?,
        "subelements" => subelements(terms)?,
        "sequence" => sequence(terms, options)?,
        "random_choice" => random(terms),
        "inventory_hostnames" => {
            let pattern: Vec<String> = terms.iter().map(Jinja::to_string).collect();
            let roster = scope.0.world.roster();
            select::select(&pattern.join(","), None, roster.as_ref())
                .unwrap_or_default()
                .into_iter()
                .map(Jinja::from)
                .collect()
        }
        "vars" => vars(terms, options, scope)?,
        "varnames" => varnames(terms, scope)?,
        _ => return Err(failure(format!("there is no lookup `{name}`"))),
    })
}

fn is_list(value: &Jinja) -> bool {
    matches!(
        value.kind(),
        minijinja::value::ValueKind::Seq | minijinja::value::ValueKind::Iterable
    )
}

fn items(value: &Jinja) -> Vec<Jinja> {
    if is_list(value) {
        value.try_iter().map(Iterator::collect).unwrap_or_default()
    } else {
        vec![value.clone()]
    }
}

/// Takes lists apart, `levels` deep or as deep as they go.
fn flattened(terms: &[Jinja], levels: Option<usize>) -> Vec<Jinja> {
    let mut flat = Vec::new();
    for term in terms {
        if is_list(term) && levels != Some(0) {
            let inner = items(term);
            flat.extend(flattened(&inner, levels.map(|levels| levels - 1)));
        } else {
            flat.push(term.clone());
        }
    }
    flat
}

fn dict(terms: &[Jinja]) -> Result<Vec<Jinja>, Error> {
    let mut pairs = Vec::new();
    for term in flattened(terms, Some(1)) {
        if term.kind() != minijinja::value::ValueKind::Map {
            return Err(failure("`dict` needs a mapping"));
        }
        for key in term.try_iter()? {
            let value = term.get_item(&key)?;
            pairs.push(Jinja::from_pairs([("key", key), ("value", value)]));
        }
    }
    Ok(pairs)
}

/// Combines each item of each list with each of the others.
fn nested(terms: &[Jinja]) -> Result<Vec<Jinja>, Error> {
    if terms.is_empty() {
        return Err(failure("`nested` needs lists"));
    }
    let mut rows: Vec<Vec<Jinja>> = vec![Vec::new()];
    for term in terms {
        let choices = items(term);
        rows = rows
            .iter()
            .flat_map(|row| {
                choices.iter().map(move |choice| {
                    let mut row = row.clone();
                    row.push(choice.clone());
                    row
                })
            })
            .collect();
    }
    Ok(rows.into_iter().map(Jinja::from).collect())
}

/// Puts the first items of all lists together, then the second ones, and so on.
fn together(terms: &[Jinja]) -> Result<Vec<Jinja>, Error> {
    if terms.is_empty() {
        return Err(failure("`together` needs lists"));
    }
    let lists: Vec<Vec<Jinja>> = terms.iter().map(items).collect();
    let longest = lists.iter().map(Vec::len).max().unwrap_or(0);
    Ok((0..longest)
        .map(|index| {
            let row: Vec<Jinja> = lists
                .iter()
                .map(|list| list.get(index).cloned().unwrap_or(Jinja::from(())))
                .collect();
            Jinja::from(row)
        })
        .collect())
}

/// Pairs each element of a list with each item of a list within it.
fn subelements(terms: &[Jinja]) -> Result<Vec<Jinja>, Error> {
    let [elements, path, rest @ ..] = terms else {
        return Err(failure("`subelements` needs a list and a key"));
    };
    let skip_missing = rest.first().is_some_and(|options| {
        options
            .get_attr("skip_missing")
            .is_ok_and(|flag| flag.is_true())
    });
    let path = path.to_string();
    let mut pairs = Vec::new();
    for element in items(elements) {
        let mut inner = element.clone();
        for part in path.split('.') {
            inner = inner.get_attr(part)?;
        }
        if inner.is_undefined() {
            if skip_missing {
                continue;
            }
            return Err(failure(format!("an element has no `{path}`")));
        }
        for item in items(&inner) {
            pairs.push(Jinja::from(vec![element.clone(), item]));
        }
    }
    Ok(pairs)
}

/// `start=1 end=5 stride=2 format=web%02d`, `1-5`, or `count=4`.
fn sequence(terms: &[Jinja], options: &Kwargs) -> Result<Vec<Jinja>, Error> {
    let (mut start, mut end, mut stride, mut count) = (1_i64, None, None, None);
    let mut format: Option<String> = options.get("format")?;
    let mut set = |name: &str, value: &str| -> Result<(), Error> {
        let number = |text: &str| {
            let (digits, radix) = match text.strip_prefix("0x") {
                Some(hex) => (hex, 16),
                None => (text, 10),
            };
            i64::from_str_radix(digits, radix)
                .map_err(|_| failure(format!("`{name}` of `sequence` is a number")))
        };
        match name {
            "start" => start = number(value)?,
            "end" => end = Some(number(value)?),
            "stride" => stride = Some(number(value)?),
            "count" => count = Some(number(value)?),
            "format" => format = Some(value.to_owned()),
            _ => return Err(failure(format!("`sequence` has no `{name}`"))),
        }
        Ok(())
    };
    for name in ["start", "end", "stride", "count"] {
        if let Some(value) = options.get::<Option<i64>>(name)? {
            set(name, &value.to_string())?;
        }
    }
    for term in terms {
        for word in term.to_string().split_whitespace() {
            match word.split_once('=') {
                Some((name, value)) => set(name, value)?,
                None => {
                    let (range, step) = word.split_once('/').unwrap_or((word, "1"));
                    let (first, last) = range.split_once('-').unwrap_or(("1", range));
                    set("start", first)?;
                    set("end", last)?;
                    set("stride", step)?;
                }
            }
        }
    }
    let stride = stride.unwrap_or(1);
    let end = match (end, count) {
        (Some(end), _) => end,
        (None, Some(0)) => return Ok(Vec::new()),
        (None, Some(count)) => start + (count - 1) * stride,
        (None, None) => return Err(failure("`sequence` needs `end` or `count`")),
    };
    if stride == 0 || (end - start) / stride >= LONGEST {
        return Err(failure("the sequence is too long"));
    }
    let mut numbers = Vec::new();
    let mut number = start;
    while (stride > 0 && number <= end) || (stride < 0 && number >= end) {
        let text = format
            .as_deref()
            .map_or_else(|| number.to_string(), |format| formatted(format, number));
        numbers.push(Jinja::from(text));
        number += stride;
    }
    Ok(numbers)
}

/// Formats a number as C's printf does: `%02d`, `%x`.
fn formatted(format: &str, number: i64) -> String {
    let Some((before, spec)) = format.split_once('%') else {
        return format.to_owned();
    };
    let end = spec
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(spec.len());
    let (width, rest) = spec.split_at(end);
    let fill = width.starts_with('0');
    let width: usize = width.parse().unwrap_or(0).min(64);
    let mut kinds = rest.chars();
    let text = match kinds.next() {
        Some('x') => format!("{number:x}"),
        Some('X') => format!("{number:X}"),
        Some('o') => format!("{number:o}"),
        Some('%') => return format!("{before}%{}", kinds.as_str()),
        _ => number.to_string(),
    };
    let padding = width.saturating_sub(text.len());
    let padding = if fill { "0" } else { " " }.repeat(padding);
    format!("{before}{padding}{text}{}", kinds.as_str())
}

fn random(terms: &[Jinja]) -> Vec<Jinja> {
    use std::hash::{BuildHasher as _, RandomState};
    if terms.is_empty() {
        return Vec::new();
    }
    let number = RandomState::new().hash_one(0_u8);
    let index = usize::try_from(number).unwrap_or(0) % terms.len();
    terms.get(index).cloned().into_iter().collect()
}

fn vars(terms: &[Jinja], options: &Kwargs, scope: &Scope) -> Result<Vec<Jinja>, Error> {
    let default = options.get::<Option<Jinja>>("default")?;
    terms
        .iter()
        .map(|name| {
            let name = name.to_string();
            let value = scope
                .0
                .variable(&name)
                .filter(|value| !value.is_undefined());
            value
                .or_else(|| default.clone())
                .ok_or_else(|| failure(format!("`{name}` is undefined")))
        })
        .collect()
}

fn varnames(terms: &[Jinja], scope: &Scope) -> Result<Vec<Jinja>, Error> {
    let mut names = Vec::new();
    for term in terms {
        let pattern = fancy_regex::Regex::new(&term.to_string())
            .map_err(|_| failure("`varnames` needs a regular expression"))?;
        for name in scope.0.names() {
            if pattern.is_match(name).unwrap_or(false) {
                names.push(Jinja::from(name));
            }
        }
    }
    Ok(names)
}
