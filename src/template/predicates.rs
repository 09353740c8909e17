use std::cmp::Ordering;

use minijinja::{
    Environment, Error, ErrorKind, Value,
    functions::Function,
    value::{FunctionArgs, FunctionResult, Kwargs},
};

use super::{filters, python};

/// Adds Ansible's tests that need nothing from the world.
pub(super) fn register(environment: &mut Environment<'static>) {
    add(environment, "match", is_match);
    add(environment, "search", search);
    add(environment, "regex", search);
    add(environment, "version", version);
    add(environment, "version_compare", version);
    add(environment, "contains", contains);
    for name in ["subset", "issubset"] {
        add(environment, name, subset);
    }
    for name in ["superset", "issuperset"] {
        add(environment, name, superset);
    }
    add(environment, "all", all);
    add(environment, "any", any);
    add(environment, "truthy", |value: &Value| value.is_true());
    add(environment, "falsy", |value: &Value| !value.is_true());
    for name in ["failed", "failure"] {
        add(environment, name, failed);
    }
    for name in ["succeeded", "success", "successful"] {
        add(environment, name, |result: &Value| {
            failed(result).map(|failed| !failed)
        });
    }
    for name in ["changed", "change"] {
        add(environment, name, |result: &Value| flag(result, "changed"));
    }
    for name in ["skipped", "skip"] {
        add(environment, name, |result: &Value| flag(result, "skipped"));
    }
    add(environment, "unreachable", |result: &Value| {
        flag(result, "unreachable")
    });
    add(environment, "reachable", |result: &Value| {
        flag(result, "unreachable").map(|unreachable| !unreachable)
    });
}

/// Adds a test under its short and its full name, `ansible.builtin.NAME`.
pub(super) fn add<F, Rv, Args>(environment: &mut Environment<'static>, name: &'static str, test: F)
where
    F: Function<Rv, Args> + Copy,
    Rv: FunctionResult,
    Args: for<'a> FunctionArgs<'a>,
{
    environment.add_test(name, test);
    environment.add_test(format!("ansible.builtin.{name}"), test);
}

fn failure(detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, detail.into())
}

/// Returns whether the text begins with a match, as Python's re.match.
fn is_match(text: &Value, pattern: &str, options: Kwargs) -> Result<bool, Error> {
    find(text, &format!("\\A(?:{pattern})"), &options)
}

fn search(text: &Value, pattern: &str, options: Kwargs) -> Result<bool, Error> {
    find(text, pattern, &options)
}

fn find(text: &Value, pattern: &str, options: &Kwargs) -> Result<bool, Error> {
    let ignore_case = options.get::<Option<bool>>("ignorecase")?.unwrap_or(false);
    let multi_line = options.get::<Option<bool>>("multiline")?.unwrap_or(false);
    options.assert_all_used()?;
    if text.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    let text = python::to_str(text).map_err(|_| failure("the value has no text"))?;
    filters::compile(pattern, ignore_case, multi_line)?
        .is_match(text.as_str())
        .map_err(|_| failure("the regular expression takes too long"))
}

/// Compares versions: `'1.10' is version('1.9', '>')`.
fn version(
    value: &Value,
    other: &Value,
    operator: Option<String>,
    options: Kwargs,
) -> Result<bool, Error> {
    let operator = operator.or(options.get("operator")?);
    let strict: Option<bool> = options.get("strict")?;
    let kind: Option<String> = options.get("version_type")?;
    options.assert_all_used()?;
    // A version before its release (1.0-rc1) is the older one in every scheme but
    // the loose one, where more parts are newer.
    let pre_release = strict == Some(true) || kind.is_some_and(|kind| kind != "loose");
    let ordering = compare(&value.to_string(), &other.to_string(), pre_release);
    Ok(match operator.as_deref().unwrap_or("==") {
        "==" | "=" | "eq" => ordering.is_eq(),
        "!=" | "<>" | "ne" => ordering.is_ne(),
        "<" | "lt" => ordering.is_lt(),
        "<=" | "le" => ordering.is_le(),
        ">" | "gt" => ordering.is_gt(),
        ">=" | "ge" => ordering.is_ge(),
        other => return Err(failure(format!("there is no comparison `{other}`"))),
    })
}

/// A part of a version: digits or letters.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Word(String),
    Number(u64),
}

fn compare(one: &str, other: &str, pre_release: bool) -> Ordering {
    let (one, other) = (parts(one), parts(other));
    for (left, right) in one.iter().zip(&other) {
        match left.cmp(right) {
            Ordering::Equal => {}
            unequal => return unequal,
        }
    }
    let words_follow =
        |parts: &[Part], from: usize| pre_release && matches!(parts.get(from), Some(Part::Word(_)));
    match one.len().cmp(&other.len()) {
        Ordering::Less if words_follow(&other, one.len()) => Ordering::Greater,
        Ordering::Greater if words_follow(&one, other.len()) => Ordering::Less,
        longer => longer,
    }
}

/// Splits a version as Python's LooseVersion: digits, letters, and dots between.
fn parts(version: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = version.trim().split('+').next().unwrap_or_default();
    while let Some(first) = rest.chars().next() {
        let is_digit = first.is_ascii_digit();
        let same = |c: char| c.is_ascii_digit() == is_digit && !matches!(c, '.' | '-');
        let end = rest.find(|c| !same(c)).unwrap_or(rest.len());
        if end == 0 {
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
            continue;
        }
        let (part, after) = rest.split_at(end);
        parts.push(match part.parse() {
            Ok(number) if is_digit => Part::Number(number),
            _ => Part::Word(part.to_owned()),
        });
        rest = after;
    }
    parts
}

fn contains(list: &Value, item: &Value) -> Result<bool, Error> {
    if let (Some(text), Some(part)) = (list.as_str(), item.as_str()) {
        return Ok(text.contains(part));
    }
    Ok(list.try_iter()?.any(|one| one == *item))
}

fn subset(one: &Value, other: &Value) -> Result<bool, Error> {
    let others: Vec<Value> = other.try_iter()?.collect();
    Ok(one.try_iter()?.all(|item| others.contains(&item)))
}

fn superset(one: &Value, other: &Value) -> Result<bool, Error> {
    subset(other, one)
}

fn all(list: &Value) -> Result<bool, Error> {
    Ok(list.try_iter()?.all(|item| item.is_true()))
}

fn any(list: &Value) -> Result<bool, Error> {
    Ok(list.try_iter()?.any(|item| item.is_true()))
}

/// Returns whether a task's registered result failed.
fn failed(result: &Value) -> Result<bool, Error> {
    flag(result, "failed")
}

/// Returns a flag of a task's registered result; absent means false.
fn flag(result: &Value, name: &str) -> Result<bool, Error> {
    if result.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    Ok(result.get_attr(name)?.is_true())
}
