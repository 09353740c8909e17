/// What the reader needs to know of a module.
#[derive(Clone, Debug)]
pub struct KnownModule {
    /// Its short name.
    pub name: &'static str,
    /// Whether it takes a text as it is, as `command` does.
    pub free_form: bool,
    /// Its arguments; `None` where any are allowed, as for `set_fact`.
    pub arguments: Option<Vec<KnownArgument>>,
}

/// What the reader needs to know of an argument.
#[derive(Clone, Debug)]
pub struct KnownArgument {
    /// Its name.
    pub name: &'static str,
    /// Its other names.
    pub aliases: &'static [&'static str],
    /// Whether it must be given.
    pub required: bool,
    /// The values it may have; empty where they aren't listed.
    pub choices: &'static [&'static str],
}

/// The modules that tasks may call.
pub trait ModuleTable: Send + Sync {
    /// Returns the module called `name`, short or fully qualified.
    fn find(&self, name: &str) -> Option<KnownModule>;

    /// Returns all short names, for "did you mean".
    fn names(&self) -> Vec<&'static str>;
}
