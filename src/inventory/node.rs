use indexmap::IndexMap;
use secrecy::SecretString;

use crate::plan::Place;

/// A value of an inventory or variables file with the place it was written at.
///
/// Variables are merged on this tree, and typed only afterwards, so that an error
/// after merging still names the file, line and column.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it was written.
    pub place: Place,
}

/// A value as Ansible sees it after PyYAML (YAML 1.1) resolved its scalars.
#[derive(Clone, Debug)]
pub enum Value {
    /// `null`, `~` or nothing.
    Null,
    /// A boolean; YAML 1.1 has `yes`, `no`, `on`, `off` too.
    Bool(bool),
    /// An integer. YAML 1.1 octal, hex, binary and sexagesimal are resolved.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// A string, templates not yet rendered.
    Str(String),
    /// A list.
    Seq(Vec<Node>),
    /// A mapping, in the order of the file.
    Map(Map),
    /// A `!vault` value.
    Vault(Vault),
    /// A `!unsafe` string: never templated.
    Unsafe(String),
}

/// A mapping from names to nodes; each key carries its own place.
pub type Map = IndexMap<String, Entry>;

/// One entry of a mapping.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where the key was written.
    pub key_place: Place,
    /// The value.
    pub node: Node,
}

/// A vaulted value: the ciphertext as written, and the plaintext where a password
/// was at hand. `Debug` shows neither (see [`SecretString`]).
#[derive(Clone)]
pub struct Vault {
    /// The envelope, `$ANSIBLE_VAULT;1.1;AES256` and so on, as in the file.
    pub ciphertext: String,
    /// The plaintext, when a password was given and fits.
    pub plaintext: Option<SecretString>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(…)")
    }
}

impl Node {
    /// Returns a node at `place`.
    pub fn new(value: Value, place: Place) -> Self {
        Self { value, place }
    }

    /// Returns the string, when it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Str(text) | Value::Unsafe(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the mapping, when it is one.
    pub fn as_map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Returns the kind of value as users call it: "a list", "a string" and so on.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "a boolean",
            Value::Int(_) => "an integer",
            Value::Float(_) => "a number",
            Value::Str(_) | Value::Unsafe(_) => "a string",
            Value::Seq(_) => "a list",
            Value::Map(_) => "a mapping",
            Value::Vault(_) => "a vaulted value",
        }
    }
}
