//! `key=value` texts, cut as Ansible cuts them.

/// A text that can't be cut: a quote or a template is not closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cut the arguments apart: a quote or a template in them is not closed")]
pub struct Unbalanced;

/// Arguments that were cut out of a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Pairs {
    /// `key=value`, quotes removed.
    pub named: Vec<(String, String)>,
    /// What is no pair, joined again.
    pub rest: Option<String>,
}

/// The arguments of `command` and its like that may stand before the text.
/// Source: ansible-core's parse_kv.
const OF_COMMANDS: [&str; 8] = [
    "creates",
    "removes",
    "chdir",
    "executable",
    "warn",
    "stdin",
    "stdin_add_newline",
    "strip_empty_ends",
];

/// What is open at a point of the text.
#[derive(Default)]
struct Open {
    quote: Option<char>,
    print: usize,
    block: usize,
    comment: usize,
}

impl Open {
    fn template(&self) -> bool {
        self.print + self.block + self.comment > 0
    }

    /// Follows one token; returns whether the depth of templates changed.
    fn take(&mut self, token: &str) -> bool {
        let mut previous = None;
        for c in token.chars() {
            if matches!(c, '"' | '\'') && previous != Some('\\') {
                match self.quote {
                    Some(open) if open == c => self.quote = None,
                    Some(_) => {}
                    None => self.quote = Some(c),
                }
            }
            previous = Some(c);
        }
        let before = (self.print, self.block, self.comment);
        count(&mut self.print, token, "{{", "}}");
        count(&mut self.block, token, "{%", "%}");
        count(&mut self.comment, token, "{#", "#}");
        before != (self.print, self.block, self.comment)
    }
}

fn count(depth: &mut usize, token: &str, open: &str, close: &str) {
    let (opened, closed) = (token.matches(open).count(), token.matches(close).count());
    *depth = (*depth + opened).saturating_sub(closed);
}

/// Cuts a text at whitespace; quotes and templates hold together, and stay as they
/// are. Spaces and line breaks between are kept at the end of each part, so that the
/// parts joined give the text again.
///
/// # Errors
/// When a quote or template is not closed.
pub fn split_args(text: &str) -> Result<Vec<String>, Unbalanced> {
    let mut parts: Vec<String> = Vec::new();
    let mut open = Open::default();
    let lines: Vec<&str> = text.split('\n').collect();
    for (row, line) in lines.iter().enumerate() {
        let mut continued = false;
        for (index, token) in line.split(' ').enumerate() {
            if token.is_empty() && index > 0 {
                append(&mut parts, " ");
                continue;
            }
            if token == "\\" && open.quote.is_none() {
                continued = true;
                continue;
            }
            let (was_quoted, was_template) = (open.quote.is_some(), open.template());
            let changed = open.take(token);
            let quoted = open.quote.is_some();
            if quoted && !was_quoted && !was_template {
                parts.push(token.to_owned());
            } else if was_template || quoted || was_quoted {
                if index > 0 {
                    append(&mut parts, " ");
                }
                append(&mut parts, token);
            } else if (changed || !open.template()) && !token.is_empty() {
                parts.push(token.to_owned());
            }
        }
        if row + 1 < lines.len() && !continued {
            append(&mut parts, "\n");
        }
    }
    if open.quote.is_some() || open.template() {
        return Err(Unbalanced);
    }
    Ok(parts)
}

fn append(parts: &mut Vec<String>, text: &str) {
    match parts.last_mut() {
        Some(last) => last.push_str(text),
        None => parts.push(text.to_owned()),
    }
}

/// Joins parts again, as they were in the text.
pub(super) fn join_args(parts: &[String]) -> String {
    let mut text = String::new();
    for part in parts {
        if !(text.is_empty() || text.ends_with('\n')) {
            text.push(' ');
        }
        text.push_str(part);
    }
    text
}

/// Cuts `key=value` pairs out of a text. With `free_form` only those that `command`
/// knows are pairs, all else is the text.
///
/// # Errors
/// When a quote or template is not closed.
pub(super) fn pairs(text: &str, free_form: bool) -> Result<Pairs, Unbalanced> {
    let mut found = Pairs::default();
    let mut rest = Vec::new();
    for original in split_args(text)? {
        let part = unescape(&original);
        if !part.contains('=') {
            rest.push(original);
            continue;
        }
        let equals = part
            .match_indices('=')
            .map(|(at, _)| at)
            .find(|at| *at > 0 && !part.get(..*at).is_some_and(|head| head.ends_with('\\')));
        match equals.map(|at| part.split_at(at)) {
            None => rest.push(part.replace("\\=", "=")),
            Some((key, _)) if free_form && !OF_COMMANDS.contains(&key) => rest.push(original),
            Some((key, value)) => {
                let value = value.strip_prefix('=').unwrap_or(value).trim();
                let pair = (key.trim().to_owned(), unquoted(value).to_owned());
                found.named.push(pair);
            }
        }
    }
    if !rest.is_empty() {
        found.rest = Some(join_args(&rest));
    }
    Ok(found)
}

fn unquoted(text: &str) -> &str {
    for quote in ['"', '\''] {
        if text.len() > 1
            && text.starts_with(quote)
            && text.ends_with(quote)
            && !text.ends_with(&format!("\\{quote}"))
        {
            return text.get(1..text.len() - 1).unwrap_or(text);
        }
    }
    text
}

/// Resolves the escapes of Python's strings.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let mut chars = escape.chars().skip(1);
        let kind = chars.next();
        let simple = kind.and_then(|c| match c {
            '\\' | '\'' | '"' => Some(c),
            'a' => Some('\x07'),
            'b' => Some('\x08'),
            'f' => Some('\x0c'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'v' => Some('\x0b'),
            _ => None,
        });
        let digits = match kind {
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            _ => 0,
        };
        let coded = escape
            .get(2..2 + digits)
            .filter(|_| digits > 0)
            .and_then(|code| u32::from_str_radix(code, 16).ok())
            .and_then(char::from_u32);
        let length = match (simple, coded) {
            (Some(c), _) => {
                out.push(c);
                2
            }
            (None, Some(c)) => {
                out.push(c);
                2 + digits
            }
            (None, None) => {
                out.push('\\');
                1
            }
        };
        rest = escape.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line: a text, its parts as ansible-core 2.19 cuts it.
    #[test]
    fn texts_are_cut_as_ansible_cuts_them() {
        for (text, parts) in [
            ("a=b c=\"foo bar\"", &["a=b", "c=\"foo bar\""][..]),
            ("a={{ b | c }} d", &["a={{ b | c }}", "d"]),
            ("echo  a   b", &["echo ", "a  ", "b"]),
            ("a\nb c", &["a\n", "b", "c"]),
            ("a \\\n b", &["a", "b"]),
            ("x='a {{ b }} c' y", &["x='a {{ b }} c'", "y"]),
            ("{% if a %}b{% endif %} c", &["{% if a %}b{% endif %}", "c"]),
            ("'a\nb'", &["'a\nb'"]),
        ] {
            assert_eq!(split_args(text).unwrap(), parts, "{text:?}");
        }
        assert_eq!(split_args("a 'b"), Err(Unbalanced));
        assert_eq!(split_args("{{ a"), Err(Unbalanced));
    }

    #[test]
    fn pairs_and_free_texts() {
        let of = |text, free| {
            let pairs = pairs(text, free).unwrap();
            let named: Vec<_> = pairs
                .named
                .iter()
                .map(|(k, v)| format!("{k}:{v}"))
                .collect();
            (named.join(" "), pairs.rest.unwrap_or_default())
        };
        let both = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            of("src=a dest='b c' mode=0644", false),
            both("src:a dest:b c mode:0644", "")
        );
        assert_eq!(
            of("echo a=b creates=/x chdir=\"/y z\"", true),
            both("creates:/x chdir:/y z", "echo a=b")
        );
        assert_eq!(of("echo a\\=b", true), both("", "echo a=b"));
        assert_eq!(of("msg='a\\nb'", false), both("msg:a\nb", ""));
        assert_eq!(
            of("name={{ x == 'y' }}", false),
            both("name:{{ x == 'y' }}", "")
        );
    }
}
