//! Numbers as Python writes them.

use super::{Value, python};

/// Returns a Python number without its sign: decimal, `0x`, `0o`, `0b`, a float, or
/// an imaginary number, which becomes a string. An integer beyond 64 bits becomes a
/// string of its digits.
pub(super) fn parse(text: &str, negative: bool) -> Option<Value> {
    // Underscores stand between digits only.
    if text.is_empty() || text.starts_with('_') || text.ends_with('_') || text.contains("__") {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let sign = |value: i128| if negative { -value } else { value };
    let int = |value: i128| {
        let value = sign(value);
        i64::try_from(value).map_or_else(|_| Value::Str(value.to_string()), Value::Int)
    };
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = lower.strip_prefix(prefix) {
            return i128::from_str_radix(&digits.replace('_', ""), radix)
                .ok()
                .map(int);
        }
    }
    let digits = lower.replace('_', "");
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        // Python refuses a leading zero, so 0644 stays a string.
        let zeros = digits.bytes().all(|b| b == b'0');
        if digits.starts_with('0') && !zeros {
            return None;
        }
        let minus = if negative { "-" } else { "" };
        return Some(
            digits
                .parse()
                .map_or_else(|_| Value::Str(format!("{minus}{digits}")), int),
        );
    }
    if let Some(imaginary) = digits.strip_suffix('j') {
        let value: f64 = imaginary.parse().ok()?;
        let text = python::float(if negative { -value } else { value });
        let text = text.strip_suffix(".0").unwrap_or(&text);
        // Python shows -1j as (-0-1j), for its real part became negative too.
        return Some(Value::Str(if negative {
            format!("(-0{text}j)")
        } else {
            format!("{text}j")
        }));
    }
    let shaped = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'+' | b'-'))
        && digits.bytes().any(|b| b.is_ascii_digit());
    let value: f64 = shaped.then(|| digits.parse().ok())??;
    Some(Value::Float(if negative { -value } else { value }))
}
