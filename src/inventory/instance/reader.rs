use std::path::Path;

use secrecy::ExposeSecret as _;

use super::{
    Scope,
    typed::{Problem, nearest_variable},
    variables::VARIABLES,
};
use crate::{
    inventory::{Entry, Map, Node, Value, Vault},
    plan::{Diagnostic, Diagnostics, Place},
};

/// Reads variables one by one, renders them, and gathers everything that is wrong.
pub(super) struct Reader<'a> {
    /// The fleet directory.
    pub fleet_root: &'a Path,
    /// The home directory, where there is one.
    pub home: Option<&'a Path>,
    /// What is wrong so far.
    pub errors: Diagnostics,
    vars: &'a Map,
    scope: Scope,
}

impl<'a> Reader<'a> {
    /// Returns a reader of `vars`.
    pub fn new(vars: &'a Map, fleet_root: &'a Path, home: Option<&'a Path>) -> Self {
        Self {
            fleet_root,
            home,
            errors: Diagnostics::default(),
            vars,
            scope: Scope::new(vars.clone()),
        }
    }

    /// Returns whether the variable is there and isn't null.
    pub fn is_set(&self, name: &str) -> bool {
        self.vars
            .get(name)
            .is_some_and(|entry| !matches!(entry.node.value, Value::Null))
    }

    /// Returns where the variable's value was written.
    pub fn place(&self, name: &str) -> Option<Place> {
        self.vars.get(name).map(|entry| entry.node.place.clone())
    }

    /// Returns the rendered value; `None` when it isn't set, is null, or failed.
    pub fn rendered(&mut self, name: &str) -> Option<Node> {
        let entry = self.vars.get(name)?;
        match self.scope.resolve(name, &entry.node) {
            Ok(node) if matches!(node.value, Value::Null) => None,
            Ok(node) => Some(node),
            Err(diagnostic) => {
                let diagnostic = self.redacted(diagnostic);
                // One broken variable that several refer to is one error.
                let known = |other: &Diagnostic| {
                    other.place == diagnostic.place && other.message == diagnostic.message
                };
                if !self.errors.0.iter().any(known) {
                    self.errors.push(diagnostic);
                }
                None
            }
        }
    }

    /// Returns the typed value; `None` when it isn't set or anything is wrong.
    pub fn read<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&Node) -> Result<T, Problem>,
    ) -> Option<T> {
        self.read_all(name, |node| parse(node).map_err(|problem| vec![problem]))
    }

    /// As [`Reader::read`], for values with parts that can each be wrong.
    pub fn read_all<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&Node) -> Result<T, Vec<Problem>>,
    ) -> Option<T> {
        let node = opened(self.rendered(name)?);
        match parse(&node) {
            Ok(value) => Some(value),
            Err(problems) => {
                for problem in problems {
                    self.problem(name, &node.place, problem);
                }
                None
            }
        }
    }

    /// Adds an error about the variable `name`.
    pub fn problem(&mut self, name: &str, place: &Place, problem: Problem) {
        let place = problem.place.unwrap_or_else(|| place.clone());
        let mut diagnostic = Diagnostic::error(place, format!("`{name}`: {}", problem.message));
        diagnostic.hint = problem.hint.or_else(|| {
            if !problem.message.starts_with("expected") {
                return None;
            }
            let variable = VARIABLES.iter().find(|variable| variable.name == name)?;
            Some(format!("for example `{name}: {}`", variable.example))
        });
        if matches!(
            self.vars.get(name).map(|entry| &entry.node.value),
            Some(Value::Vault(_))
        ) {
            diagnostic = diagnostic.hide_line();
        }
        let diagnostic = self.redacted(diagnostic);
        self.errors.push(diagnostic);
    }

    /// Adds an error for each `vm_*` variable that doesn't exist.
    pub fn unknown_names(&mut self) {
        let known = VARIABLES
            .iter()
            .map(|variable| variable.name)
            .filter(|name| name.starts_with("vm_"));
        for (name, entry) in self.vars {
            if !name.starts_with("vm_") || known.clone().any(|one| one == name) {
                continue;
            }
            let diagnostic = Diagnostic::error(
                entry.key_place.clone(),
                format!("there is no variable `{name}`"),
            );
            self.errors.push(match nearest_variable(name, known.clone()) {
                Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
                None => diagnostic.hint(
                    "names that begin with vm_ are swarmctl's; `swarmctl inventory schema` lists them",
                ),
            });
        }
    }

    /// Returns `node` with every string that a template made of a vaulted value as a
    /// vaulted value itself, so that it doesn't show where values are printed.
    pub fn sealed(&self, node: Node) -> Node {
        let secrets = self.secrets();
        if secrets.is_empty() {
            return node;
        }
        sealed(node, &secrets)
    }

    fn secrets(&self) -> Vec<String> {
        let mut secrets = Vec::new();
        for entry in self.vars.values() {
            gather_secrets(&entry.node, &mut secrets);
        }
        secrets
    }

    /// Keeps the vault's values out of a message.
    fn redacted(&self, mut diagnostic: Diagnostic) -> Diagnostic {
        for secret in self.secrets() {
            diagnostic.message = diagnostic.message.replace(&secret, "********");
            diagnostic.hint = diagnostic
                .hint
                .map(|hint| hint.replace(&secret, "********"));
        }
        diagnostic
    }
}

/// Adds the plaintext of every opened vault value in `node`.
pub(super) fn gather_secrets(node: &Node, secrets: &mut Vec<String>) {
    match &node.value {
        Value::Vault(vault) => {
            let text = vault.plaintext.iter().map(|text| text.expose_secret());
            // A trailing line break of the vaulted file is often trimmed in use.
            secrets.extend(
                text.map(|text| text.trim().to_owned())
                    .filter(|text| !text.is_empty()),
            );
        }
        Value::Seq(items) => items.iter().for_each(|item| gather_secrets(item, secrets)),
        Value::Map(map) => map
            .values()
            .for_each(|entry| gather_secrets(&entry.node, secrets)),
        _ => {}
    }
}

fn sealed(node: Node, secrets: &[String]) -> Node {
    let Node { value, place } = node;
    let value = match value {
        Value::Str(text) | Value::Unsafe(text)
            if secrets.iter().any(|secret| text.contains(secret.as_str())) =>
        {
            Value::Vault(Vault {
                ciphertext: String::new(),
                plaintext: Some(text.into()),
            })
        }
        Value::Seq(items) => Value::Seq(
            items
                .into_iter()
                .map(|item| sealed(item, secrets))
                .collect(),
        ),
        Value::Map(map) => Value::Map(
            map.into_iter()
                .map(|(key, Entry { key_place, node })| {
                    let node = sealed(node, secrets);
                    (key, Entry { key_place, node })
                })
                .collect(),
        ),
        other => other,
    };
    Node::new(value, place)
}

/// Returns `node` with its vaulted values as plain strings, to be typed.
fn opened(node: Node) -> Node {
    let Node { value, place } = node;
    let value = match value {
        Value::Vault(vault) => match vault.plaintext {
            Some(text) => Value::Unsafe(text.expose_secret().to_owned()),
            None => Value::Null,
        },
        Value::Seq(items) => Value::Seq(items.into_iter().map(opened).collect()),
        Value::Map(map) => Value::Map(
            map.into_iter()
                .map(|(key, entry)| {
                    let Entry { key_place, node } = entry;
                    let node = opened(node);
                    (key, Entry { key_place, node })
                })
                .collect(),
        ),
        other => other,
    };
    Node::new(value, place)
}
