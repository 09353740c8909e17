use serde_json::{Map, Value};

/// What the reader needs to know of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownModule {
    /// Its short name.
    pub name: &'static str,
    /// Whether it takes a text as it is, as `command` does.
    pub free_form: bool,
}

/// What is wrong with a call's arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgumentProblem {
    /// The argument as it is written; `None` when one is missing.
    pub argument: Option<String>,
    /// What is wrong, a lower-case fragment.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
}

/// The modules that tasks may call.
pub trait ModuleTable: Send + Sync {
    /// Returns the module called `name`, short or fully qualified.
    fn find(&self, name: &str) -> Option<KnownModule>;

    /// Returns all short names, for "did you mean".
    fn names(&self) -> Vec<&'static str>;

    /// Finds what is wrong with the arguments of a call. Texts may hold templates, whose
    /// values aren't known yet; a bare text is `_raw_params`.
    fn check(&self, module: &KnownModule, arguments: &Map<String, Value>) -> Vec<ArgumentProblem>;
}
