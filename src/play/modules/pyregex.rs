//! Python's regular expressions and replacement texts.

use fancy_regex::{Captures, Regex, RegexBuilder};

/// How many steps back a match may go before it is given up.
const BACKTRACK: usize = 1_000_000;

/// A compiled regular expression of Python's.
#[derive(Clone, Debug)]
pub(super) struct PyRegex(Regex);

impl PyRegex {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// When it is no regular expression.
    pub(super) fn new(pattern: &str, multi_line: bool, dot_all: bool) -> Result<Self, String> {
        RegexBuilder::new(&translate(pattern, multi_line))
            .multi_line(multi_line)
            .dot_matches_new_line(dot_all)
            .backtrack_limit(BACKTRACK)
            .build()
            .map(Self)
            .map_err(|_| format!("`{pattern}` is no regular expression"))
    }

    /// Returns the first match at or after a position.
    pub(super) fn search_from<'t>(
        &self,
        text: &'t str,
        from: usize,
    ) -> Result<Option<Captures<'t, str>>, String> {
        self.0
            .captures_from_pos(text, from)
            .map_err(|_| "the regular expression takes too long".to_owned())
    }

    /// Returns the first match.
    pub(super) fn search<'t>(&self, text: &'t str) -> Result<Option<Captures<'t, str>>, String> {
        self.search_from(text, 0)
    }

    /// Returns true when the text holds a match.
    pub(super) fn matches(&self, text: &str) -> Result<bool, String> {
        Ok(self.search(text)?.is_some())
    }

    /// Replaces every match, as `re.subn`: the new text and how many were replaced.
    pub(super) fn replace_all(&self, text: &str, with: &str) -> Result<(String, usize), String> {
        let mut result = String::new();
        let (mut done, mut from, mut count) = (0, 0, 0);
        let mut last_empty = None;
        while from <= text.len() {
            let Some(found) = self.search_from(text, from)? else {
                break;
            };
            let Some(whole) = found.get(0) else { break };
            let (start, end) = (whole.start(), whole.end());
            // An empty match is taken once at each place.
            if start == end && last_empty == Some(start) {
                from = next_char(text, from);
                continue;
            }
            result.push_str(text.get(done..start).unwrap_or_default());
            result.push_str(&expand(&found, with)?);
            count += 1;
            done = end;
            if start == end {
                last_empty = Some(start);
                from = next_char(text, end);
            } else {
                from = end;
            }
        }
        result.push_str(text.get(done..).unwrap_or_default());
        Ok((result, count))
    }
}

fn next_char(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.chars().next().map_or(1, char::len_utf8)
}

/// Returns a replacement text with `\1`, `\g<1>`, `\g<name>` and escapes filled in.
pub(super) fn expand(found: &Captures<'_, str>, template: &str) -> Result<String, String> {
    let mut result = String::new();
    let group = |reference: &str| -> Result<String, String> {
        let unknown = || format!("the regular expression has no group `{reference}`");
        match reference.parse::<usize>() {
            Ok(index) if index < found.len() => {
                Ok(found.get(index).map_or("", |one| one.as_str()).to_owned())
            }
            Ok(_) => Err(unknown()),
            Err(_) => Ok(found
                .name(reference)
                .ok_or_else(unknown)?
                .as_str()
                .to_owned()),
        }
    };
    let mut rest = template;
    while let Some(at) = rest.find('\\') {
        result.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + 1..).unwrap_or_default();
        let Some(c) = rest.chars().next() else {
            return Err("the replacement ends with a backslash".to_owned());
        };
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        if let Some(named) = rest.strip_prefix("g<")
            && let Some((name, tail)) = named.split_once('>')
        {
            result.push_str(&group(name)?);
            rest = tail;
            continue;
        }
        if c.is_ascii_digit() && c != '0' {
            let length = if after.starts_with(|c: char| c.is_ascii_digit()) {
                2
            } else {
                1
            };
            result.push_str(&group(rest.get(..length).unwrap_or_default())?);
            rest = rest.get(length..).unwrap_or_default();
            continue;
        }
        match c {
            'n' => result.push('\n'),
            't' => result.push('\t'),
            'r' => result.push('\r'),
            'f' => result.push('\u{c}'),
            'v' => result.push('\u{b}'),
            'a' => result.push('\u{7}'),
            'b' => result.push('\u{8}'),
            '\\' => result.push('\\'),
            '0' => result.push('\0'),
            c if c.is_ascii_alphabetic() => {
                return Err(format!("the replacement holds a bad escape \\{c}"));
            }
            c => {
                result.push('\\');
                result.push(c);
            }
        }
        rest = after;
    }
    result.push_str(rest);
    Ok(result)
}

/// Returns Python's pattern in the syntax of the engine.
fn translate(pattern: &str, multi_line: bool) -> String {
    let multi_line = multi_line
        || pattern
            .strip_prefix("(?")
            .and_then(|rest| rest.split_once(')'))
            .is_some_and(|(flags, _)| {
                flags.contains('m') && flags.chars().all(|c| "aimsxu".contains(c))
            });
    let mut out = String::new();
    let mut chars = pattern.char_indices().peekable();
    let mut in_class = false;
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => {
                let Some((_, next)) = chars.next() else {
                    out.push('\\');
                    break;
                };
                match next {
                    'Z' => out.push_str("\\z"),
                    // Word boundaries elsewhere, plain characters in Python.
                    '<' | '>' => out.push(next),
                    '0' => out.push_str("\\x00"),
                    c if c.is_ascii_alphanumeric() => {
                        out.push('\\');
                        out.push(c);
                    }
                    c => out.push_str(&fancy_regex::escape(&c.to_string())),
                }
            }
            '[' if in_class => out.push_str("\\["),
            '&' | '~' if in_class => {
                out.push('\\');
                out.push(c);
            }
            '[' => {
                in_class = true;
                out.push('[');
                if let Some((_, '^')) = chars.peek() {
                    out.push('^');
                    chars.next();
                }
                // A bracket that comes first is a plain one.
                if let Some((_, ']')) = chars.peek() {
                    out.push_str("\\]");
                    chars.next();
                }
            }
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            // At the end Python's dollar also stands before a last newline.
            '$' if !in_class && !multi_line => out.push_str("(?=\\n?\\z)"),
            '{' if !in_class && !repeats(pattern.get(at..).unwrap_or_default()) => {
                out.push_str("\\{");
            }
            c => out.push(c),
        }
    }
    out
}

/// Returns true when a text begins with `{2}`, `{2,}`, `{,3}` or `{2,3}`.
fn repeats(text: &str) -> bool {
    let Some((inside, _)) = text.strip_prefix('{').and_then(|rest| rest.split_once('}')) else {
        return false;
    };
    let digits = |part: &str| part.chars().all(|c| c.is_ascii_digit());
    match inside.split_once(',') {
        Some((from, to)) => digits(from) && digits(to) && inside != ",",
        None => !inside.is_empty() && digits(inside),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sub(pattern: &str, with: &str, text: &str) -> String {
        PyRegex::new(pattern, false, false)
            .unwrap()
            .replace_all(text, with)
            .unwrap()
            .0
    }

    #[test]
    fn patterns_mean_what_they_mean_in_python() {
        let matches = |pattern: &str, text: &str| {
            PyRegex::new(pattern, false, false)
                .unwrap()
                .matches(text)
                .unwrap()
        };
        assert!(matches("^foo$", "foo\n"));
        assert!(!matches("^foo$", "foo\nbar"));
        assert!(matches("[[]a]", "[a]"));
        assert!(matches("a{b", "a{b"));
        assert!(matches("\\<a\\>", "<a>"));
        assert!(matches("[]x]", "]"));
        assert!(matches("^#?\\s*PermitRootLogin", "# PermitRootLogin yes"));
        assert!(PyRegex::new("(", false, false).is_err());
        // Values of Python 3.11's re.sub.
        assert_eq!(sub("x*", "-", "abxd"), "-a-b--d-");
        assert_eq!(sub("(a)(b)?", "<\\1\\2>", "abac"), "<ab><a>c");
        assert_eq!(sub("(?P<n>.)z", "\\g<n>\\n", "az"), "a\n");
    }
}
