//! What can be said of a value before it is rendered.

use super::{
    keyword::{Keyword, Kind, Spec},
    session::Session,
};
use crate::{
    inventory::{Node, Value},
    plan::{Diagnostic, Place},
    template::is_template,
};

/// Texts that Ansible takes for booleans.
const BOOLEANS: [&str; 16] = [
    "yes", "no", "true", "false", "on", "off", "y", "n", "t", "f", "1", "0", "1.0", "0.0", "True",
    "False",
];

impl Session<'_> {
    /// Checks a keyword's value: its type, and the templates in it.
    pub fn check_keyword(&mut self, spec: &Spec, node: &Node) {
        if let Some(hint) = spec.keyword.refused() {
            let message = format!("`{}` isn't supported", spec.name);
            return self.error(&node.place, message, hint);
        }
        match spec.kind {
            Kind::Own => return,
            Kind::Conditions => return self.check_conditions(spec.name, node),
            _ => self.check_templates(node),
        }
        if let Some(wanted) = mismatch(spec.kind, node) {
            let message = format!("`{}` is {wanted}, not {}", spec.name, node.kind());
            self.error(&node.place, message, "see Ansible's playbook keywords");
        }
        self.check_words(spec, node);
    }

    /// Keywords with a few possible words.
    fn check_words(&mut self, spec: &Spec, node: &Node) {
        let choices: &[&str] = match spec.keyword {
            Keyword::Strategy => &["linear", "free"],
            Keyword::BecomeMethod => &["sudo", "su", "doas"],
            Keyword::Order => &[
                "inventory",
                "sorted",
                "reverse_sorted",
                "reverse_inventory",
                "shuffle",
            ],
            Keyword::Connection => &["ssh", "local", "smart", "paramiko", "paramiko_ssh"],
            Keyword::Async | Keyword::Poll => {
                if matches!(node.value, Value::Int(number) if number > 0)
                    && spec.keyword == Keyword::Async
                {
                    self.error(
                        &node.place,
                        "tasks don't run in the background: `async` can be 0 only",
                        "remove it; `timeout` ends a task that takes too long",
                    );
                }
                return;
            }
            _ => return,
        };
        let Some(word) = node.as_str().filter(|word| !is_template(word)) else {
            return;
        };
        let word = word.strip_prefix("ansible.builtin.").unwrap_or(word);
        if !choices.contains(&word) {
            let message = format!("`{}` can't be `{word}`", spec.name);
            let hint = format!("one of {}", choices.join(", "));
            self.error(&node.place, message, hint);
        }
    }

    /// Checks conditions: a boolean, an expression, or a list of them.
    pub fn check_conditions(&mut self, name: &str, node: &Node) {
        match &node.value {
            Value::Bool(_) | Value::Null | Value::Unsafe(_) => {}
            Value::Str(text) if is_template(text) => self.check_templates(node),
            Value::Str(text) => {
                self.check_expression(&node.place, text);
            }
            Value::Seq(items) => {
                for item in items {
                    if matches!(item.value, Value::Seq(_)) {
                        let message = format!("`{name}` holds a list in its list");
                        self.error(&item.place, message, "write one expression for each line");
                    } else {
                        self.check_conditions(name, item);
                    }
                }
            }
            // Numbers pass here and fail when they are evaluated, as in Ansible.
            Value::Int(_) | Value::Float(_) => {}
            Value::Map(_) | Value::Vault(_) => {
                let message = format!("`{name}` is an expression, not {}", node.kind());
                let hint = "quote an expression that holds a colon or begins with a brace";
                self.error(&node.place, message, hint);
            }
        }
    }

    /// Checks a bare expression.
    pub fn check_expression(&mut self, place: &Place, text: &str) {
        let found = self.reader.engine.check_expression(place, text);
        self.found.0.extend(found.into_iter().map(hinted));
    }

    /// Checks the templates of a value and of all within it.
    pub fn check_templates(&mut self, node: &Node) {
        match &node.value {
            Value::Str(text) if is_template(text) => {
                let found = self.reader.engine.check_text(&node.place, text);
                self.found.0.extend(found.into_iter().map(hinted));
            }
            Value::Seq(items) => items.iter().for_each(|item| self.check_templates(item)),
            Value::Map(map) => map
                .values()
                .for_each(|entry| self.check_templates(&entry.node)),
            _ => {}
        }
    }
}

/// Adds a hint where the template's own error has none.
fn hinted(finding: Diagnostic) -> Diagnostic {
    match finding.hint {
        Some(_) => finding,
        None => finding.hint("check quotes, brackets and braces; words are joined by operators"),
    }
}

/// Returns what was wanted when a value can't be it.
fn mismatch(kind: Kind, node: &Node) -> Option<&'static str> {
    if node.as_str().is_some_and(is_template) {
        return None;
    }
    let number = |text: &str| text.trim().parse::<f64>().is_ok();
    let fits = match (kind, &node.value) {
        (_, Value::Null) => true,
        (Kind::Bool, Value::Bool(_)) => true,
        (Kind::Bool, Value::Int(number)) => matches!(number, 0 | 1),
        (Kind::Bool, Value::Str(text)) => {
            BOOLEANS.contains(&text.as_str()) || BOOLEANS.contains(&text.to_lowercase().as_str())
        }
        (Kind::Int | Kind::Share, Value::Int(_)) => true,
        (Kind::Share, Value::Float(_)) => true,
        (Kind::Int, Value::Str(text)) => text.trim().parse::<i64>().is_ok(),
        (Kind::Share, Value::Str(text)) => number(text.strip_suffix('%').unwrap_or(text)),
        (Kind::Text, Value::Seq(_) | Value::Map(_)) => false,
        (Kind::Text, _) => true,
        (Kind::Texts, Value::Seq(items)) => items
            .iter()
            .all(|item| !matches!(item.value, Value::Map(_))),
        (Kind::Texts, Value::Map(_)) => false,
        (Kind::Texts, _) => true,
        (Kind::Map | Kind::Maps, Value::Map(_)) => true,
        (Kind::Maps, Value::Seq(items)) => {
            items.iter().all(|item| mismatch(Kind::Map, item).is_none())
        }
        (Kind::Conditions | Kind::Own, _) => true,
        _ => false,
    };
    let wanted = match kind {
        Kind::Bool => "yes or no",
        Kind::Int => "a whole number",
        Kind::Share => "a number",
        Kind::Text => "a string",
        Kind::Texts => "a string or a list of strings",
        Kind::Map => "a mapping",
        Kind::Maps => "a mapping or a list of mappings",
        Kind::Conditions | Kind::Own => "something else",
    };
    (!fits).then_some(wanted)
}
