/// Returns a value as one word of a POSIX shell, whatever it holds. The one place
/// where values enter programs. (A NUL byte can't be in a word; arguments that hold
/// one are refused before.)
pub fn quote(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:,@+".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        return value.to_owned();
    }
    let mut word = String::with_capacity(value.len() + 2);
    word.push('\'');
    for c in value.chars() {
        match c {
            '\'' => word.push_str("'\\''"),
            '\0' => {}
            c => word.push(c),
        }
    }
    word.push('\'');
    word
}

/// Returns the lines that set environment variables for a program that follows.
/// Names that can't be a variable's are left out. Those that programs use for
/// themselves are kept in `S_E` until a command of the user's runs (`ENTER`).
pub fn exports<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let (mut lines, mut kept) = (String::new(), String::new());
    for (name, value) in variables {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !name.is_empty()
            && name.chars().all(plain)
            && !name.starts_with(|c: char| c.is_ascii_digit())
        {
            let line = format!("export {name}={}\n", quote(value));
            if is_ours(name) {
                kept.push_str(&line);
            } else {
                lines.push_str(&line);
            }
        }
    }
    if !kept.is_empty() {
        lines.push_str(&format!("S_E={}\n", quote(&kept)));
    }
    lines
}

/// Sets what [`exports`] kept, in the subshell that becomes a command of the user's.
pub(super) const ENTER: &str = "eval \"${S_E-}\"";

/// Returns whether programs have variables of such a name: a capital letter, a few small
/// ones, or one of the wanted attributes.
fn is_ours(name: &str) -> bool {
    let small = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    name.len() == 1
        || matches!(name, "WO" | "WG" | "WM")
        || (name.len() <= 4 && name.chars().all(small))
}

#[cfg(test)]
mod tests {
    use super::{exports, quote};

    #[test]
    fn plain_words_stay_and_the_rest_is_quoted() {
        assert_eq!(quote("/etc/a-b.c"), "/etc/a-b.c");
        assert_eq!(quote(""), "''");
        assert_eq!(quote("it's $HOME"), "'it'\\''s $HOME'");
        assert_eq!(quote("~"), "'~'");
        assert_eq!(quote("a=b"), "'a=b'");
        assert_eq!(exports([("AB", "x y"), ("B;id", "z")]), "export AB='x y'\n");
        let kept = exports([("HOME", "/"), ("B", "$x")]);
        assert_eq!(kept, "export HOME=/\nS_E='export B='\\''$x'\\''\n'\n");
    }
}
