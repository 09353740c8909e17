use serde_json::{Map, Value};

use super::{ArgError, Module, args::RAW};

/// The arguments that may stand among the words of a command, as in Ansible.
const IN_COMMANDS: &[&str] = &[
    "creates",
    "removes",
    "chdir",
    "executable",
    "stdin",
    "stdin_add_newline",
    "strip_empty_ends",
    "expand_argument_vars",
];

/// Returns the arguments that a task's text holds: `key=value` words, and what is left
/// as the bare text of a module that takes one. Templates in it stay whole.
///
/// # Errors
///
/// When a quote is not closed, or a module that takes no bare text is given one.
pub fn free_form(module: &Module, text: &str) -> Result<Map<String, Value>, ArgError> {
    let mut args = Map::new();
    let mut rest = Vec::new();
    // `raw` hands its text on as it is; the others of this kind know some words.
    let known = |key: &str| {
        if module.free_form {
            IN_COMMANDS.contains(&key) && module.argument(key).is_some()
        } else {
            true
        }
    };
    for token in tokens(text).ok_or_else(|| {
        ArgError::new(
            None,
            format!(
                "a quote or a template in `{}`'s text is not closed",
                module.name
            ),
        )
    })? {
        match token.split_once('=') {
            Some((key, value)) if is_key(key) && known(key) => {
                args.insert(key.to_owned(), Value::from(unquoted(value)));
            }
            _ => rest.push(token),
        }
    }
    if module.free_form {
        if args.is_empty() {
            args.insert(RAW.to_owned(), Value::from(text.trim()));
        } else if !rest.is_empty() {
            args.insert(RAW.to_owned(), Value::from(rest.join(" ")));
        }
    } else if let Some(word) = rest.first() {
        return Err(
            ArgError::new(None, format!("`{word}` is no `key=value` pair")).hint(format!(
                "write the arguments of `{}` as a mapping",
                module.name
            )),
        );
    }
    Ok(args)
}

fn is_key(key: &str) -> bool {
    !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
}

fn unquoted(value: &str) -> &str {
    for quote in ['"', '\''] {
        if value.len() >= 2 && value.starts_with(quote) && value.ends_with(quote) {
            return value.get(1..value.len() - 1).unwrap_or_default();
        }
    }
    value
}

/// Returns the words of a text with their quotes; none when a quote or a template
/// isn't closed.
fn tokens(text: &str) -> Option<Vec<&str>> {
    let mut tokens = Vec::new();
    let mut start: Option<usize> = None;
    let mut quote: Option<char> = None;
    let mut template: Option<&str> = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        let rest = text.get(at..).unwrap_or_default();
        if let Some(close) = template {
            if rest.starts_with(close) {
                template = None;
            }
            continue;
        }
        if let Some(close) = ["{{", "{%", "{#"]
            .iter()
            .position(|open| rest.starts_with(open))
        {
            template = ["}}", "%}", "#}"].get(close).copied();
            start.get_or_insert(at);
            continue;
        }
        if escaped {
            escaped = false;
            continue;
        }
        match (quote, c) {
            (_, '\\') => {
                escaped = true;
                start.get_or_insert(at);
            }
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => {
                quote = Some(c);
                start.get_or_insert(at);
            }
            (None, c) if c.is_whitespace() => {
                if let Some(from) = start.take() {
                    tokens.push(text.get(from..at)?);
                }
            }
            (None, _) => {
                start.get_or_insert(at);
            }
        }
    }
    if quote.is_some() || template.is_some() {
        return None;
    }
    if let Some(from) = start {
        tokens.push(text.get(from..)?);
    }
    Some(tokens)
}
