use serde_json::{Map, Value};

/// The arguments of a call: aliases resolved, typed, defaults filled in.
#[derive(Clone, Debug, Default)]
pub struct Args {
    values: Map<String, Value>,
}

/// The key of a bare text, as Ansible calls it.
pub(super) const RAW: &str = "_raw_params";

impl Args {
    pub(super) fn new(values: Map<String, Value>) -> Self {
        Self { values }
    }

    /// Returns the value, when one is given or there is a default.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// Returns a text, path, mode or choice.
    pub fn str(&self, name: &str) -> Option<&str> {
        self.values.get(name).and_then(Value::as_str)
    }

    /// Returns a text that is required or has a default; empty otherwise.
    pub fn text(&self, name: &str) -> &str {
        self.str(name).unwrap_or_default()
    }

    /// Returns true when a boolean is given as true or is so by default.
    pub fn flag(&self, name: &str) -> bool {
        self.bool(name) == Some(true)
    }

    /// Returns a boolean, when given.
    pub fn bool(&self, name: &str) -> Option<bool> {
        self.values.get(name).and_then(Value::as_bool)
    }

    /// Returns an integer, when given.
    pub fn int(&self, name: &str) -> Option<i64> {
        self.values.get(name).and_then(Value::as_i64)
    }

    /// Returns a list of texts, when given.
    pub fn list(&self, name: &str) -> Option<Vec<&str>> {
        let items = self.values.get(name)?.as_array()?;
        Some(items.iter().filter_map(Value::as_str).collect())
    }

    /// Returns a list of anything, when given.
    pub fn items(&self, name: &str) -> Option<&[Value]> {
        self.values.get(name)?.as_array().map(Vec::as_slice)
    }

    /// Returns a mapping, when given.
    pub fn dict(&self, name: &str) -> Option<&Map<String, Value>> {
        self.values.get(name)?.as_object()
    }

    /// Returns the bare text.
    pub fn raw(&self) -> Option<&str> {
        self.str(RAW)
    }

    /// Returns all values by name.
    pub fn all(&self) -> &Map<String, Value> {
        &self.values
    }
}
