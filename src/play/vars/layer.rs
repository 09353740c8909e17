use std::sync::Arc;

use indexmap::IndexMap;
use minijinja::Value as Jinja;

use crate::inventory::Map;

/// Variables whose values are known: nothing in them is a template.
pub type Values = IndexMap<String, Jinja>;

/// Some variables of one strength.
#[derive(Clone, Debug)]
pub enum Layer {
    /// As files have them: templates are rendered when they are looked at.
    Written(Arc<Map>),
    /// As tasks made them.
    Known(Arc<Values>),
}

impl Layer {
    /// Returns whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Written(map) => map.is_empty(),
            Self::Known(values) => values.is_empty(),
        }
    }

    /// Returns whether it holds a variable.
    pub fn has(&self, name: &str) -> bool {
        match self {
            Self::Written(map) => map.contains_key(name),
            Self::Known(values) => values.contains_key(name),
        }
    }

    /// Returns the names it holds.
    pub fn names(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match self {
            Self::Written(map) => Box::new(map.keys().map(String::as_str)),
            Self::Known(values) => Box::new(values.keys().map(String::as_str)),
        }
    }
}
