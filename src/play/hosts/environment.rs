use crate::play::modules::quote;

/// Names this short are those of the programs' own variables.
const OWN: usize = 3;

/// Names that mean something to the shell itself, and the longer ones of programs.
const TAKEN: [&str; 11] = [
    "IFS", "OPTARG", "OPTIND", "PPID", "PS4", "UID", "force", "pgn", "seen", "url", "want",
];

/// Returns the assignments that go before a program.
///
/// # Errors
/// A sentence, when a name can't be a variable's, or is one that programs use
/// themselves.
pub(super) fn environment(variables: &[(String, String)]) -> Result<String, String> {
    let mut lines = String::new();
    for (name, value) in variables {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let valid = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(plain);
        if !valid {
            return Err(format!(
                "`environment` has {name:?}, which can't be the name of a variable: write \
                 letters, digits and underscores"
            ));
        }
        let own = name.len() <= OWN || name.starts_with("s_") || name.starts_with("_sw_");
        if own || TAKEN.contains(&name.as_str()) || value.contains('\0') {
            return Err(format!(
                "`environment` can't set {name}, which the programs of modules use \
                 themselves: set it in the command, as in `env {name}=… command`"
            ));
        }
        lines.push_str(&format!("export {name}={}\n", quote(value)));
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_valid_and_no_program_has_them() {
        let set = |name: &str| environment(&[(name.to_owned(), "it's".to_owned())]);
        assert_eq!(set("PATH").unwrap(), "export PATH='it'\\''s'\n");
        assert_eq!(set("http_proxy").unwrap(), "export http_proxy='it'\\''s'\n");
        for wrong in ["", "A;id", "1A", "a b", "d", "WM", "s_open", "_sw_p", "IFS"] {
            assert!(set(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn no_program_has_a_long_variable_of_its_own() {
        let text = crate::play::modules::prelude();
        for line in text.lines() {
            for word in line.split([' ', ';', '{', '(', '"']) {
                if let Some((name, _)) = word.split_once('=')
                    && name.len() > OWN
                    && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                {
                    assert!(name.starts_with("_sw_") || name == "TMPDIR", "{line}");
                }
            }
        }
    }
}
