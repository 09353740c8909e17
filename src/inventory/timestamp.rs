//! YAML 1.1 dates and times, which Ansible's JSON shows in ISO 8601.

/// Returns the ISO form of a plain scalar that PyYAML takes for a date or time,
/// and `None` for any other.
pub(super) fn normalize(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || bytes[4] != b'-' {
        return None;
    }
    let (date, time) = match text.find(['T', 't', ' ', '\t']) {
        Some(at) => (&text[..at], Some(&text[at..])),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    // A date alone must be written with all its zeros.
    let shortest = if time.is_none() { 2 } else { 1 };
    if parts.next().is_some() || digits(year, 4, 4).is_none() {
        return None;
    }
    let (month, day) = (digits(month, shortest, 2)?, digits(day, shortest, 2)?);
    let date = jiff::civil::Date::new(
        year.parse().ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()?;
    match time {
        None => Some(date.to_string()),
        Some(time) => Some(format!("{date}T{}", clock(time)?)),
    }
}

fn digits(text: &str, shortest: usize, longest: usize) -> Option<u32> {
    let fits =
        (shortest..=longest).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| text.parse().ok())?
}

/// `T1:02:03.5 -05:00` to `01:02:03.500000-05:00`.
fn clock(text: &str) -> Option<String> {
    let body = match text.strip_prefix(['T', 't']) {
        Some(body) => body,
        None => text.trim_start_matches([' ', '\t']),
    };
    let end = body.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.'));
    let (time, zone) = body.split_at(end.unwrap_or(body.len()));
    let (seconds, fraction) = match time.split_once('.') {
        Some((time, fraction)) => (time, Some(fraction)),
        None => (time, None),
    };
    let mut parts = seconds.split(':');
    let hour = digits(parts.next()?, 1, 2).filter(|h| *h < 24)?;
    let minute = digits(parts.next()?, 2, 2).filter(|m| *m < 60)?;
    let second = digits(parts.next()?, 2, 2).filter(|s| *s < 60)?;
    if parts.next().is_some() {
        return None;
    }
    let mut out = format!("{hour:02}:{minute:02}:{second:02}");
    let micros: String = fraction.unwrap_or_default().chars().take(6).collect();
    if !micros.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if micros.bytes().any(|b| b != b'0') {
        out.push_str(&format!(".{micros:0<6}"));
    }
    out.push_str(&offset(zone)?);
    Some(out)
}

/// `Z`, `-5`, `+05:30` or nothing.
fn offset(text: &str) -> Option<String> {
    let zone = text.trim_start_matches([' ', '\t']);
    if zone.is_empty() {
        return text.is_empty().then(String::new);
    }
    if zone == "Z" {
        return Some("+00:00".to_owned());
    }
    let sign = zone.chars().next().filter(|c| matches!(c, '+' | '-'))?;
    let (hours, minutes) = zone[1..].split_once(':').unwrap_or((&zone[1..], "00"));
    let (hours, minutes) = (digits(hours, 1, 2)?, digits(minutes, 2, 2)?);
    // Python prints an offset of nothing with a plus.
    let sign = if hours == 0 && minutes == 0 {
        '+'
    } else {
        sign
    };
    (hours < 24 && minutes < 60).then(|| format!("{sign}{hours:02}:{minutes:02}"))
}

#[cfg(test)]
mod tests {
    use super::normalize;

    #[test]
    fn dates_and_times() {
        for (text, want) in [
            ("2020-01-01", "2020-01-01"),
            (
                "2001-12-14t21:59:43.10-05:00",
                "2001-12-14T21:59:43.100000-05:00",
            ),
            ("2001-12-14 21:59:43", "2001-12-14T21:59:43"),
            ("2001-1-4 1:59:43 Z", "2001-01-04T01:59:43+00:00"),
            ("2001-12-14 21:59:43.0 -5", "2001-12-14T21:59:43-05:00"),
        ] {
            assert_eq!(normalize(text).as_deref(), Some(want), "{text}");
        }
        for text in [
            "2020-1-1",
            "2020-13-01",
            "2020-01-01x",
            "20-01-01",
            "2020-01-01 12",
            "2020-01-01T",
        ] {
            assert_eq!(normalize(text), None, "{text}");
        }
    }
}
