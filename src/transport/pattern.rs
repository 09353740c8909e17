/// Returns whether a list of patterns holds `name` (ssh_config(5), PATTERNS): one
/// matches, and no negated one does. Letters count as they are.
pub(super) fn list_holds<'a>(patterns: impl Iterator<Item = &'a str>, name: &str) -> bool {
    let mut holds = false;
    for pattern in patterns {
        match pattern.strip_prefix('!') {
            Some(negated) if matches(negated, name) => return false,
            Some(_) => {}
            None => holds |= matches(pattern, name),
        }
    }
    holds
}

/// Returns whether `*` (anything) and `?` (one byte) make `name` of a pattern.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut at, mut read) = (0, 0);
    // Where the last star was, and up to where it reaches: only it needs another try.
    let mut star: Option<(usize, usize)> = None;
    while read < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(&byte) if byte == b'?' || byte == name[read] => {
                at += 1;
                read += 1;
            }
            _ => {
                let Some((star_at, reach)) = star else {
                    return false;
                };
                star = Some((star_at, reach + 1));
                at = star_at + 1;
                read = reach + 1;
            }
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_marks() {
        for (pattern, name, expected) in [
            ("zap", "zap", true),
            ("zap", "zapp", false),
            ("", "", true),
            ("*", "", true),
            ("z*p", "zap.zop", true),
            ("z*p", "zap.zo", false),
            ("*.*.example", "a.b.c.example", true),
            ("?ap", "zap", true),
            ("?ap", "ap", false),
            ("10.0.0.?", "10.0.0.12", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
        let holds = |list: &str, name: &str| list_holds(list.split(' '), name);
        assert!(holds("a b*", "bee"));
        assert!(!holds("* !bee", "bee"));
        assert!(!holds("!bee", "a"));
    }
}
