//! Words of an INI host line, as Python's `shlex.split(line, comments=True)` cuts.

/// One word with the column (in characters, from 1) it starts at.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub text: String,
    pub column: u32,
}

/// Cuts a line at whitespace; quotes and backslashes protect, `#` starts a comment.
///
/// # Errors
/// When a quote is not closed, or a backslash ends the line.
pub(super) fn split(line: &str) -> Result<Vec<Word>, &'static str> {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    let mut quote: Option<char> = None;
    let mut chars = (1_u32..).zip(line.chars());
    while let Some((column, c)) = chars.next() {
        let start = || Word {
            text: String::new(),
            column,
        };
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            // Within double quotes a backslash protects only these two.
            (Some('"'), '\\') => {
                let (_, next) = chars.next().ok_or("a backslash ends the line")?;
                let text = &mut word.get_or_insert_with(start).text;
                if !matches!(next, '"' | '\\') {
                    text.push('\\');
                }
                text.push(next);
            }
            (Some(_), c) => word.get_or_insert_with(start).text.push(c),
            (None, '\'' | '"') => {
                word.get_or_insert_with(start);
                quote = Some(c);
            }
            (None, '\\') => {
                let (_, next) = chars.next().ok_or("a backslash ends the line")?;
                word.get_or_insert_with(start).text.push(next);
            }
            (None, '#') => {
                // shlex ends the word here and drops the rest of the line.
                break;
            }
            (None, ' ' | '\t' | '\r' | '\n') => words.extend(word.take()),
            (None, c) => word.get_or_insert_with(start).text.push(c),
        }
    }
    if quote.is_some() {
        return Err("a quote is not closed");
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::split;

    fn texts(line: &str) -> Vec<String> {
        split(line)
            .unwrap()
            .into_iter()
            .map(|word| word.text)
            .collect()
    }

    #[test]
    fn words_quotes_comments() {
        assert_eq!(texts("web a=1  b='x y' # c"), ["web", "a=1", "b=x y"]);
        assert_eq!(
            texts(r#"w a="q\"z\d" b=\# c='\'"#),
            ["w", r#"a=q"z\d"#, "b=#", r"c=\"]
        );
        assert_eq!(texts("web#x"), ["web"]);
        assert_eq!(texts("w ''"), ["w", ""]);
        assert_eq!(split("ä b=1").unwrap()[1].column, 3);
        assert!(split("w a='x").is_err());
        assert!(split("w a\\").is_err());
    }
}
