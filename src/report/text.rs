//! Words and numbers as people read them.

use std::fmt::Write;

/// Returns `text` with control characters made visible, so that a name from a file
/// or a hypervisor can't steer the terminal. Line breaks and tabs stay.
pub fn printable(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() && c != '\n' && c != '\t' {
            // Writing to a string can't fail.
            let _ = write!(clean, "{}", c.escape_default());
        } else {
            clean.push(c);
        }
    }
    clean
}

/// Returns `count` with its noun: `1 error`, `3 errors`.
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

/// Returns a number of bytes in the largest binary unit that keeps it above one:
/// `60 GiB`, `1.5 MiB`, `17 B`.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut unit = None;
    let mut scale = 1u64;
    for name in UNITS {
        match scale.checked_mul(1024) {
            Some(next) if count >= next => {
                scale = next;
                unit = Some(name);
            }
            _ => break,
        }
    }
    let Some(unit) = unit else {
        return format!("{count} B");
    };
    if count.is_multiple_of(scale) {
        return format!("{} {unit}", count / scale);
    }
    // One decimal, cut and not rounded: 1023.99 MiB must not read 1024.0 MiB.
    let tenths = u128::from(count % scale) * 10 / u128::from(scale);
    format!("{}.{tenths} {unit}", count / scale)
}

/// Returns a duration in seconds as `0.2 s`, `41 s`, `3 min 20 s`, `5 h 2 min` or
/// `12 d 3 h`.
pub fn seconds(seconds: f64) -> String {
    if seconds < 9.95 {
        return format!("{seconds:.1} s");
    }
    let whole = std::time::Duration::try_from_secs_f64(seconds.round())
        .map_or(u64::MAX, |duration| duration.as_secs());
    match whole {
        0..60 => format!("{whole} s"),
        60..3600 => format!("{} min {} s", whole / 60, whole % 60),
        3600..86_400 => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
        _ => format!("{} d {} h", whole / 86_400, whole % 86_400 / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_bytes() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(60 << 30), "60 GiB");
        assert_eq!(bytes((1 << 20) + (1 << 19)), "1.5 MiB");
        assert_eq!(bytes((1 << 30) - 1), "1023.9 MiB");
        assert_eq!(bytes(u64::MAX), "16383.9 PiB");
    }

    #[test]
    fn durations() {
        assert_eq!(seconds(0.24), "0.2 s");
        assert_eq!(seconds(9.96), "10 s");
        assert_eq!(seconds(200.0), "3 min 20 s");
        assert_eq!(seconds(18_120.0), "5 h 2 min");
        assert_eq!(seconds(1_047_600.0), "12 d 3 h");
        assert_eq!(seconds(f64::NAN), seconds(f64::NAN));
    }

    #[test]
    fn control_characters_show() {
        assert_eq!(printable("a\u{1b}[2Jb\r"), "a\\u{1b}[2Jb\\r");
        assert_eq!(printable("zap [claw]\n"), "zap [claw]\n");
    }
}
