//! Plain YAML scalars as PyYAML resolves them: YAML 1.1, which Ansible reads.

use super::Value;

/// Returns the value of a plain (unquoted) scalar.
///
/// Dates and times become strings in ISO 8601, as in `ansible-inventory`'s JSON.
/// An integer beyond 64 bits becomes a string of its decimal digits.
pub(super) fn resolve(text: &str) -> Value {
    let Some(first) = text.bytes().next() else {
        return Value::Null;
    };
    let known = match first {
        b'~' | b'n' | b'N' | b'y' | b'Y' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' => word(text),
        b'-' | b'+' | b'.' | b'0'..=b'9' => number(text),
        _ => None,
    };
    known.unwrap_or_else(|| Value::Str(text.to_owned()))
}

fn word(text: &str) -> Option<Value> {
    Some(match text {
        "~" | "null" | "Null" | "NULL" => Value::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Value::Bool(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Value::Bool(false)
        }
        _ => return None,
    })
}

fn number(text: &str) -> Option<Value> {
    // PyYAML tries float, then int, then timestamp.
    float(text)
        .map(Value::Float)
        .or_else(|| integer(text))
        .or_else(|| super::timestamp::normalize(text).map(Value::Str))
}

/// Splits an optional sign off and returns whether it was a minus.
fn signed(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

fn only(text: &str, test: impl Fn(u8) -> bool) -> bool {
    text.bytes().all(test)
}

fn digit_or_line(b: u8) -> bool {
    b.is_ascii_digit() || b == b'_'
}

/// `[-+]?0b…`, octal `0…`, decimal, `0x…`, and sexagesimal `1:30`.
fn integer(text: &str) -> Option<Value> {
    let (negative, body) = signed(text);
    let digits = body.replace('_', "");
    let radix = |digits: &str, radix: u32| {
        let value = i128::from_str_radix(digits, radix).ok()?;
        Some(int(if negative { -value } else { value }))
    };
    if let Some(bits) = body.strip_prefix("0b").filter(|b| !b.is_empty()) {
        return only(bits, |b| matches!(b, b'0' | b'1' | b'_')).then(|| radix(&digits[2..], 2))?;
    }
    if let Some(hex) = body.strip_prefix("0x").filter(|h| !h.is_empty()) {
        let fits = only(hex, |b| b.is_ascii_hexdigit() || b == b'_');
        return fits.then(|| radix(&digits[2..], 16))?;
    }
    if body == "0" {
        return Some(Value::Int(0));
    }
    if body.starts_with('0') {
        let fits = only(body, |b| matches!(b, b'0'..=b'7' | b'_'));
        return fits.then(|| radix(&digits, 8))?;
    }
    if !body.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if let Some((head, tail)) = body.split_once(':') {
        let fits = only(head, digit_or_line) && tail.split(':').all(sixtieth);
        if !fits {
            return None;
        }
        let mut value: i128 = 0;
        for part in digits.split(':') {
            value = value.checked_mul(60)?.checked_add(part.parse().ok()?)?;
        }
        return Some(int(if negative { -value } else { value }));
    }
    if !only(body, digit_or_line) {
        return None;
    }
    // Beyond 128 bits only the digits are left to keep.
    radix(&digits, 10).or_else(|| Some(Value::Str(format!("{}{digits}", sign(negative)))))
}

fn sign(negative: bool) -> &'static str {
    if negative { "-" } else { "" }
}

fn int(value: i128) -> Value {
    i64::try_from(value).map_or_else(|_| Value::Str(value.to_string()), Value::Int)
}

/// `[0-5]?[0-9]`
fn sixtieth(part: &str) -> bool {
    match part.as_bytes() {
        [ones] => ones.is_ascii_digit(),
        [tens, ones] => (b'0'..=b'5').contains(tens) && ones.is_ascii_digit(),
        _ => false,
    }
}

/// `[-+]?1_000.5e+3`, `.5`, `[-+]?1:30.5`, `[-+]?.inf`, `.nan`. A float without a
/// dot, or with an exponent without a sign, is none in YAML 1.1.
fn float(text: &str) -> Option<f64> {
    match text {
        ".nan" | ".NaN" | ".NAN" => return Some(f64::NAN),
        _ => {}
    }
    let (negative, body) = signed(text);
    let apply = |value: f64| if negative { -value } else { value };
    if matches!(body, ".inf" | ".Inf" | ".INF") {
        return Some(apply(f64::INFINITY));
    }
    let (whole, fraction) = body.split_once('.')?;
    if whole.is_empty() {
        // The form without a whole part takes no sign.
        let plain = body.len() == text.len() && fraction.starts_with(|c: char| c.is_ascii_digit());
        return (plain && mantissa_and_exponent(fraction)).then(|| parse(body))?;
    }
    if !whole.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if let Some((head, tail)) = whole.split_once(':') {
        let fits = only(head, digit_or_line)
            && tail.split(':').all(sixtieth)
            && only(fraction, digit_or_line);
        if !fits {
            return None;
        }
        let mut value = 0.0;
        for part in body.split(':') {
            value = value * 60.0 + parse(part)?;
        }
        return Some(apply(value));
    }
    (only(whole, digit_or_line) && mantissa_and_exponent(fraction))
        .then(|| parse(body).map(apply))?
}

/// `[0-9_]*` and then nothing or `[eE][-+][0-9]+`.
fn mantissa_and_exponent(text: &str) -> bool {
    let Some((digits, exponent)) = text.split_once(['e', 'E']) else {
        return only(text, digit_or_line);
    };
    let power = exponent.strip_prefix(['-', '+']);
    only(digits, digit_or_line)
        && power.is_some_and(|p| !p.is_empty() && only(p, |b| b.is_ascii_digit()))
}

fn parse(text: &str) -> Option<f64> {
    text.replace('_', "").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Value, resolve};

    #[test]
    fn integers() {
        for (text, want) in [
            ("0", 0),
            ("-5", -5),
            ("+7", 7),
            ("0644", 420),
            ("0x1F", 31),
            ("0b1_01", 5),
            ("1_000", 1000),
            ("1:30", 90),
            ("-1:00:00", -3600),
            ("00", 0),
            ("-0x10", -16),
        ] {
            assert!(
                matches!(resolve(text), Value::Int(i) if i == want),
                "{text}: {:?}",
                resolve(text)
            );
        }
        let big = "123456789012345678901234567890123456789012345";
        assert!(matches!(resolve(big), Value::Str(s) if s == big));
    }

    #[test]
    fn floats() {
        for (text, want) in [
            ("1.5", 1.5),
            ("1.", 1.0),
            (".5", 0.5),
            ("1.0e+3", 1000.0),
            ("-1_0.5", -10.5),
            ("1:30.5", 90.5),
            ("+.inf", f64::INFINITY),
        ] {
            assert!(
                matches!(resolve(text), Value::Float(f) if f == want),
                "{text}: {:?}",
                resolve(text)
            );
        }
        assert!(matches!(resolve(".NaN"), Value::Float(f) if f.is_nan()));
    }

    #[test]
    fn words() {
        for text in ["yes", "Yes", "ON", "true"] {
            assert!(matches!(resolve(text), Value::Bool(true)), "{text}");
        }
        for text in ["", "~", "null", "NULL"] {
            assert!(matches!(resolve(text), Value::Null), "{text}");
        }
    }

    #[test]
    fn strings() {
        for text in [
            "y", "n", "1e5", "1.0e3", "08", "0o17", "1:60", "10.0.0.1", "-.5", "52:54:00", "nope",
            "-", "1.2.3", "0b2", "0xg", "_1", "3GB",
        ] {
            let value = resolve(text);
            if text == "52:54:00" {
                assert!(
                    matches!(value, Value::Int(190_440)),
                    "sexagesimal: {value:?}"
                );
            } else {
                assert!(
                    matches!(&value, Value::Str(s) if s == text),
                    "{text}: {value:?}"
                );
            }
        }
    }
}
