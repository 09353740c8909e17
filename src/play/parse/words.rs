/// Returns "did you mean …" for the name that is nearest to `written`.
pub(super) fn did_you_mean<'a>(
    written: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(name, written), name))
        .min()
        .filter(|(distance, _)| *distance > 0 && *distance <= 1 + written.len() / 4)
        .map(|(_, name)| format!("did you mean `{name}`?"))
}

/// Returns whether `text` can be a variable's name, as in Python.
pub(super) fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars
        .next()
        .is_some_and(|first| first.is_alphabetic() || first == '_')
        && chars.all(|c| c.is_alphanumeric() || c == '_')
}
