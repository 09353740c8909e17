use crate::play::modules::quote;

/// Names that mean something to the shell itself, and names of programs' variables that
/// [`is_short`] doesn't know.
const TAKEN: [&str; 17] = [
    "E2", "IFS", "OPTARG", "OPTIND", "PPID", "PS4", "S_C", "S_D", "UID", "WG", "WM", "WO", "force",
    "pgn", "seen", "url", "want",
];

/// Returns whether a name is as short as programs name their variables: one character,
/// or two that are no capitals.
fn is_short(name: &str) -> bool {
    match name.len() {
        1 => true,
        2 => !name.contains(|c: char| c.is_ascii_uppercase()),
        _ => false,
    }
}

/// Returns whether programs use a name themselves.
fn is_taken(name: &str) -> bool {
    is_short(name)
        || TAKEN.contains(&name)
        || name.starts_with("s_")
        || name.starts_with("_sw_")
}

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
        if is_taken(name) || value.contains('\0') {
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
        assert_eq!(set("TZ").unwrap(), "export TZ='it'\\''s'\n");
        for wrong in ["", "A;id", "1A", "a b", "d", "rc", "WM", "s_open", "_sw_p", "IFS"] {
            assert!(set(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_variable_of_a_program_is_known() {
        // What is exported on purpose, or is no variable but an option of ssh.
        let meant = [
            "DEBIAN_FRONTEND",
            "DEBIAN_PRIORITY",
            "GIT_SSH_COMMAND",
            "GIT_TERMINAL_PROMPT",
            "IdentitiesOnly",
            "LC_ALL",
            "PIP_DISABLE_PIP_VERSION_CHECK",
            "PIP_NO_INPUT",
            "XDG_RUNTIME_DIR",
        ];
        let assigned = fancy_regex::Regex::new(r"(?m)(?:^|[\s;({])([A-Za-z_]\w*)=").unwrap();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/play/modules/sh");
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            for found in assigned.captures_iter(&text) {
                let name = found.unwrap().get(1).unwrap().as_str().to_owned();
                let known = is_taken(&name) || meant.contains(&name.as_str());
                assert!(known, "{name} in {}", path.display());
            }
        }
    }
}
