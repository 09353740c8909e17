use super::{Problem, scalar};
use crate::inventory::{Node, Value};

/// Returns the words of a variable such as `ansible_ssh_common_args`.
pub fn words(node: &Node) -> Result<Vec<String>, Problem> {
    // `-4` is an integer to YAML, and an option to ssh.
    let text = match &node.value {
        Value::Int(number) => number.to_string(),
        // Said to have no options, where there would be some by default.
        Value::Null => String::new(),
        Value::Str(text) if text.trim().is_empty() => String::new(),
        _ => scalar::text(node)?,
    };
    split_words(&text).ok_or_else(|| {
        Problem::expected("options with closed quotes", node).hint("close the quote")
    })
}

/// Splits `text` as a POSIX shell splits words: blanks separate, single and double
/// quotes and backslashes protect. Nothing is expanded. `None`: a quote is open.
pub fn split_words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '"' => break,
                        '\\' => match chars.next()? {
                            c @ ('"' | '\\' | '$' | '`') => word.push(c),
                            c => word.extend(['\\', c]),
                        },
                        c => word.push(c),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(chars.next()?),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::split_words;

    #[test]
    fn splits_as_a_shell_does() {
        let words = split_words(r#"-o "ProxyCommand=ssh -W %h:%p 'a b'" -i '~/x y'\ z ''"#);
        let expected = ["-o", "ProxyCommand=ssh -W %h:%p 'a b'", "-i", "~/x y z", ""];
        assert_eq!(words.unwrap(), expected);
        assert_eq!(split_words("-o 'open"), None);
    }
}
