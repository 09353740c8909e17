use std::{error::Error as _, ops::Range, path::Path, sync::Arc};

use minijinja::{Error, ErrorKind, Value};

use crate::plan::{Diagnostic, Place};

/// The text that a failing template was compiled from.
pub(super) struct Origin<'a> {
    /// The file or the place of the value.
    pub place: Place,
    /// The source.
    pub text: &'a str,
    /// Whether `text` is the whole file, so that its lines are the file's lines.
    pub whole_file: bool,
}

/// Returns the innermost error, which is nearest to the cause: an included
/// template's own instead of "could not render include".
pub(super) fn innermost(error: &Error) -> &Error {
    let mut inner = error;
    while let Some(next) = inner.source().and_then(|next| next.downcast_ref::<Error>()) {
        inner = next;
    }
    inner
}

/// Turns minijinja's error into a diagnostic.
///
/// Only the error's kind, detail and position are used: its `Display` with `#`
/// and its `Debug` show the values of variables, which may be secrets.
pub(super) fn diagnose(error: &Error, origin: &Origin<'_>, context: &Value) -> Diagnostic {
    let place = place(error, origin);
    let expression = undefined_expression(error);
    let message = match (error.kind(), error.detail(), &expression) {
        (ErrorKind::UndefinedError, _, Some(expression)) => format!("`{expression}` is undefined"),
        // A filter's own words, such as those of `mandatory`.
        (ErrorKind::UndefinedError, Some(detail), None) => detail.to_owned(),
        (ErrorKind::UndefinedError, None, None) => {
            let range = error.range().and_then(|range| snippet(origin.text, range));
            match range {
                Some(text) => format!("an undefined value is given to `{text}`"),
                None => "an undefined value is used".to_owned(),
            }
        }
        (ErrorKind::SyntaxError, Some(detail), _) => format!("template syntax error: {detail}"),
        (ErrorKind::OutOfFuel, ..) => "the template runs too long".to_owned(),
        (_, Some(detail), _) => detail.to_owned(),
        (kind, None, _) => kind.to_string(),
    };
    let mut diagnostic = Diagnostic::error(place, message);
    if !origin.whole_file
        && let Some(line) = error.line().filter(|line| *line > 1)
    {
        diagnostic.message = format!("{} (line {line} of the value)", diagnostic.message);
    }
    match error.kind() {
        ErrorKind::UndefinedError | ErrorKind::InvalidOperation => {
            if let Some(hint) = expression.and_then(|expression| suggest(&expression, context)) {
                diagnostic = diagnostic.hint(hint);
            } else if error.kind() == ErrorKind::UndefinedError {
                diagnostic =
                    diagnostic.hint("define it, or give a default: {{ name | default('…') }}");
            }
        }
        ErrorKind::UnknownFunction => {
            diagnostic = diagnostic.hint("lookups and Ansible's plugins aren't available here");
        }
        ErrorKind::SyntaxError => {
            diagnostic =
                diagnostic.hint("check quotes, brackets and braces; words are joined by operators");
        }
        ErrorKind::OutOfFuel => diagnostic = diagnostic.hint("a loop in it is too long"),
        _ => {}
    }
    diagnostic
}

fn place(error: &Error, origin: &Origin<'_>) -> Place {
    if !origin.whole_file {
        return origin.place.clone();
    }
    let line = error.line().unwrap_or(1);
    let column = error
        .range()
        .and_then(|range| origin.text.get(..range.start))
        .map_or(0, |before| {
            before.chars().rev().take_while(|c| *c != '\n').count() + 1
        });
    Place::new(
        &origin.place.file,
        u32::try_from(line).unwrap_or(u32::MAX),
        u32::try_from(column).unwrap_or(0),
    )
}

/// Returns the part of `text` that an error points at, when it is short and on one line.
fn snippet(text: &str, range: Range<usize>) -> Option<&str> {
    let part = text.get(range)?.trim();
    (!part.is_empty() && part.len() <= 80 && !part.contains('\n')).then_some(part)
}

/// Returns the expression that minijinja names as undefined: `user.nmae`.
///
/// The form "`EXPRESSION` is undefined" is minijinja 3's own (its `process_err`).
fn undefined_expression(error: &Error) -> Option<String> {
    let detail = error.detail()?;
    let end = detail.find("` is undefined")?;
    let start = detail.get(..end)?.rfind('`')? + 1;
    detail.get(start..end).map(str::to_owned)
}

/// Returns "did you mean …" when the context knows a name that is near.
fn suggest(expression: &str, context: &Value) -> Option<String> {
    let (parents, name) = match expression.rsplit_once('.') {
        Some((parents, name)) => (Some(parents), name),
        None => (None, expression),
    };
    let mut scope = context.clone();
    for part in parents.into_iter().flat_map(|parents| parents.split('.')) {
        scope = scope.get_attr(part).ok()?;
    }
    let best = scope
        .try_iter()
        .ok()?
        .filter_map(|key| key.as_str().map(str::to_owned))
        .map(|key| (strsim::damerau_levenshtein(&key, name), key))
        .min()?;
    let (distance, key) = best;
    if distance == 0 || distance > 1 + name.len() / 4 {
        return None;
    }
    Some(match parents {
        Some(parents) => format!("did you mean `{parents}.{key}`?"),
        None => format!("did you mean `{key}`?"),
    })
}

/// Returns the diagnostic for a template that no source has.
pub(super) fn missing(relative: &str) -> Diagnostic {
    let file: Arc<Path> = Arc::from(Path::new(relative));
    Diagnostic::error(Place::new(&file, 0, 0), "there is no such template").hint(
        "put it into the fleet directory, or restore the built-in one by removing its override",
    )
}
