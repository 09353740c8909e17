use crate::{
    inventory::{Node, Value},
    plan::Place,
};

/// What is wrong with a value, before it becomes a diagnostic.
#[derive(Debug)]
pub struct Problem {
    /// A lower-case fragment.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
    /// A place within the value, when it isn't the value's own.
    pub place: Option<Place>,
}

impl Problem {
    /// Returns a problem with a message of its own.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
            place: None,
        }
    }

    /// Returns "expected …, found …".
    pub fn expected(what: &str, node: &Node) -> Self {
        Self {
            place: Some(node.place.clone()),
            ..Self::new(format!("expected {what}, found {}", found(node)))
        }
    }

    /// Adds what to write instead.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says where within the value, unless that is known.
    #[must_use]
    pub fn at(mut self, place: &Place) -> Self {
        self.place.get_or_insert_with(|| place.clone());
        self
    }
}

/// Returns what stands there: "the string `3GB`", "a list".
fn found(node: &Node) -> String {
    match &node.value {
        Value::Bool(flag) => format!("the boolean `{flag}`"),
        Value::Int(number) => format!("the integer `{number}`"),
        Value::Float(number) => format!("the number `{number:?}`"),
        Value::Str(text) | Value::Unsafe(text) if text.is_empty() => "an empty string".to_owned(),
        Value::Str(text) | Value::Unsafe(text) => {
            let shown: String = text.chars().take(60).collect();
            let more = if shown.len() < text.len() { "…" } else { "" };
            format!("the string `{}{more}`", shown.escape_debug())
        }
        _ => node.kind().to_owned(),
    }
}

/// Returns the variable that the unknown `vm_*` variable `name` was probably meant to be.
pub fn nearest_variable<'a>(
    name: &str,
    candidates: impl Iterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    // Letters that are missing at the end count little here: `vm_memroy` is
    // `vm_memory_mib`. The prefix that all names share says nothing.
    const ENOUGH: f64 = 0.8;
    let own = |name: &str| name.strip_prefix("vm_").unwrap_or(name).to_owned();
    let wanted = own(name);
    nearest(name, candidates.clone()).or_else(|| {
        candidates
            .map(|candidate| (strsim::jaro_winkler(&own(candidate), &wanted), candidate))
            .filter(|(likeness, _)| *likeness >= ENOUGH)
            .max_by(|one, other| one.0.total_cmp(&other.0))
            .map(|(_, candidate)| candidate)
    })
}

/// Returns the candidate nearest to `name`, when it is near enough to be meant.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(candidate, name), candidate))
        .min()
        .filter(|(distance, _)| *distance <= 1 + name.len() / 4)
        .map(|(_, candidate)| candidate)
}
