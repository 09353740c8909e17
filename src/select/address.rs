//! Ansible's idea of what a host name with an optional port looks like.

use std::{net::Ipv6Addr, str::FromStr};

/// Splits `host`, `host:port` or `[host]:port`, ranges included. Returns `None`
/// when the text is no host name, IPv4 or IPv6 address in Ansible's sense.
pub(crate) fn parse_address(text: &str) -> Option<(&str, Option<u32>)> {
    let mut address = text;
    let mut port = None;
    if let Some((inner, number)) = bracketed(address) {
        (address, port) = (inner, Some(number));
    }
    if let Some((host, number)) = with_port(address) {
        (address, port) = (host, Some(number));
    }
    (is_hostname(address) || is_ipv6(address)).then_some((address, port))
}

/// `[anything]:port`.
fn bracketed(text: &str) -> Option<(&str, u32)> {
    let (inner, port) = text.strip_prefix('[')?.rsplit_once("]:")?;
    if inner.is_empty() {
        return None;
    }
    Some((inner, digits(port)?))
}

/// `host:port`, where colons of the host may stand in brackets only.
fn with_port(text: &str) -> Option<(&str, u32)> {
    let (host, port) = text.rsplit_once(':')?;
    let port = digits(port)?;
    let mut rest = host;
    while let Some(at) = rest.find([':', '[', ']']) {
        rest = rest[at..].strip_prefix('[')?;
        rest = &rest[rest.find(']')? + 1..];
    }
    Some((host, port))
}

fn digits(text: &str) -> Option<u32> {
    let all = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    all.then(|| text.parse().ok()).flatten()
}

/// Labels of word characters, dashes and ranges, joined with dots. IPv4 addresses
/// are host names by this rule.
fn is_hostname(text: &str) -> bool {
    text.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    let mut rest = label;
    let mut first = true;
    let mut ends_well = false;
    while let Some(c) = rest.chars().next() {
        if c == '[' {
            let Some(end) = rest.find(']') else {
                return false;
            };
            if !is_range(&rest[1..end], false) {
                return false;
            }
            rest = &rest[end + 1..];
            ends_well = true;
        } else {
            let word = c.is_alphanumeric() || c == '_';
            if !(word || c == '-' && !first) {
                return false;
            }
            rest = &rest[c.len_utf8()..];
            ends_well = c != '_' && c != '-';
        }
        first = false;
    }
    !first && ends_well
}

/// The inside of `[begin:end]` or `[begin:end:step]`.
fn is_range(text: &str, hex: bool) -> bool {
    let mut parts = text.split(':');
    let (Some(begin), Some(end)) = (parts.next(), parts.next()) else {
        return false;
    };
    let step = parts.next();
    if parts.next().is_some() || step.is_some_and(|s| !all(s, |b| b.is_ascii_digit())) {
        return false;
    }
    if hex {
        return all(begin, |b| b.is_ascii_hexdigit()) && all(end, |b| b.is_ascii_hexdigit());
    }
    let letters = begin.len() == 1 && end.len() == 1;
    all(begin, |b| b.is_ascii_digit()) && all(end, |b| b.is_ascii_digit())
        || letters
            && all(begin, |b| b.is_ascii_alphabetic())
            && all(end, |b| b.is_ascii_alphabetic())
}

fn all(text: &str, test: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(test)
}

/// An IPv6 address, each component of which may be a hexadecimal range.
fn is_ipv6(text: &str) -> bool {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('[') {
        let Some(end) = rest[at..].find(']').map(|end| at + end) else {
            return false;
        };
        if !is_range(&rest[at + 1..end], true) {
            return false;
        }
        plain.push_str(&rest[..at]);
        plain.push('0');
        rest = &rest[end + 1..];
    }
    plain.push_str(rest);
    plain.contains(':') && Ipv6Addr::from_str(&plain).is_ok()
}

#[cfg(test)]
mod tests {
    use super::parse_address;

    #[test]
    fn hosts_ports_and_ranges() {
        assert_eq!(parse_address("web"), Some(("web", None)));
        assert_eq!(parse_address("web:22"), Some(("web", Some(22))));
        assert_eq!(
            parse_address("web[01:50].x:22"),
            Some(("web[01:50].x", Some(22)))
        );
        assert_eq!(
            parse_address("[2001:db8::1]:22"),
            Some(("2001:db8::1", Some(22)))
        );
        assert_eq!(parse_address("2001:db8::1"), Some(("2001:db8::1", None)));
        assert_eq!(
            parse_address("2001:db8::[1:f]"),
            Some(("2001:db8::[1:f]", None))
        );
        assert_eq!(parse_address("10.0.0.[1:3]"), Some(("10.0.0.[1:3]", None)));
        assert_eq!(parse_address("groß_1"), Some(("groß_1", None)));
    }

    #[test]
    fn what_is_no_address() {
        for text in [
            "", "a:b", "a b", "web-", "-web", "web[1:x]", "web[", "[::1]", "a..b", "web:",
        ] {
            assert_eq!(parse_address(text), None, "{text}");
        }
    }
}
