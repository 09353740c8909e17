use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
};

use minijinja::{
    Error, ErrorKind, Value as Jinja,
    value::{Enumerator, Object, ObjectRepr},
};
use secrecy::ExposeSecret as _;

use super::result::to_value;
use crate::{
    inventory::{Entry, Map, Node, Value},
    plan::{Diagnostic, Place},
    template::{Engine, is_template},
};

/// How many variables may refer to each other in a chain. Ansible's users need a
/// handful; the bound keeps the stack of a worker thread safe.
const CHAIN: usize = 32;
/// The longest text that a variable may render to, in bytes. It stops variables
/// that double each other before they fill the memory.
const LONGEST: usize = 1 << 20;

/// The engine for values; it knows no files, so one serves all.
static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::without_files);

/// The variables of one host, rendered when they are looked at and not before, as
/// Ansible does: a broken variable that nothing uses does no harm.
#[derive(Clone, Debug)]
pub struct Scope(Arc<Inner>);

struct Inner {
    vars: Map,
    extra: HashMap<String, Jinja>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The variables that are being rendered, outermost first.
    active: Vec<String>,
    /// What was rendered already, by path. Failures are kept too: an error makes
    /// the engine look at the names it mentions again.
    done: HashMap<String, Result<Jinja, Diagnostic>>,
    /// The innermost failure; minijinja's own error only says that one happened.
    failure: Option<Diagnostic>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scope(…)")
    }
}

impl Scope {
    /// Returns the scope of `vars`.
    pub fn new(vars: Map) -> Self {
        Self::with(vars, HashMap::new())
    }

    /// Returns the scope of `vars` where the names of `extra` win.
    pub fn with(vars: Map, extra: HashMap<String, Jinja>) -> Self {
        Self(Arc::new(Inner {
            vars,
            extra,
            state: Mutex::default(),
        }))
    }

    /// Returns the variables as a context for [`Engine`].
    pub fn context(&self) -> Jinja {
        Jinja::from_object(Variables(Arc::clone(&self.0)))
    }

    /// Returns `node` with all its templates rendered, places kept.
    ///
    /// # Errors
    ///
    /// Fails at the place of the value whose template failed, which may be another
    /// variable that `node` refers to.
    pub fn resolve(&self, label: &str, node: &Node) -> Result<Node, Diagnostic> {
        let value = match &node.value {
            Value::Seq(items) => Value::Seq(
                items
                    .iter()
                    .enumerate()
                    .map(|(i, item)| self.resolve(&format!("{label}[{i}]"), item))
                    .collect::<Result<_, _>>()?,
            ),
            Value::Map(map) => {
                let mut resolved = Map::with_capacity(map.len());
                for (key, entry) in map {
                    let node = self.resolve(&format!("{label}.{key}"), &entry.node)?;
                    let key_place = entry.key_place.clone();
                    resolved.insert(key.clone(), Entry { key_place, node });
                }
                Value::Map(resolved)
            }
            Value::Str(text) if is_template(text) => {
                let rendered = self.0.value(label, node);
                let converted = to_value(&rendered, &node.place);
                let failure = self.0.state().failure.take();
                match (failure, converted) {
                    (None, Ok(value)) => value,
                    (Some(failure), _) if failure.place.as_ref() != Some(&node.place) => {
                        return Err(failure.related(node.place.clone(), "needed here"));
                    }
                    (Some(failure), _) => return Err(failure),
                    (None, Err(message)) => {
                        return Err(Diagnostic::error(node.place.clone(), message));
                    }
                }
            }
            Value::Vault(vault) if vault.plaintext.is_none() => {
                return Err(vault_closed(&node.place));
            }
            other => other.clone(),
        };
        Ok(Node::new(value, node.place.clone()))
    }
}

/// Says why Ansible's view of the whole inventory isn't there.
fn hinted(failure: Diagnostic) -> Diagnostic {
    let names = ["`hostvars", "`groups", "`ansible_facts"];
    if names.iter().any(|name| failure.message.starts_with(name)) {
        return failure.hint("an instance's variables can use the host's own variables only");
    }
    failure
}

fn vault_closed(place: &Place) -> Diagnostic {
    Diagnostic::error(
        place.clone(),
        "the value is vaulted and no password opens it",
    )
    .hint("give --vault-password-file FILE, or set ANSIBLE_VAULT_PASSWORD_FILE")
    .hide_line()
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the value of `node`, which is known by the path `label`.
    fn value(self: &Arc<Self>, label: &str, node: &Node) -> Jinja {
        match &node.value {
            Value::Null => Jinja::from(()),
            Value::Bool(flag) => Jinja::from(*flag),
            Value::Int(number) => Jinja::from(*number),
            Value::Float(number) => Jinja::from(*number),
            Value::Unsafe(text) => Jinja::from(text.as_str()),
            Value::Str(text) if is_template(text) => self
                .render(label, text, &node.place)
                .unwrap_or_else(|failure| {
                    self.state().failure.get_or_insert(failure);
                    let message = format!("the variable `{label}` can't be rendered");
                    Jinja::from(Error::new(ErrorKind::InvalidOperation, message))
                }),
            Value::Str(text) => Jinja::from(text.as_str()),
            Value::Vault(vault) => match &vault.plaintext {
                Some(text) => Jinja::from(text.expose_secret()),
                None => {
                    let failure = vault_closed(&node.place);
                    self.state().failure.get_or_insert(failure);
                    let message = format!("the variable `{label}` is vaulted");
                    Jinja::from(Error::new(ErrorKind::InvalidOperation, message))
                }
            },
            Value::Seq(items) => Jinja::from_object(LazySeq {
                scope: Arc::clone(self),
                label: label.to_owned(),
                items: items.clone(),
            }),
            Value::Map(map) => Jinja::from_object(LazyMap {
                scope: Arc::clone(self),
                label: label.to_owned(),
                map: map.clone(),
            }),
        }
    }

    fn render(
        self: &Arc<Self>,
        label: &str,
        text: &str,
        place: &Place,
    ) -> Result<Jinja, Diagnostic> {
        {
            let mut state = self.state();
            if let Some(done) = state.done.get(label) {
                return done.clone();
            }
            if let Some(start) = state.active.iter().position(|name| name == label) {
                let mut cycle = state.active.get(start..).unwrap_or_default().to_vec();
                cycle.push(label.to_owned());
                return Err(Diagnostic::error(
                    place.clone(),
                    format!(
                        "variables refer to each other in a loop: {}",
                        cycle.join(" → ")
                    ),
                )
                .hint("give one of them a value of its own"));
            }
            if state.active.len() >= CHAIN {
                return Err(Diagnostic::error(
                    place.clone(),
                    format!("more than {CHAIN} variables refer to each other in a chain"),
                ));
            }
            state.active.push(label.to_owned());
        }
        let context = Jinja::from_object(Variables(Arc::clone(self)));
        let result = ENGINE
            .evaluate(place, text, context)
            .and_then(|value| match value.as_str() {
                Some(text) if text.len() > LONGEST => Err(Diagnostic::error(
                    place.clone(),
                    format!("`{label}` renders to more than {LONGEST} bytes"),
                )),
                _ => Ok(value),
            });
        let mut state = self.state();
        state.active.pop();
        // The innermost failure tells more than that this one failed, too.
        let result = result.map_err(|own| state.failure.clone().unwrap_or_else(|| hinted(own)));
        state.done.insert(label.to_owned(), result.clone());
        result
    }
}

/// All variables of a scope, as Jinja sees them.
#[derive(Debug)]
struct Variables(Arc<Inner>);

impl Object for Variables {
    fn get_value(self: &Arc<Self>, key: &Jinja) -> Option<Jinja> {
        let name = key.as_str()?;
        if let Some(value) = self.0.extra.get(name) {
            return Some(value.clone());
        }
        let entry = self.0.vars.get(name)?;
        Some(self.0.value(name, &entry.node))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let names = self.0.vars.keys().chain(self.0.extra.keys());
        Enumerator::Values(names.map(|name| Jinja::from(name.as_str())).collect())
    }
}

/// A mapping whose values are rendered when looked at.
#[derive(Debug)]
struct LazyMap {
    scope: Arc<Inner>,
    label: String,
    map: Map,
}

impl Object for LazyMap {
    fn get_value(self: &Arc<Self>, key: &Jinja) -> Option<Jinja> {
        let name = key.as_str()?;
        let entry = self.map.get(name)?;
        Some(
            self.scope
                .value(&format!("{}.{name}", self.label), &entry.node),
        )
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(
            self.map
                .keys()
                .map(|key| Jinja::from(key.as_str()))
                .collect(),
        )
    }
}

/// A list whose items are rendered when looked at.
#[derive(Debug)]
struct LazySeq {
    scope: Arc<Inner>,
    label: String,
    items: Vec<Node>,
}

impl Object for LazySeq {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Jinja) -> Option<Jinja> {
        let index = key.as_usize()?;
        let node = self.items.get(index)?;
        Some(self.scope.value(&format!("{}[{index}]", self.label), node))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.items.len())
    }
}

#[cfg(test)]
mod tests {
    use crate::inventory::instance::testing::vars;

    use super::*;

    fn resolve(text: &str, name: &str) -> Result<Value, Diagnostic> {
        let vars = vars(text);
        let scope = Scope::new(vars.clone());
        scope.resolve(name, &vars[name].node).map(|node| node.value)
    }

    #[test]
    fn variables_refer_to_variables() {
        let text = "a: '{{ b.c[1] }}'\nb: {c: [1, '{{ d + 1 }}'], bad: '{{ nope }}'}\nd: 41\n";
        assert!(matches!(resolve(text, "a"), Ok(Value::Int(42))));
        let text = "a: {x: 1, y: '{{ a.x }}'}\n";
        assert!(matches!(resolve(text, "a"), Ok(Value::Map(map)) if map.len() == 2));
    }

    #[test]
    fn loops_are_named() {
        let error = resolve("a: '{{ b }}'\nb: 'x{{ c }}'\nc: '{{ a }}'\n", "a").unwrap_err();
        assert!(
            error.message.ends_with("in a loop: a → b → c → a"),
            "{error}"
        );
    }

    #[test]
    fn the_place_is_the_broken_variables_own() {
        let error =
            resolve("a: '{{ b }}'\nb: '{{ vm_hostnam }}'\nvm_hostname: x\n", "a").unwrap_err();
        assert_eq!(error.place.as_ref().map(|place| place.line), Some(2));
        assert_eq!(error.message, "`vm_hostnam` is undefined");
        assert_eq!(error.hint.as_deref(), Some("did you mean `vm_hostname`?"));
        assert_eq!(error.related[0].1, "needed here");
    }

    #[test]
    fn doubling_variables_end() {
        let mut text = "v0: 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'\n".to_owned();
        for i in 1..31 {
            text += &format!("v{i}: '{{{{ v{0} }}}}{{{{ v{0} }}}}'\n", i - 1);
        }
        let error = resolve(&text, "v30").unwrap_err();
        assert!(error.message.contains("renders to more than"), "{error}");
    }
}
