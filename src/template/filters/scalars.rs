use minijinja::{
    Environment, Error, ErrorKind, Value,
    value::{Kwargs, ValueKind},
};

use super::{add, failure};
use crate::template::python;

/// Adds `mandatory`, `ternary`, `bool`, `int`, `float`, `string`, `quote`, `comment`,
/// `type_debug`, `human_to_bytes`.
pub(super) fn register(environment: &mut Environment<'static>) {
    add(environment, "mandatory", mandatory);
    add(environment, "ternary", ternary);
    add(environment, "bool", bool);
    add(environment, "int", int);
    add(environment, "float", float);
    add(environment, "string", string);
    add(environment, "quote", quote);
    add(environment, "comment", comment);
    add(environment, "type_debug", type_debug);
    add(environment, "human_to_bytes", human_to_bytes);
}

fn mandatory(value: &Value, message: Option<String>, options: Kwargs) -> Result<Value, Error> {
    let option: Option<String> = options.get("msg")?;
    options.assert_all_used()?;
    if value.is_undefined() {
        let message = message
            .or(option)
            .unwrap_or_else(|| "a mandatory variable is undefined".to_owned());
        return Err(Error::new(ErrorKind::UndefinedError, message));
    }
    Ok(value.clone())
}

fn ternary(value: &Value, yes: &Value, no: &Value, none: Option<Value>) -> Value {
    match none {
        Some(none) if value.is_none() => none,
        _ if value.is_true() => yes.clone(),
        _ => no.clone(),
    }
}

/// Returns Ansible's idea of truth: yes, on, 1 and true are true, anything else false.
fn bool(value: &Value) -> Result<Value, Error> {
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    if value.is_none() {
        return Ok(value.clone());
    }
    Ok(Value::from(match value.kind() {
        ValueKind::Bool => value.is_true(),
        ValueKind::Number => *value == Value::from(1),
        ValueKind::String => {
            let text = value.as_str().unwrap_or_default().to_lowercase();
            matches!(text.as_str(), "yes" | "on" | "1" | "true")
        }
        _ => false,
    }))
}

/// Returns an integer; what is none gives the default, 0, as in Jinja2.
fn int(
    value: &Value,
    default: Option<Value>,
    base: Option<u32>,
    options: Kwargs,
) -> Result<Value, Error> {
    let default = default
        .or(options.get("default")?)
        .unwrap_or(Value::from(0));
    let base = base.or(options.get("base")?).unwrap_or(10);
    options.assert_all_used()?;
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    Ok(match value.kind() {
        ValueKind::Bool => Value::from(i64::from(value.is_true())),
        ValueKind::Number if value.is_integer() => value.clone(),
        ValueKind::Number => f64::try_from(value.clone()).map_or(default, truncated),
        ValueKind::String if (2..=36).contains(&base) => {
            let text = value.as_str().unwrap_or_default().trim().replace('_', "");
            let lower = text.to_ascii_lowercase();
            let digits = match base {
                16 => lower.strip_prefix("0x"),
                8 => lower.strip_prefix("0o"),
                2 => lower.strip_prefix("0b"),
                _ => None,
            };
            match i64::from_str_radix(digits.unwrap_or(&lower), base) {
                Ok(number) => Value::from(number),
                Err(_) => text.parse::<f64>().map_or(default, truncated),
            }
        }
        _ => default,
    })
}

/// Returns the whole part of a number.
fn truncated(number: f64) -> Value {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "saturates, which is right for numbers that no list or size reaches"
    )]
    Value::from(number.trunc() as i64)
}

fn float(value: &Value, default: Option<Value>) -> Result<Value, Error> {
    let default = default.unwrap_or(Value::from(0.0));
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    Ok(match value.kind() {
        ValueKind::Number => f64::try_from(value.clone()).map_or(default, Value::from),
        ValueKind::Bool => Value::from(f64::from(u8::from(value.is_true()))),
        ValueKind::String => {
            let text = value.as_str().unwrap_or_default().trim();
            text.parse::<f64>().map_or(default, Value::from)
        }
        _ => default,
    })
}

/// Returns the text that Python shows for a value.
fn string(value: &Value) -> Result<Value, Error> {
    match value.kind() {
        ValueKind::Undefined => Err(Error::from(ErrorKind::UndefinedError)),
        ValueKind::String => Ok(value.clone()),
        ValueKind::None => Ok(Value::from("None")),
        _ => python::to_str(value)
            .map(Value::from)
            .map_err(|_| failure("the value has no text")),
    }
}

/// Quotes for a POSIX shell as Python's shlex.quote does.
fn quote(value: &Value) -> Result<String, Error> {
    let text = if value.is_none() {
        String::new()
    } else {
        python::to_str(value).map_err(|_| failure("the value has no text"))?
    };
    let safe = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    if !text.is_empty() && text.chars().all(safe) {
        return Ok(text);
    }
    Ok(format!("'{}'", text.replace('\'', "'\"'\"'")))
}

/// Returns a comment block, as `{{ ansible_managed | comment }}` asks for.
fn comment(text: &str, style: Option<String>, options: Kwargs) -> Result<String, Error> {
    let decoration: Option<String> = options.get("decoration")?;
    options.assert_all_used()?;
    let (begin, line, end) = match style.as_deref().unwrap_or("plain") {
        "plain" => ("", "# ", ""),
        "erlang" => ("", "% ", ""),
        "c" => ("", "// ", ""),
        "cblock" => ("/*\n", " * ", "\n */"),
        "xml" => ("<!--\n", " - ", "\n-->"),
        other => return Err(failure(format!("comment has no style `{other}`"))),
    };
    let line = decoration.as_deref().unwrap_or(line);
    let blank = line.trim_end();
    let lines: Vec<String> = text
        .lines()
        .map(|content| format!("{line}{content}").trim_end().to_owned())
        .collect();
    Ok(format!(
        "{begin}{blank}\n{}\n{blank}{end}",
        lines.join("\n")
    ))
}

/// Returns Python's name of a value's type.
fn type_debug(value: &Value) -> &'static str {
    match value.kind() {
        ValueKind::None => "NoneType",
        ValueKind::Bool => "bool",
        ValueKind::Number if value.is_integer() => "int",
        ValueKind::Number => "float",
        ValueKind::String => "str",
        ValueKind::Map => "dict",
        ValueKind::Seq | ValueKind::Iterable => "list",
        ValueKind::Bytes => "bytes",
        _ => "object",
    }
}

/// Returns the bytes that `10G` or `1.5 MB` means; units are binary, as in Ansible.
fn human_to_bytes(value: &Value, default_unit: Option<String>) -> Result<Value, Error> {
    let text = value.to_string();
    let wrong = || failure("the value is no size");
    let digits = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: f64 = number.parse().map_err(|_| wrong())?;
    let unit = unit.trim();
    let unit = if unit.is_empty() {
        default_unit.unwrap_or_default()
    } else {
        unit.to_owned()
    };
    let power = match unit.chars().next().map(|c| c.to_ascii_uppercase()) {
        None | Some('B') => 0,
        Some('K') => 10,
        Some('M') => 20,
        Some('G') => 30,
        Some('T') => 40,
        Some('P') => 50,
        Some(_) => return Err(wrong()),
    };
    Ok(truncated((number * f64::powi(2.0, power)).round()))
}
