use crate::play::modules::exports;

/// Returns the assignments that go before a program.
///
/// # Errors
/// A sentence, when a name can't be a variable's.
pub(super) fn environment(variables: &[(String, String)]) -> Result<String, String> {
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
        if value.contains('\0') {
            return Err(format!(
                "`environment` has a NUL character in {name}, which no variable can hold"
            ));
        }
    }
    let pairs = variables.iter();
    Ok(exports(
        pairs.map(|(name, value)| (name.as_str(), value.as_str())),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_valid() {
        let set = |name: &str| environment(&[(name.to_owned(), "it's".to_owned())]);
        assert_eq!(set("PATH").unwrap(), "export PATH='it'\\''s'\n");
        assert_eq!(set("http_proxy").unwrap(), "export http_proxy='it'\\''s'\n");
        for wrong in ["", "A;id", "1A", "a b"] {
            assert!(set(wrong).is_err(), "{wrong}");
        }
    }
}
