use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
};

use minijinja::{
    Error, ErrorKind, Value as Jinja,
    value::{Enumerator, Object, ObjectRepr, ValueKind},
};
use secrecy::ExposeSecret as _;
use serde_json::Value as Json;

use super::{Layer, Values, Watch, World, jinja::to_json, lookup::Lookup, omit::Omit};
use crate::{
    inventory::{Map, Node, Value},
    plan::{Diagnostic, Place},
    play::parse::PlayFiles,
    template::{Engine, is_template},
};

/// How many variables may refer to each other in a chain. Ansible's users need a
/// handful; the bound keeps the stack of a worker thread safe.
const CHAIN: usize = 32;
/// The longest text that a variable may render to, in bytes.
const LONGEST: usize = 16 << 20;

/// The engine for values; it knows no files, so one serves all.
static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::without_files);

/// Where files that a task names are looked for, the nearest directory first.
pub type SearchPath = Arc<[PathBuf]>;

/// The variables that a task on a host sees, rendered when they are looked at.
#[derive(Clone, Debug)]
pub struct Scope(pub(super) Arc<Inner>);

pub(super) struct Inner {
    /// The strongest first.
    layers: Vec<Layer>,
    pub(super) world: Arc<World>,
    pub(super) search: SearchPath,
    pub(super) watch: Option<Arc<Watch>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The variables that are being rendered, outermost first.
    active: Vec<String>,
    /// What was rendered already, by path.
    done: HashMap<String, Result<Jinja, Diagnostic>>,
    /// How many values were looked at that are no variables; they need labels, too.
    values: usize,
    /// The innermost failure of the evaluation at hand.
    failure: Option<Diagnostic>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scope(…)")
    }
}

impl Scope {
    /// Returns the scope of `layers`, the strongest first.
    pub fn new(layers: Vec<Layer>, world: Arc<World>, search: SearchPath) -> Self {
        Self::watched_by(layers, world, search, None)
    }

    /// Returns this scope, with `watch` told of each variable that is looked at.
    #[must_use]
    pub fn watched(&self, watch: &Arc<Watch>) -> Self {
        Self::watched_by(
            self.0.layers.clone(),
            Arc::clone(&self.0.world),
            Arc::clone(&self.0.search),
            Some(Arc::clone(watch)),
        )
    }

    fn watched_by(
        layers: Vec<Layer>,
        world: Arc<World>,
        search: SearchPath,
        watch: Option<Arc<Watch>>,
    ) -> Self {
        Self(Arc::new(Inner {
            layers: layers.into_iter().filter(|one| !one.is_empty()).collect(),
            world,
            search,
            watch,
            state: Mutex::default(),
        }))
    }

    /// Returns this scope with some variables that win over all others.
    #[must_use]
    pub fn with(&self, values: Values) -> Self {
        let mut layers = vec![Layer::Known(Arc::new(values))];
        layers.extend(self.0.layers.iter().cloned());
        Self::watched_by(
            layers,
            Arc::clone(&self.0.world),
            Arc::clone(&self.0.search),
            self.0.watch.clone(),
        )
    }

    /// Returns the directories that files are looked for in.
    pub fn search(&self) -> &SearchPath {
        &self.0.search
    }

    /// Returns whether there is a variable of that name.
    pub fn has(&self, name: &str) -> bool {
        self.0.note(name);
        self.0.layers.iter().any(|layer| layer.has(name))
    }

    /// Returns all variables as a template sees them.
    pub fn context(&self) -> Jinja {
        Jinja::from_object(Variables(Arc::clone(&self.0)))
    }

    /// Returns a variable's value; `None` when there is none.
    ///
    /// # Errors
    /// When its template can't be rendered.
    pub fn get(&self, name: &str) -> Result<Option<Json>, Diagnostic> {
        if !self.has(name) {
            return Ok(None);
        }
        let place = Place::nowhere("<variables>");
        self.evaluate(&place, &format!("{{{{ {name} }}}}"))
            .and_then(|value| json(&value, &place))
    }

    /// Returns a variable's value as text; `None` when there is none.
    ///
    /// # Errors
    /// When its template can't be rendered.
    pub fn text(&self, name: &str) -> Result<Option<String>, Diagnostic> {
        Ok(self.get(name)?.and_then(|value| match value {
            Json::Null => None,
            Json::String(text) => Some(text),
            other => Some(other.to_string()),
        }))
    }

    /// Returns a value with all its templates rendered; `None` for `omit`.
    ///
    /// # Errors
    /// At the place of the value whose template failed.
    pub fn render(&self, node: &Node) -> Result<Option<Json>, Diagnostic> {
        Ok(Some(match &node.value {
            Value::Seq(items) => {
                let mut rendered = Vec::with_capacity(items.len());
                for item in items {
                    rendered.extend(self.render(item)?);
                }
                Json::Array(rendered)
            }
            Value::Map(map) => {
                let mut rendered = serde_json::Map::with_capacity(map.len());
                for (key, entry) in map {
                    if let Some(value) = self.render(&entry.node)? {
                        rendered.insert(key.clone(), value);
                    }
                }
                Json::Object(rendered)
            }
            Value::Str(text) if is_template(text) => {
                let value = self.evaluate(&node.place, text)?;
                return json(&value, &node.place);
            }
            _ => return json(&self.value(node)?, &node.place),
        }))
    }

    /// Returns a value that holds no template, or a template's native result.
    ///
    /// # Errors
    /// At the place of the value whose template failed.
    pub fn value(&self, node: &Node) -> Result<Jinja, Diagnostic> {
        match &node.value {
            Value::Str(text) if is_template(text) => self.evaluate(&node.place, text),
            Value::Vault(vault) if vault.plaintext.is_none() => Err(closed(&node.place)),
            _ => {
                let mut state = self.0.state();
                state.values += 1;
                let label = format!("<{}>", state.values);
                drop(state);
                Ok(self.0.value(&label, node))
            }
        }
    }

    /// Evaluates the text of a value.
    ///
    /// # Errors
    /// At `place`, or at the place of the variable that is to blame.
    pub fn evaluate(&self, place: &Place, text: &str) -> Result<Jinja, Diagnostic> {
        self.0.state().failure = None;
        let result = ENGINE.evaluate(place, text, self.context());
        self.settle(place, result)
    }

    /// Evaluates a bare expression.
    ///
    /// # Errors
    /// As [`Self::evaluate`]; also when the result is undefined.
    pub fn expression(&self, place: &Place, text: &str) -> Result<Jinja, Diagnostic> {
        self.0.state().failure = None;
        let result = ENGINE.evaluate_expression(place, text, self.context());
        self.settle(place, result)
    }

    /// Evaluates a condition, as `when:` holds it: a boolean, an expression, or a list
    /// of them that must all hold. Returns the first that doesn't hold.
    ///
    /// # Errors
    /// When an expression fails, or its result is no boolean.
    pub fn unmet(&self, node: &Node) -> Result<Option<Json>, Diagnostic> {
        if let Value::Seq(items) = &node.value {
            for item in items {
                if let Some(unmet) = self.unmet(item)? {
                    return Ok(Some(unmet));
                }
            }
            return Ok(None);
        }
        let holds = self.holds(node)?;
        Ok((!holds).then(|| crate::inventory::node_to_json(node)))
    }

    /// Evaluates one condition.
    ///
    /// # Errors
    /// As [`Self::unmet`].
    pub fn holds(&self, node: &Node) -> Result<bool, Diagnostic> {
        let value = match &node.value {
            Value::Null => return Ok(true),
            Value::Bool(flag) => return Ok(*flag),
            Value::Str(text) if text.trim().is_empty() => return Ok(true),
            Value::Str(text) if is_template(text) => {
                let value = self.evaluate(&node.place, text)?;
                match value.as_str() {
                    // A variable may hold an expression.
                    Some(expression) => self.expression(&node.place, expression)?,
                    None => value,
                }
            }
            Value::Str(text) => self.expression(&node.place, text)?,
            _ => self.value(node)?,
        };
        if value.kind() == ValueKind::Bool {
            return Ok(value.is_true());
        }
        let message = format!(
            "a condition must be true or false, and this is {}",
            kind(&value)
        );
        let hint = "compare it: `x | length > 0`, `x is not none`, `x | bool`";
        Err(Diagnostic::error(node.place.clone(), message).hint(hint))
    }

    /// Returns where a file that a task names is: in `section/` of the role or the
    /// playbook's directory, or there itself.
    pub fn find_file(&self, name: &str, section: &str) -> Option<PathBuf> {
        super::lookup_files::located(name, section, self)
    }

    /// Returns where the files come from that tasks name.
    pub fn files(&self) -> &Arc<dyn PlayFiles> {
        &self.0.world.controller.files
    }

    /// Returns the failure that a value looked at later brought, if any.
    pub fn take_failure(&self) -> Option<Diagnostic> {
        self.0.state().failure.take()
    }

    /// Renders a template file with everything this scope knows; files it includes
    /// are looked for next to it and in `templates/`.
    ///
    /// # Errors
    /// At the template's own line.
    pub fn render_template(&self, path: &Path) -> Result<String, Diagnostic> {
        let files = Arc::clone(&self.0.world.controller.files);
        let mut directories: Vec<PathBuf> = path.parent().map(Path::to_owned).into_iter().collect();
        for directory in self.0.search.iter() {
            directories.push(directory.join("templates"));
            directories.push(directory.clone());
        }
        let engine = Engine::new(move |name| {
            let places = directories.iter().map(|directory| directory.join(name));
            let path = places.into_iter().find(|path| files.exists(path))?;
            let text = files.read(&path).ok()??;
            Some((Arc::from(path), text))
        })
        .without_escapes();
        let name = path.display().to_string();
        let values = Values::from([
            ("ansible_managed".to_owned(), Jinja::from("Ansible managed")),
            ("template_path".to_owned(), Jinja::from(name.as_str())),
        ]);
        let inner = self.with(values);
        let rendered = engine.render_file(&name, inner.context());
        let failure = inner.0.state().failure.take();
        rendered.map_err(|error| match failure {
            Some(inner) => match error.place {
                Some(place) => inner.related(place, "needed here"),
                None => inner,
            },
            None => error,
        })
    }

    fn settle(
        &self,
        place: &Place,
        result: Result<Jinja, Diagnostic>,
    ) -> Result<Jinja, Diagnostic> {
        // The innermost failure tells more than that this one failed, too; without a
        // failure here it was taken care of, as by `default`.
        let inner = self.0.state().failure.take();
        match (result, inner) {
            (Err(_), Some(inner)) if inner.place.as_ref() != Some(place) => {
                Err(inner.related(place.clone(), "needed here"))
            }
            (Err(_), Some(inner)) => Err(inner),
            (result, _) => result,
        }
    }
}

/// Returns a value as JSON, or says why it is none.
fn json(value: &Jinja, place: &Place) -> Result<Option<Json>, Diagnostic> {
    to_json(value).map_err(|message| Diagnostic::error(place.clone(), message))
}

fn kind(value: &Jinja) -> &'static str {
    match value.kind() {
        ValueKind::Undefined => "undefined",
        ValueKind::None => "nothing",
        ValueKind::Number => "a number",
        ValueKind::String => "a string",
        ValueKind::Seq | ValueKind::Iterable => "a list",
        ValueKind::Map => "a mapping",
        _ => "something else",
    }
}

fn closed(place: &Place) -> Diagnostic {
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

    fn note(&self, name: &str) {
        if let Some(watch) = &self.watch {
            watch.note(name);
        }
    }

    /// Returns a variable as a template sees it.
    pub(super) fn variable(self: &Arc<Self>, name: &str) -> Option<Jinja> {
        self.note(name);
        for layer in &self.layers {
            match layer {
                Layer::Known(values) => {
                    if let Some(value) = values.get(name) {
                        return Some(value.clone());
                    }
                }
                Layer::Written(map) => {
                    if let Some(entry) = map.get(name) {
                        return Some(self.value(name, &entry.node));
                    }
                }
            }
        }
        None
    }

    /// Returns the names of all variables, each once.
    pub(super) fn names(&self) -> Vec<&str> {
        self.note("vars");
        let mut seen = std::collections::HashSet::new();
        self.layers
            .iter()
            .flat_map(|layer| layer.names())
            .filter(|name| seen.insert(*name))
            .collect()
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
                .rendered(label, text, &node.place)
                .unwrap_or_else(|failure| self.failed(label, failure)),
            Value::Str(text) => Jinja::from(text.as_str()),
            Value::Vault(vault) => match &vault.plaintext {
                Some(text) => Jinja::from(text.expose_secret()),
                None => self.failed(label, closed(&node.place)),
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

    /// Remembers why a variable has no value. What is undefined stays undefined, so
    /// that `default` and `is defined` work through variables, as in Ansible.
    fn failed(&self, label: &str, failure: Diagnostic) -> Jinja {
        let undefined = failure.message.ends_with("is undefined");
        self.state().failure.get_or_insert(failure);
        if undefined {
            return Jinja::UNDEFINED;
        }
        let message = format!("the variable `{label}` can't be rendered");
        Jinja::from(Error::new(ErrorKind::InvalidOperation, message))
    }

    fn rendered(
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
        let inner = state.failure.take();
        let result = result.map_err(|own| inner.unwrap_or(own));
        state.done.insert(label.to_owned(), result.clone());
        result
    }
}

/// All variables of a scope, as Jinja sees them.
#[derive(Debug)]
pub(super) struct Variables(pub(super) Arc<Inner>);

impl Object for Variables {
    fn get_value(self: &Arc<Self>, key: &Jinja) -> Option<Jinja> {
        let name = key.as_str()?;
        if let Some(value) = self.0.variable(name) {
            return Some(value);
        }
        Some(match name {
            "lookup" | "query" | "q" => Jinja::from_object(Lookup {
                scope: Scope(Arc::clone(&self.0)),
                wants_list: name != "lookup",
            }),
            "omit" => Jinja::from_object(Omit),
            "vars" => Jinja::from_object(Variables(Arc::clone(&self.0))),
            "hostvars" => World::host_vars(&self.0.world),
            "groups" => self.0.world.groups(),
            "now" => Jinja::from_object(super::lookup::Now),
            _ => return None,
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let names = self.0.names();
        Enumerator::Values(names.into_iter().map(Jinja::from).collect())
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
        // YAML's keys that are numbers are kept as text.
        let owned;
        let name = match key.as_str() {
            Some(name) => name,
            None => {
                owned = key.to_string();
                &owned
            }
        };
        let entry = self.map.get(name)?;
        let label = format!("{}.{name}", self.label);
        Some(self.scope.value(&label, &entry.node))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let keys = self.map.keys();
        Enumerator::Values(keys.map(|key| Jinja::from(key.as_str())).collect())
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
        let label = format!("{}[{index}]", self.label);
        Some(self.scope.value(&label, node))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.items.len())
    }
}
