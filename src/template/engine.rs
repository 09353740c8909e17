use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value, syntax::SyntaxConfig,
};

use super::{
    backslash, escape,
    failure::{self, Origin},
    filters, predicates,
};
use crate::plan::{Diagnostic, Place};

/// How many instructions one rendering may run; a template of the fleet needs some
/// thousands, and the bound ends a loop within about a second.
const FUEL: u64 = 5_000_000;
/// How deep includes, macros and loops may nest.
const RECURSION: usize = 100;

/// Loaded template files by name: their path for messages, and their text.
type Sources = Arc<Mutex<HashMap<String, (Arc<Path>, String)>>>;

/// A Jinja environment that behaves as Ansible's: `trim_blocks` on,
/// `lstrip_blocks` off, the trailing newline kept, undefined variables are errors.
pub struct Engine {
    pub(super) environment: Environment<'static>,
    sources: Sources,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine(…)")
    }
}

impl Engine {
    /// Returns an engine whose template files come from `source`: relative name to
    /// the path for messages and the text.
    pub fn new(
        source: impl Fn(&str) -> Option<(Arc<Path>, String)> + Send + Sync + 'static,
    ) -> Self {
        let sources = Sources::default();
        let mut environment = Environment::new();
        if let Ok(syntax) = SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(false)
            .keep_trailing_newline(true)
            .build()
        {
            environment.set_syntax(syntax);
        }
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // Debug mode lets errors name the undefined expression. It also attaches
        // the values of variables to them, hence errors never leave this module
        // but as diagnostics that are made of kind, detail and position, and the
        // `debug` function is taken away.
        environment.set_debug(true);
        environment.remove_global("debug");
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(RECURSION);
        environment.set_auto_escape_callback(|name| {
            if name.ends_with(".xml.j2") || name.ends_with(".xml") {
                AutoEscape::Html
            } else {
                AutoEscape::None
            }
        });
        environment.set_formatter(escape::format);
        environment
            .set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        filters::register(&mut environment);
        predicates::register(&mut environment);
        let loaded = Arc::clone(&sources);
        environment.set_loader(move |name| {
            let Some((path, text)) = source(name) else {
                return Ok(None);
            };
            loaded
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(name.to_owned(), (path, text.clone()));
            Ok(Some(text))
        });
        Self {
            environment,
            sources,
        }
    }

    /// Returns an engine that knows no template files.
    pub fn without_files() -> Self {
        Self::new(|_| None)
    }

    /// Returns this engine with no file escaped for XML: plays write what templates say.
    #[must_use]
    pub fn without_escapes(mut self) -> Self {
        self.environment
            .set_auto_escape_callback(|_| AutoEscape::None);
        self
    }

    /// Renders a template file, named relative to the fleet directory.
    ///
    /// # Errors
    ///
    /// Fails with the template's own file, line and column.
    pub fn render_file(&self, relative: &str, context: Value) -> Result<String, Diagnostic> {
        self.environment
            .get_template(relative)
            .and_then(|template| template.render(context.clone()))
            .map_err(|error| self.file_failure(relative, &error, &context))
    }

    /// Renders the text of a value that stands at `place`.
    ///
    /// # Errors
    ///
    /// Fails with the value's place.
    pub fn render_text(
        &self,
        place: &Place,
        text: &str,
        context: Value,
    ) -> Result<String, Diagnostic> {
        self.environment
            .template_from_named_str("<value>", &backslash::protect(text))
            .and_then(|template| template.render(context.clone()))
            .map_err(|error| self.value_failure(place, text, &error, &context))
    }

    /// Evaluates the text of a value with Ansible's native types: a text that is one
    /// whole `{{ expression }}` gives what the expression gives, any other a string.
    ///
    /// # Errors
    ///
    /// Fails with the value's place.
    pub fn evaluate(&self, place: &Place, text: &str, context: Value) -> Result<Value, Diagnostic> {
        let protected = backslash::protect(text);
        if let Some(inner) = whole_expression(&protected)
            && let Ok(expression) = self.environment.compile_expression_owned(inner.to_owned())
        {
            match expression.eval(context.clone()) {
                // Rendering fails as well, and names what is undefined.
                Ok(value) if value.is_undefined() => {}
                Ok(value) => return Ok(value),
                Err(error) => return Err(self.value_failure(place, inner, &error, &context)),
            }
        }
        self.render_text(place, text, context).map(Value::from)
    }

    /// Evaluates a bare expression, as `when:` holds it. Backslashes in its string
    /// literals are escapes here, as in Ansible's conditions.
    ///
    /// # Errors
    ///
    /// Fails with the expression's place, also when the result is undefined.
    pub fn evaluate_expression(
        &self,
        place: &Place,
        expression: &str,
        context: Value,
    ) -> Result<Value, Diagnostic> {
        let fail = |error: Error| self.value_failure(place, expression, &error, &context);
        let value = self
            .environment
            .compile_expression_owned(expression.to_owned())
            .and_then(|compiled| compiled.eval(context.clone()))
            .map_err(fail)?;
        if value.is_undefined() {
            return Err(Diagnostic::error(
                place.clone(),
                format!("`{}` is undefined", expression.trim()),
            ));
        }
        Ok(value)
    }

    /// Returns the path of a template file that was rendered, for messages.
    pub fn file(&self, relative: &str) -> Option<Arc<Path>> {
        let sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        sources.get(relative).map(|(path, _)| Arc::clone(path))
    }

    fn file_failure(&self, relative: &str, error: &Error, context: &Value) -> Diagnostic {
        let inner = failure::innermost(error);
        let name = inner.name().unwrap_or(relative);
        let sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.kind() == ErrorKind::TemplateNotFound && !sources.contains_key(relative) {
            return failure::missing(relative);
        }
        let Some((path, text)) = sources.get(name).or_else(|| sources.get(relative)) else {
            return failure::missing(relative);
        };
        let origin = Origin {
            place: Place::new(path, 0, 0),
            text,
            whole_file: true,
        };
        failure::diagnose(inner, &origin, context)
    }

    pub(super) fn value_failure(
        &self,
        place: &Place,
        text: &str,
        error: &Error,
        context: &Value,
    ) -> Diagnostic {
        let inner = failure::innermost(error);
        let sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((path, text)) = inner.name().and_then(|name| sources.get(name)) {
            let origin = Origin {
                place: Place::new(path, 0, 0),
                text,
                whole_file: true,
            };
            return failure::diagnose(inner, &origin, context);
        }
        let origin = Origin {
            place: place.clone(),
            text,
            whole_file: false,
        };
        failure::diagnose(inner, &origin, context)
    }
}

/// Returns whether `text` holds anything that Jinja would act on.
pub fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.contains("{#")
}

/// Returns the expression of a text that is one `{{ expression }}`, without
/// knowing yet whether it is one only: `{{ a }}{{ b }}` gives `a }}{{ b`, which
/// doesn't compile.
fn whole_expression(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("{{")?.strip_suffix("}}")?;
    let inner = inner.strip_prefix('-').unwrap_or(inner);
    Some(inner.strip_suffix('-').unwrap_or(inner))
}

#[cfg(test)]
mod tests {
    use minijinja::context;

    use super::*;

    fn engine() -> Engine {
        Engine::new(|name| {
            let text = match name {
                "a.j2" => "one\n{% if true %}\ntwo {{ user.nmae }}\n{% endif %}\n",
                "b.xml.j2" => "<a b=\"{{ v }}\"/>\n",
                "c.j2" => "{% include 'a.j2' %}",
                "d.j2" => "{% if true %}\nx\n{% endif %}\n",
                _ => return None,
            };
            Some((
                Arc::from(Path::new(&format!("fleet/{name}"))),
                text.to_owned(),
            ))
        })
    }

    #[test]
    fn errors_name_the_templates_own_line_and_a_near_name() {
        let context = context! { user => context! { name => "x", secret => "hunter2" } };
        for file in ["a.j2", "c.j2"] {
            let error = engine().render_file(file, context.clone()).unwrap_err();
            assert_eq!(
                error.to_string(),
                "fleet/a.j2:3:8: `user.nmae` is undefined"
            );
            assert_eq!(error.hint.as_deref(), Some("did you mean `user.name`?"));
            assert!(!format!("{error:?}").contains("hunter2"));
        }
    }

    #[test]
    fn whitespace_is_as_in_ansible() {
        assert_eq!(engine().render_file("d.j2", context! {}).unwrap(), "x\n");
    }

    #[test]
    fn xml_is_escaped() {
        let xml = engine()
            .render_file("b.xml.j2", context! { v => "zap [claw] <&\"'>" })
            .unwrap();
        assert_eq!(xml, "<a b=\"zap [claw] &lt;&amp;&quot;&apos;&gt;\"/>\n");
    }

    #[test]
    fn a_whole_expression_keeps_its_type() {
        let place = Place::nowhere("<test>");
        let value = |text| engine().evaluate(&place, text, context! { a => 1, b => 2 });
        assert_eq!(value("{{ a + b }}").unwrap(), Value::from(3));
        assert_eq!(value("{{ a }}{{ b }}").unwrap(), Value::from("12"));
        assert_eq!(value("{{ a == 1 }} ").unwrap(), Value::from("True "));
        assert_eq!(value("{{ [a] }}!").unwrap(), Value::from("[1]!"));
        let error = value("{{ c }}").unwrap_err();
        assert_eq!(error.to_string(), "<test>: `c` is undefined");
    }

    #[test]
    fn endless_templates_end() {
        let text =
            "{% for i in range(99999) %}{% for j in range(99999) %}{{ j }}{% endfor %}{% endfor %}";
        let error = engine()
            .render_text(&Place::nowhere("<test>"), text, context! {})
            .unwrap_err();
        assert_eq!(error.message, "the template runs too long");
    }

    #[test]
    fn debug_is_no_function() {
        let place = Place::nowhere("<test>");
        let context = context! { password => "hunter2" };
        let error = engine()
            .render_text(&place, "{{ debug() }}", context)
            .unwrap_err();
        assert!(!format!("{error:?}").contains("hunter2"));
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = engine().render_file("zzz.j2", context! {}).unwrap_err();
        assert_eq!(error.to_string(), "zzz.j2: there is no such template");
    }
}
