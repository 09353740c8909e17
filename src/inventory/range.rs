//! Host ranges: `web[01:50]`, `db-[a:f]`, `n[0:10:2]`.

use crate::select::address::parse_address;

/// A fleet is smaller; a typo like `[1:999999999]` must not fill the memory.
const MAX_HOSTS: usize = 100_000;
/// The order of letters in ranges, as in Ansible: lower case first.
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Returns the host names that a pattern stands for, and the port, if it has one.
///
/// # Errors
/// When a range is malformed, with the reason.
pub(super) fn expand(pattern: &str) -> Result<(Vec<String>, Option<u32>), String> {
    // What is no address stays whole, its colons included.
    let (name, port) = parse_address(pattern).unwrap_or((pattern, None));
    let mut hosts = Vec::new();
    expand_into(name, &mut hosts)?;
    Ok((hosts, port))
}

fn expand_into(name: &str, hosts: &mut Vec<String>) -> Result<(), String> {
    let Some((head, rest)) = name.split_once('[') else {
        if hosts.len() >= MAX_HOSTS {
            return Err(format!("the range stands for more than {MAX_HOSTS} hosts"));
        }
        hosts.push(name.to_owned());
        return Ok(());
    };
    let (range, tail) = rest
        .split_once(']')
        .ok_or_else(|| "a range without its closing bracket".to_owned())?;
    let bounds: Vec<&str> = range.split(':').collect();
    let (begin, end, step) = match bounds[..] {
        [begin, end] => (begin, end, "1"),
        [begin, end, step] => (begin, end, step),
        _ => return Err("a range must be [begin:end] or [begin:end:step]".to_owned()),
    };
    let begin = if begin.is_empty() { "0" } else { begin };
    if end.is_empty() {
        return Err("a range must say where it ends".to_owned());
    }
    let width = if begin.len() > 1 && begin.starts_with('0') {
        begin.len()
    } else {
        0
    };
    if width > 0 && width != end.len() {
        return Err(format!(
            "the bounds {begin} and {end} must have the same width"
        ));
    }
    let step = number(step)?;
    if step == 0 {
        return Err("the step of a range must not be 0".to_owned());
    }
    if let (Some(first), Some(last)) = (letter(begin), letter(end)) {
        if first > last {
            return Err(format!(
                "the range begins with {begin}, after its end {end}"
            ));
        }
        for letter in LETTERS[first..=last].chars().step_by(step) {
            expand_into(&format!("{head}{letter}{tail}"), hosts)?;
        }
        return Ok(());
    }
    for number in (number(begin)?..=number(end)?).step_by(step) {
        expand_into(&format!("{head}{number:0width$}{tail}"), hosts)?;
    }
    Ok(())
}

fn letter(text: &str) -> Option<usize> {
    LETTERS.find(text).filter(|_| text.len() == 1)
}

fn number(text: &str) -> Result<usize, String> {
    text.parse()
        .map_err(|_| format!("{text:?} is not a number or letter"))
}

#[cfg(test)]
mod tests {
    use super::expand;

    fn names(pattern: &str) -> String {
        expand(pattern).unwrap().0.join(" ")
    }

    #[test]
    fn ranges() {
        assert_eq!(names("web[01:03]"), "web01 web02 web03");
        assert_eq!(names("db-[a:c].x"), "db-a.x db-b.x db-c.x");
        assert_eq!(names("n[0:10:5]"), "n0 n5 n10");
        assert_eq!(names("r[1:2]h[a:b]"), "r1ha r1hb r2ha r2hb");
        assert_eq!(names("n[:2]"), "n0 n1 n2");
        assert_eq!(names("n[3:1]"), "");
        assert_eq!(
            expand("web[1:2]:22").unwrap(),
            (vec!["web1".into(), "web2".into()], Some(22))
        );
        assert_eq!(names("not an:address"), "not an:address");
    }

    #[test]
    fn mistakes() {
        for pattern in [
            "w[1:",
            "w[1]",
            "w[1:]",
            "w[01:100]",
            "w[c:a]",
            "w[1:x]",
            "w[1:5:0]",
            "[::1]",
            "w[0:99999999]",
        ] {
            assert!(expand(pattern).is_err(), "{pattern}");
        }
    }
}
