//! String literals as Python writes them.

/// A string literal that was read.
pub(super) struct Literal<'a> {
    /// What comes after it.
    pub rest: &'a str,
    /// Whether it was a `b''` literal.
    pub bytes: bool,
}

/// Returns whether a string literal starts here.
pub(super) fn starts(text: &str) -> bool {
    prefix(text).is_some()
}

/// Reads the string literal that starts here and adds its text to `to`; `None`: it
/// is malformed, or none starts here.
pub(super) fn read<'a>(text: &'a str, to: &mut String) -> Option<Literal<'a>> {
    let (raw, letters) = prefix(text)?;
    let bytes = text[..letters].contains(['b', 'B']);
    let mut reader = Reader {
        rest: &text[letters..],
    };
    reader.body(raw, to)?;
    Some(Literal {
        rest: reader.rest,
        bytes,
    })
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn body(&mut self, raw: bool, text: &mut String) -> Option<()> {
        let quote = self.rest.chars().next()?;
        let triple = quote.to_string().repeat(3);
        let close = if self.rest.starts_with(&triple) {
            triple
        } else {
            quote.to_string()
        };
        self.rest = &self.rest[close.len()..];
        loop {
            if let Some(rest) = self.rest.strip_prefix(&close) {
                self.rest = rest;
                return Some(());
            }
            let c = self.rest.chars().next()?;
            self.rest = &self.rest[c.len_utf8()..];
            if c != '\\' {
                text.push(c);
                continue;
            }
            let next = self.rest.chars().next()?;
            if raw {
                text.push('\\');
                text.push(next);
                self.rest = &self.rest[next.len_utf8()..];
            } else {
                self.escape(next, text)?;
            }
        }
    }

    fn escape(&mut self, c: char, text: &mut String) -> Option<()> {
        let simple = match c {
            'n' => Some('\n'),
            't' => Some('\t'),
            'r' => Some('\r'),
            'a' => Some('\x07'),
            'b' => Some('\x08'),
            'f' => Some('\x0c'),
            'v' => Some('\x0b'),
            '\\' | '\'' | '"' => Some(c),
            _ => None,
        };
        if let Some(simple) = simple {
            text.push(simple);
            self.rest = &self.rest[1..];
            return Some(());
        }
        let (skip, radix, digits) = match c {
            'x' => (1, 16, 2),
            'u' => (1, 16, 4),
            'U' => (1, 16, 8),
            '0'..='7' => {
                let octal = self
                    .rest
                    .bytes()
                    .take(3)
                    .take_while(|b| (b'0'..=b'7').contains(b));
                (0, 8, octal.count())
            }
            // Names of characters need a table of all of Unicode.
            'N' => return None,
            // Python keeps a backslash that means nothing.
            other => {
                text.push('\\');
                text.push(other);
                self.rest = &self.rest[other.len_utf8()..];
                return Some(());
            }
        };
        let code = self.rest.get(skip..skip + digits)?;
        text.push(char::from_u32(u32::from_str_radix(code, radix).ok()?)?);
        self.rest = &self.rest[skip + digits..];
        Some(())
    }
}

/// Returns whether a string literal starts here: raw or not, and the length of its
/// prefix letters.
fn prefix(text: &str) -> Option<(bool, usize)> {
    let letters = text.find(['\'', '"']).filter(|&at| at <= 2)?;
    let prefix = text[..letters].to_ascii_lowercase();
    match prefix.as_str() {
        "" | "u" | "b" => Some((false, letters)),
        "r" | "br" | "rb" => Some((true, letters)),
        _ => None,
    }
}
