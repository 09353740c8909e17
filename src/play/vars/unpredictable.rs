use minijinja::{Error, ErrorKind, Value as Jinja};

use crate::plan::Diagnostic;

/// What the message of such an error begins with.
const MARK: &str = "can't be predicted: depends on ";

/// Returns a value that check mode can't know: whatever looks at it fails, and the
/// failure says that it depends on `what`.
pub fn unpredictable(what: &str) -> Jinja {
    let message = format!("{MARK}{what}");
    Jinja::from(Error::new(ErrorKind::InvalidOperation, message))
}

/// Returns what an evaluation depends on that check mode can't know; `None` when it
/// failed for another reason.
pub fn depends_on(error: &Diagnostic) -> Option<&str> {
    let at = error.message.find(MARK)?;
    error.message.get(at + MARK.len()..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{plan::Place, template::Engine};

    #[test]
    fn whatever_looks_at_it_depends_on_it() {
        let engine = Engine::without_files();
        let place = Place::nowhere("<test>");
        let context = minijinja::context! {
            r => unpredictable("`r`"),
            part => minijinja::context! { rc => unpredictable("`part.rc`"), changed => true },
        };
        for expression in [
            "r.stdout == 'x'",
            "r is defined",
            "r.rc | default(0)",
            "'a' ~ r",
            "part.rc == 0",
            "part.rc is defined",
        ] {
            let result = engine.evaluate_expression(&place, expression, context.clone());
            let error = result.expect_err(expression);
            let what = depends_on(&error).expect(expression);
            assert!(what.starts_with('`'), "{expression}: {what}");
        }
        for expression in ["part.changed", "false and r.stdout == 'x'"] {
            let result = engine.evaluate_expression(&place, expression, context.clone());
            assert!(result.is_ok(), "{expression}");
        }
    }
}
