//! Cuts text into words, as Python's `shlex.split` does.

use serde_json::{Map, Value};

/// Returns the words of a text: whitespace cuts, quotes and backslashes protect.
///
/// # Errors
/// When a quote is not closed, or a backslash ends the text.
pub(super) fn split(text: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('"'), '\\') => {
                let next = chars.next().ok_or("a backslash ends it")?;
                let word = word.get_or_insert_default();
                // Within double quotes a backslash protects only these two.
                if !matches!(next, '"' | '\\') {
                    word.push('\\');
                }
                word.push(next);
            }
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                word.get_or_insert_default();
                quote = Some(c);
            }
            (None, '\\') => {
                let next = chars.next().ok_or("a backslash ends it")?;
                word.get_or_insert_default().push(next);
            }
            (None, ' ' | '\t' | '\r' | '\n') => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err("a quote is not closed");
    }
    words.extend(word);
    Ok(words)
}

/// Returns the mapping that a text of `key=value` pairs is, cut at commas and blanks.
pub(super) fn pairs(text: &str) -> Option<Map<String, Value>> {
    let mut fields = vec![String::new()];
    let mut quote: Option<char> = None;
    let mut chars = text.trim().chars();
    while let Some(c) = chars.next() {
        let field = fields.last_mut()?;
        match (quote, c) {
            (_, '\\') => field.extend(chars.next()),
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, ',' | ' ') => fields.push(String::new()),
            (_, c) => field.push(c),
        }
    }
    fields
        .iter()
        .filter(|field| !field.is_empty())
        .map(|field| {
            let (key, value) = field.split_once('=')?;
            Some((key.to_owned(), Value::from(value)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn words_are_shlexes() {
        assert_eq!(
            split("a 'b c' \"d\\\"e\" f\\ g").unwrap(),
            ["a", "b c", "d\"e", "f g"]
        );
        assert_eq!(split("x=\"\" ''").unwrap(), ["x=", ""]);
        assert!(split("'a").is_err());
        assert!(split("a\\").is_err());
    }
}
