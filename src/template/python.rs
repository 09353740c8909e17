use std::fmt;

use minijinja::value::{Value, ValueKind};

/// Writes `value` as Python's `str` would, which is what Ansible's templates
/// show: `True`, `['a', 'b']`, `{'k': 1}`. Nothing (`None`) is written as an
/// empty string, as Ansible's templar does.
pub(super) fn write_str(out: &mut dyn fmt::Write, value: &Value) -> fmt::Result {
    match value.kind() {
        ValueKind::None | ValueKind::Undefined => Ok(()),
        ValueKind::Seq | ValueKind::Map | ValueKind::Iterable | ValueKind::Bool => {
            write_repr(out, value)
        }
        _ => write!(out, "{value}"),
    }
}

/// Writes `value` as Python's `repr` would.
fn write_repr(out: &mut dyn fmt::Write, value: &Value) -> fmt::Result {
    match value.kind() {
        ValueKind::None | ValueKind::Undefined => out.write_str("None"),
        ValueKind::Bool => out.write_str(if value.is_true() { "True" } else { "False" }),
        ValueKind::String => write_quoted(out, value.as_str().unwrap_or_default()),
        ValueKind::Seq | ValueKind::Iterable => {
            out.write_char('[')?;
            for (i, item) in value.try_iter().map_err(|_| fmt::Error)?.enumerate() {
                if i > 0 {
                    out.write_str(", ")?;
                }
                write_repr(out, &item)?;
            }
            out.write_char(']')
        }
        ValueKind::Map => {
            out.write_char('{')?;
            for (i, key) in value.try_iter().map_err(|_| fmt::Error)?.enumerate() {
                if i > 0 {
                    out.write_str(", ")?;
                }
                write_repr(out, &key)?;
                out.write_str(": ")?;
                write_repr(out, &value.get_item(&key).map_err(|_| fmt::Error)?)?;
            }
            out.write_char('}')
        }
        ValueKind::Invalid => Err(fmt::Error),
        _ => write!(out, "{value}"),
    }
}

/// Writes a string literal as Python's `repr` chooses it: single quotes unless
/// only those would need escaping.
fn write_quoted(out: &mut dyn fmt::Write, text: &str) -> fmt::Result {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.write_char(quote)?;
    for c in text.chars() {
        match c {
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            '\\' => out.write_str("\\\\")?,
            c if c == quote => write!(out, "\\{c}")?,
            c if (c as u32) < 0x20 || c as u32 == 0x7f => write!(out, "\\x{:02x}", c as u32)?,
            c => out.write_char(c)?,
        }
    }
    out.write_char(quote)
}

/// Returns `value` as Python's `str` would show it.
pub(super) fn to_str(value: &Value) -> Result<String, fmt::Error> {
    let mut out = String::new();
    write_str(&mut out, value)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_values_as_python_does() {
        let value = Value::from_iter([
            Value::from("it's"),
            Value::from(true),
            Value::from(()),
            Value::from(1.5),
        ]);
        assert_eq!(to_str(&value).unwrap(), r#"["it's", True, None, 1.5]"#);
        assert_eq!(to_str(&Value::from(())).unwrap(), "");
        assert_eq!(to_str(&Value::from("a\nb")).unwrap(), "a\nb");
    }
}
