use fancy_regex::{Captures, Regex, RegexBuilder};
use minijinja::{
    Environment, Error, Value,
    value::{Kwargs, Rest, ValueOrKwargs, from_args},
};

use super::{add, failure};

/// How many steps back a match may go before it is given up.
const BACKTRACK: usize = 1_000_000;

/// Adds `regex_search`, `regex_findall`, `regex_replace`, `regex_escape`.
pub(super) fn register(environment: &mut Environment<'static>) {
    add(environment, "regex_search", regex_search);
    add(environment, "regex_findall", regex_findall);
    add(environment, "regex_replace", regex_replace);
    add(environment, "regex_escape", regex_escape);
}

/// Returns Python's regular expression, compiled.
pub(in crate::template) fn compile(
    pattern: &str,
    ignore_case: bool,
    multi_line: bool,
) -> Result<Regex, Error> {
    // Python's \Z is the very end, which is \z elsewhere.
    RegexBuilder::new(&pattern.replace("\\Z", "\\z"))
        .case_insensitive(ignore_case)
        .multi_line(multi_line)
        .backtrack_limit(BACKTRACK)
        .build()
        .map_err(|_| failure(format!("`{pattern}` is no regular expression")))
}

fn gave_up() -> Error {
    failure("the regular expression takes too long")
}

fn flags(options: &Kwargs) -> Result<(bool, bool), Error> {
    let ignore_case = options.get::<Option<bool>>("ignorecase")?.unwrap_or(false);
    let multi_line = options.get::<Option<bool>>("multiline")?.unwrap_or(false);
    options.assert_all_used()?;
    Ok((ignore_case, multi_line))
}

/// Returns the first match, or the groups that are asked for (`'\\1'`, `'\\g<name>'`);
/// None without a match.
fn regex_search(text: &Value, pattern: &str, args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let args = args.into_values();
    let (groups, options) = from_args::<(&[Value], Kwargs)>(&args)?;
    let (ignore_case, multi_line) = flags(&options)?;
    let regex = compile(pattern, ignore_case, multi_line)?;
    let text = text.to_string();
    let Some(found) = regex.captures(text.as_str()).map_err(|_| gave_up())? else {
        return Ok(Value::from(()));
    };
    if groups.is_empty() {
        return Ok(group(&found, 0));
    }
    let wanted: Vec<Value> = groups
        .iter()
        .map(|reference| {
            let name = reference
                .as_str()
                .unwrap_or_default()
                .trim_start_matches('\\');
            let name = name
                .strip_prefix("g<")
                .and_then(|name| name.strip_suffix('>'))
                .unwrap_or(name);
            match name.parse::<usize>() {
                Ok(index) if index < found.len() => Ok(group(&found, index)),
                Err(_) if regex.capture_names().flatten().any(|one| one == name) => Ok(found
                    .name(name)
                    .map_or(Value::from(()), |one| Value::from(one.as_str()))),
                _ => Err(failure(format!(
                    "the regular expression has no group `{name}`"
                ))),
            }
        })
        .collect::<Result<_, Error>>()?;
    Ok(Value::from(wanted))
}

fn group(found: &Captures<'_, str>, index: usize) -> Value {
    found
        .get(index)
        .map_or(Value::from(()), |one| Value::from(one.as_str()))
}

/// Returns all matches: texts without groups, the group with one, lists with more.
fn regex_findall(text: &Value, pattern: &str, options: Kwargs) -> Result<Vec<Value>, Error> {
    let (ignore_case, multi_line) = flags(&options)?;
    let regex = compile(pattern, ignore_case, multi_line)?;
    let text = text.to_string();
    let mut matches = Vec::new();
    for found in regex.captures_iter(text.as_str()) {
        let found = found.map_err(|_| gave_up())?;
        let text = |index| Value::from(found.get(index).map_or("", |one| one.as_str()));
        matches.push(match found.len() {
            1 => text(0),
            2 => text(1),
            groups => Value::from((1..groups).map(text).collect::<Vec<_>>()),
        });
    }
    Ok(matches)
}

fn regex_replace(
    text: &Value,
    pattern: Option<&str>,
    replacement: Option<&str>,
    options: Kwargs,
) -> Result<String, Error> {
    let pattern_option: Option<String> = options.get("pattern")?;
    let replacement_option: Option<String> = options.get("replacement")?;
    let count: usize = options.get::<Option<usize>>("count")?.unwrap_or(0);
    let (ignore_case, multi_line) = flags(&options)?;
    let pattern = pattern.or(pattern_option.as_deref()).unwrap_or_default();
    let replacement = replacement
        .or(replacement_option.as_deref())
        .unwrap_or_default();
    let regex = compile(pattern, ignore_case, multi_line)?;
    let text = text.to_string();
    let mut result = String::new();
    let mut end = 0;
    for (i, found) in regex.captures_iter(text.as_str()).enumerate() {
        if count > 0 && i >= count {
            break;
        }
        let found = found.map_err(|_| gave_up())?;
        let Some(whole) = found.get(0) else { continue };
        result.push_str(text.get(end..whole.start()).unwrap_or_default());
        expand(&found, replacement, &mut result)?;
        end = whole.end();
    }
    result.push_str(text.get(end..).unwrap_or_default());
    Ok(result)
}

/// Writes Python's replacement text: `\1`, `\g<1>`, `\g<name>`, `\n`, `\\`.
fn expand(found: &Captures<'_, str>, replacement: &str, result: &mut String) -> Result<(), Error> {
    let mut rest = replacement;
    while let Some(at) = rest.find('\\') {
        result.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + 1..).unwrap_or_default();
        let digits = rest
            .chars()
            .take(2)
            .take_while(char::is_ascii_digit)
            .count();
        if digits > 0 {
            let index = rest.get(..digits).unwrap_or_default();
            reference(found, index, result)?;
            rest = rest.get(digits..).unwrap_or_default();
        } else if let Some((name, after)) = rest
            .strip_prefix("g<")
            .and_then(|rest| rest.split_once('>'))
        {
            reference(found, name, result)?;
            rest = after;
        } else {
            let mut chars = rest.chars();
            match chars.next() {
                Some('n') => result.push('\n'),
                Some('t') => result.push('\t'),
                Some('r') => result.push('\r'),
                Some('\\') | None => result.push('\\'),
                Some(other) => result.extend(['\\', other]),
            }
            rest = chars.as_str();
        }
    }
    result.push_str(rest);
    Ok(())
}

fn reference(found: &Captures<'_, str>, name: &str, result: &mut String) -> Result<(), Error> {
    let group = match name.parse::<usize>() {
        Ok(index) if index < found.len() => found.get(index),
        Ok(_) => {
            return Err(failure(format!(
                "the regular expression has no group `{name}`"
            )));
        }
        Err(_) => found.name(name),
    };
    result.push_str(group.map_or("", |group| group.as_str()));
    Ok(())
}

/// Escapes what Python's re.escape does.
fn regex_escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if "()[]{}?*+-|^$\\.&~# \t\n\r\x0b\x0c".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
