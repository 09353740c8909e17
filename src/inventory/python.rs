//! How Python prints values, for `ansible-inventory --graph --vars` and JSON keys.

use super::{Node, Value};

/// What stands in the place of a secret.
pub(super) const MASK: &str = "********";

/// Returns a value as Python's `str()` shows it: a string bare, all else as
/// [`repr`]. Vaulted values are masked.
pub(super) fn str(node: &Node) -> String {
    match &node.value {
        Value::Str(text) | Value::Unsafe(text) => text.clone(),
        Value::Vault(_) => MASK.to_owned(),
        _ => repr(node),
    }
}

/// Returns a value as Python's `repr()` shows it. Vaulted values are masked.
fn repr(node: &Node) -> String {
    match &node.value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => float(*number),
        Value::Str(text) | Value::Unsafe(text) => quoted(text),
        Value::Vault(_) => quoted(MASK),
        Value::Seq(items) => {
            let items: Vec<String> = items.iter().map(repr).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(map) => {
            let items: Vec<String> = map
                .iter()
                .map(|(key, entry)| format!("{}: {}", quoted(key), repr(&entry.node)))
                .collect();
            format!("{{{}}}", items.join(", "))
        }
    }
}

fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() && u32::from(c) < 0x100 => {
                out.push_str(&format!("\\x{:02x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

/// Returns a float as Python prints it: the shortest digits that read back the
/// same, an exponent below 1e-4 and from 1e16 on.
pub(super) fn float(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let magnitude = number.abs();
    if magnitude != 0.0 && !(1e-4..1e16).contains(&magnitude) {
        let text = format!("{number:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, power) = match exponent.strip_prefix('-') {
            Some(power) => ('-', power),
            None => ('+', exponent),
        };
        return format!("{digits}e{sign}{power:0>2}");
    }
    format!("{number:?}")
}

#[cfg(test)]
mod tests {
    use super::{float, quoted};

    #[test]
    fn as_python() {
        for (number, want) in [
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1e16, "1e+16"),
            (1.5e-7, "1.5e-07"),
            (-0.0, "-0.0"),
            (123456789.125, "123456789.125"),
            (1e300, "1e+300"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(float(number), want);
        }
        assert_eq!(quoted("it's"), "\"it's\"");
        assert_eq!(quoted("a\"'\n"), "'a\"\\'\\n'");
    }
}
