use minijinja::{ErrorKind, Value, context};

use super::{
    Engine, backslash, is_template,
    known::{FILTERS, LOOKUPS, TESTS},
    names::{self, Use, Uses},
};
use crate::plan::{Diagnostic, Place};

/// Functions that plays have beyond Jinja's own; the play's scope brings them.
const FUNCTIONS: [&str; 8] = [
    "lookup", "query", "q", "now", "undef", "caller", "loop", "super",
];

impl Engine {
    /// Finds what is wrong with the text of a value without rendering it: syntax,
    /// filters, tests, functions and lookups that don't exist.
    pub fn check_text(&self, place: &Place, text: &str) -> Vec<Diagnostic> {
        if !is_template(text) {
            return Vec::new();
        }
        match self.compiles(place, &backslash::protect(text)) {
            Ok(()) => self.check_names(place, names::in_template(text)),
            Err(error) => vec![error],
        }
    }

    /// Does the same for a bare expression, as `when:` holds it.
    pub fn check_expression(&self, place: &Place, expression: &str) -> Vec<Diagnostic> {
        match self.expression_compiles(place, expression) {
            Ok(()) => self.check_names(place, names::in_expression(expression)),
            Err(error) => vec![error],
        }
    }

    fn check_names(&self, place: &Place, uses: Uses<'_>) -> Vec<Diagnostic> {
        let mut found: Vec<Diagnostic> = Vec::new();
        for (kind, name) in uses {
            let (what, known, near): (_, _, &[&str]) = match kind {
                Use::Filter => ("filter", self.has(&format!("1 | {name}")), &FILTERS),
                Use::Test => ("test", self.has(&format!("1 is {name}")), &TESTS),
                Use::Function => ("function", self.has_function(name), &FUNCTIONS),
                Use::Lookup => {
                    let short = name.strip_prefix("ansible.builtin.").unwrap_or(name);
                    ("lookup", LOOKUPS.contains(&short), &LOOKUPS)
                }
            };
            if known {
                continue;
            }
            let message = format!("there is no {what} `{name}`");
            if found.iter().any(|other| other.message == message) {
                continue;
            }
            let short = name.rsplit('.').next().unwrap_or(name);
            let hint = nearest(short, near.iter().copied()).map_or_else(
                || format!("swarmctl has Ansible's built-in {what}s, and no others"),
                |near| format!("did you mean `{near}`?"),
            );
            found.push(Diagnostic::error(place.clone(), message).hint(hint));
        }
        found
    }

    /// Returns whether an expression's filter or test exists: minijinja tells so
    /// when it is used, and has no list to ask.
    fn has(&self, expression: &str) -> bool {
        let result = self
            .environment
            .compile_expression(expression)
            .and_then(|compiled| compiled.eval(context! {}));
        !matches!(
            result.map_err(|error| error.kind()),
            Err(ErrorKind::UnknownFilter | ErrorKind::UnknownTest)
        )
    }

    fn has_function(&self, name: &str) -> bool {
        FUNCTIONS.contains(&name) || self.environment.globals().any(|(known, _)| known == name)
    }

    fn compiles(&self, place: &Place, text: &str) -> Result<(), Diagnostic> {
        self.environment
            .template_from_named_str("<value>", text)
            .map(drop)
            .map_err(|error| self.value_failure(place, text, &error, &Value::UNDEFINED))
    }

    fn expression_compiles(&self, place: &Place, text: &str) -> Result<(), Diagnostic> {
        self.environment
            .compile_expression(text)
            .map(drop)
            .map_err(|error| self.value_failure(place, text, &error, &Value::UNDEFINED))
    }
}

/// Returns the name that `written` was probably meant to be.
fn nearest<'a>(written: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .map(|name| (strsim::damerau_levenshtein(name, written), name))
        .min()
        .filter(|(distance, _)| *distance <= 1 + written.len() / 4)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Vec<String> {
        let found = Engine::without_files().check_text(&Place::nowhere("<test>"), text);
        found
            .into_iter()
            .map(|one| format!("{}; {}", one.message, one.hint.unwrap_or_default()))
            .collect()
    }

    #[test]
    fn what_does_not_exist_is_found_without_rendering() {
        assert_eq!(
            check("{{ a | defualt(1) }} {{ b is defnied }} {{ lookup('evn', 'X') }}"),
            [
                "there is no filter `defualt`; did you mean `default`?",
                "there is no test `defnied`; did you mean `defined`?",
                "there is no lookup `evn`; did you mean `env`?",
            ]
        );
        assert_eq!(
            check("{{ frobnicate(1) }}"),
            [
                "there is no function `frobnicate`; swarmctl has Ansible's built-in functions, and no others"
            ]
        );
        assert!(check("{{ a | default('|x') }} | x").is_empty());
        assert!(check("{{ a").concat().contains("syntax error"));
    }

    #[test]
    fn the_lists_of_names_are_true() {
        let engine = Engine::without_files();
        for name in FILTERS {
            assert!(engine.has(&format!("1 | {name}")), "{name}");
        }
        for name in TESTS {
            assert!(engine.has(&format!("1 is {name}")), "{name}");
        }
    }
}
