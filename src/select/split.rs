use super::address::parse_address;

/// Splits a host pattern at commas, or, where it holds none and is no single
/// host, at colons outside of brackets.
pub(super) fn split(pattern: &str) -> Vec<String> {
    let parts: Vec<&str> = if pattern.contains(',') {
        pattern.split(',').collect()
    } else if parse_address(pattern).is_some() {
        vec![pattern]
    } else {
        split_colons(pattern)
    };
    parts
        .into_iter()
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Cuts at whitespace, colons and unpaired brackets; a complete `[…]` stays whole.
fn split_colons(pattern: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while let Some(c) = pattern[at..].chars().next() {
        let close = (c == '[').then(|| pattern[at..].find(']')).flatten();
        if let Some(close) = close {
            at += close + 1;
            continue;
        }
        let next = at + c.len_utf8();
        if c.is_whitespace() || matches!(c, ':' | '[' | ']') {
            parts.push(&pattern[start..at]);
            start = next;
        }
        at = next;
    }
    parts.push(&pattern[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn commas_colons_and_brackets() {
        assert_eq!(split("a, b[1] ,c[2:3],,"), ["a", "b[1]", "c[2:3]"]);
        assert_eq!(split("web:&prod:!old[0:2]"), ["web", "&prod", "!old[0:2]"]);
        assert_eq!(split("2001:db8::1"), ["2001:db8::1"]);
        assert_eq!(split("web[0:2]"), ["web[0:2]"]);
        assert_eq!(split("~(web|db)[0-9]:x"), ["~(web|db)[0-9]", "x"]);
        assert_eq!(split("a b"), ["a", "b"]);
    }
}
