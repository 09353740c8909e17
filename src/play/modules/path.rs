use super::quote::quote;

/// Returns a path as one word of the shell that expands, on the host, what Ansible
/// expands: a leading `~` or `~user`, `$NAME` and `${NAME}`. A variable that is not
/// set stays as it was written.
///
/// A path that could be taken for an option gets `./` before it.
pub fn path_word(path: &str) -> String {
    if path.starts_with('-') {
        format!("./{}", expand_word(path))
    } else {
        expand_word(path)
    }
}

/// Returns any text as one word of the shell, expanded as a path is.
pub(super) fn expand_word(path: &str) -> String {
    let mut word = String::new();
    let mut rest = path;
    if let Some(after) = path.strip_prefix('~') {
        let (user, tail) = after.split_at(after.find('/').unwrap_or(after.len()));
        if user.is_empty() {
            word.push_str("\"${HOME-~}\"");
            rest = tail;
        } else if user.chars().all(is_user) {
            word.push_str(&format!("\"$(s_home {})\"", quote(user)));
            rest = tail;
        }
    }
    while let Some(at) = rest.find('$') {
        let (before, dollar) = rest.split_at(at);
        let Some((name, length)) = variable(dollar) else {
            // A lone dollar: it and what is before it are plain.
            word.push_str(&literal(before));
            word.push_str("'$'");
            rest = dollar.get(1..).unwrap_or_default();
            continue;
        };
        word.push_str(&literal(before));
        let written = dollar.get(..length).unwrap_or_default();
        let kept = written.replace('}', "\\}");
        word.push_str(&format!("\"${{{name}-\\{kept}}}\""));
        rest = dollar.get(length..).unwrap_or_default();
    }
    word.push_str(&literal(rest));
    if word.is_empty() {
        "''".to_owned()
    } else {
        word
    }
}

fn literal(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        quote(text)
    }
}

fn is_user(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-.".contains(c)
}

/// Returns the name of the variable that a text starts with, and the reference's length.
fn variable(text: &str) -> Option<(&str, usize)> {
    let after = text.strip_prefix('$')?;
    let braced = after.strip_prefix('{');
    let from = braced.unwrap_or(after);
    let end = from
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(from.len());
    let name = from.get(..end)?;
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    match braced {
        Some(from) => from.get(end..)?.starts_with('}').then_some((name, end + 3)),
        None => Some((name, end + 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::path_word;

    #[test]
    fn only_tilde_and_variables_are_the_shells() {
        assert_eq!(path_word("/etc/x y"), "'/etc/x y'");
        assert_eq!(path_word("~/x"), "\"${HOME-~}\"/x");
        assert_eq!(path_word("~bob/x"), "\"$(s_home bob)\"/x");
        assert_eq!(path_word("~$(id)/x"), "'~''$''(id)/x'");
        assert_eq!(
            path_word("/a/$B/${C}d"),
            "/a/\"${B-\\$B}\"/\"${C-\\${C\\}}\"d"
        );
        assert_eq!(path_word("/a/$(id)`id`"), "/a/'$''(id)`id`'");
        assert_eq!(path_word("-rf"), "./-rf");
    }
}
