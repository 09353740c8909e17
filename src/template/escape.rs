use std::{borrow::Cow, fmt::Write as _};

use minijinja::{AutoEscape, Error, ErrorKind, Output, State, Value};

use super::python;

/// Writes a value of `{{ … }}`: as Python shows it, and with XML's special
/// characters escaped where the template's name asks for it.
pub(super) fn format(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    let text = match value.as_str() {
        Some(text) => Cow::Borrowed(text),
        None => Cow::Owned(
            python::to_str(value)
                .map_err(|_| Error::new(ErrorKind::InvalidOperation, "the value can't be shown"))?,
        ),
    };
    if matches!(state.auto_escape(), AutoEscape::None) || value.is_safe() {
        return out.write_str(&text).map_err(Error::from);
    }
    out.write_str(&xml(&text)?).map_err(Error::from)
}

/// Returns `text` fit for an XML element or a quoted attribute.
///
/// # Errors
///
/// Fails on characters that XML 1.0 can't hold in any form (its section 2.2).
pub(super) fn xml(text: &str) -> Result<String, Error> {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            // Raw, a parser would turn these into spaces within attributes.
            '\t' | '\n' | '\r' => {
                let _ = write!(escaped, "&#{};", c as u32);
            }
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => {
                return Err(Error::new(
                    ErrorKind::InvalidOperation,
                    format!("XML can't hold the character U+{:04X}", c as u32),
                ));
            }
            c => escaped.push(c),
        }
    }
    Ok(escaped)
}
