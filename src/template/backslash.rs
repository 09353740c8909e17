use std::borrow::Cow;

/// Doubles the backslashes in string literals of `{{ … }}`, so that `'\1'` in a
/// value means a backslash and a one.
///
/// Ansible does so to the values of inventories and playbooks (its
/// `escape_backslashes`), but neither to `{% … %}`, to conditions, nor to template
/// files.
pub(super) fn protect(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') || !text.contains("{{") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(start) = rest.find("{{").into_iter().chain(rest.find("{#")).min() {
        let is_comment = rest.get(start..).is_some_and(|text| text.starts_with("{#"));
        let (before, after) = rest.split_at(start);
        // What a raw block holds is no expression.
        if before.contains("{% raw") || before.contains("{%- raw") {
            let end = rest
                .find("endraw")
                .map_or(rest.len(), |end| end + "endraw".len());
            let (raw, after) = rest.split_at(end);
            out.push_str(raw);
            rest = after;
            continue;
        }
        out.push_str(before);
        if is_comment {
            let end = after.find("#}").map_or(after.len(), |end| end + 2);
            let (comment, after) = after.split_at(end);
            out.push_str(comment);
            rest = after;
        } else {
            rest = expression(after, &mut out);
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Copies one `{{ … }}` and returns what follows it.
fn expression<'a>(text: &'a str, out: &mut String) -> &'a str {
    let mut quote = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (None, '}') if matches!(chars.peek(), Some((_, '}'))) => {
                out.push_str("}}");
                return text.get(at + 2..).unwrap_or_default();
            }
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (Some(open), '\\') => match chars.peek() {
                // An escaped quote stays one, or the literal would end there.
                Some((_, next)) if *next == open => {
                    out.push('\\');
                    out.push(open);
                    chars.next();
                    continue;
                }
                // Two of them are two in what the literal holds.
                Some((_, '\\')) => {
                    out.push_str("\\\\\\\\");
                    chars.next();
                    continue;
                }
                _ => out.push('\\'),
            },
            _ => {}
        }
        out.push(c);
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::protect;

    #[test]
    fn only_literals_of_expressions_change() {
        for (text, expected) in [
            (
                r"a\b {{ x | f('\1', '\\2') }} \c",
                r"a\b {{ x | f('\\1', '\\\\2') }} \c",
            ),
            (
                r"{% if '\d' %}{# {{ '\d' }} #}",
                r"{% if '\d' %}{# {{ '\d' }} #}",
            ),
            (r"{{ 'it\'s }}' }}\", r"{{ 'it\'s }}' }}\"),
            (
                r"{% raw %}{{ '\1' }}{% endraw %}{{ '\1' }}",
                r"{% raw %}{{ '\1' }}{% endraw %}{{ '\\1' }}",
            ),
            (r"{{ '\", r"{{ '\\"),
        ] {
            assert_eq!(protect(text), expected, "{text}");
        }
    }
}
