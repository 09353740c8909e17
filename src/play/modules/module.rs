use super::{Call, ModuleError, Work};

/// One module: its names, its documentation, its arguments, and how a call of it
/// becomes work.
#[derive(Debug)]
pub struct Module {
    /// The short name, `copy`.
    pub name: &'static str,
    /// The fully qualified names it is known by, `ansible.builtin.copy`.
    pub fqcn: &'static [&'static str],
    /// What it does, a sentence or more.
    pub doc: &'static str,
    /// The arguments, in groups, since modules share some.
    pub args: &'static [&'static [Arg]],
    /// True when a bare text is the module's argument, as with `command`.
    pub free_form: bool,
    /// Turns a call into work.
    pub compile: fn(&Call<'_>) -> Result<Work, ModuleError>,
}

/// The kinds of values that arguments take, with Ansible's conversions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgKind {
    /// Text; other scalars become text.
    Str,
    /// A path on the host; `~` and `$VAR` are expanded there.
    Path,
    /// A boolean as Ansible reads it (`yes`, `on`, `1`, `true` …).
    Bool,
    /// An integer, or text that is one.
    Int,
    /// A number, or text that is one.
    Float,
    /// A file mode: octal text, a number, or symbolic (`u=rw,g=r`).
    Mode,
    /// A list of texts; a text is cut at commas, as in Ansible.
    List,
    /// A list of anything; one value that is no list becomes a list of one.
    Items,
    /// A mapping, or text in JSON or `key=value` form.
    Dict,
    /// Anything.
    Raw,
    /// Conditions. The engine gives a list of `{"assertion": text, "evaluated_to": bool}`.
    Conditions,
    /// An expression. The engine gives `{"expression": text, "value": value}`.
    Expression,
    /// One of these texts.
    Choice(&'static [&'static str]),
    /// A list of these texts.
    Choices(&'static [&'static str]),
}

/// One argument of a module.
#[derive(Clone, Copy, Debug)]
pub struct Arg {
    /// The name.
    pub name: &'static str,
    /// Other names of it.
    pub aliases: &'static [&'static str],
    /// What it takes.
    pub kind: ArgKind,
    /// True when it must be given.
    pub required: bool,
    /// What holds when it isn't given, as text.
    pub default: Option<&'static str>,
    /// True when the value is a secret by nature, such as a password.
    pub secret: bool,
    /// What it is for.
    pub doc: &'static str,
}

impl Arg {
    /// Returns an argument of a kind.
    pub const fn new(name: &'static str, kind: ArgKind, doc: &'static str) -> Self {
        Self {
            name,
            aliases: &[],
            kind,
            required: false,
            default: None,
            secret: false,
            doc,
        }
    }

    /// Returns a text argument.
    pub const fn str(name: &'static str, doc: &'static str) -> Self {
        Self::new(name, ArgKind::Str, doc)
    }

    /// Returns a path argument.
    pub const fn path(name: &'static str, doc: &'static str) -> Self {
        Self::new(name, ArgKind::Path, doc)
    }

    /// Returns a boolean argument that is false unless given.
    pub const fn flag(name: &'static str, doc: &'static str) -> Self {
        Self::new(name, ArgKind::Bool, doc).default("false")
    }

    /// Returns a boolean argument that may be left open.
    pub const fn bool(name: &'static str, doc: &'static str) -> Self {
        Self::new(name, ArgKind::Bool, doc)
    }

    /// Returns an integer argument.
    pub const fn int(name: &'static str, doc: &'static str) -> Self {
        Self::new(name, ArgKind::Int, doc)
    }

    /// Returns an argument that takes one of `choices`.
    pub const fn choice(
        name: &'static str,
        choices: &'static [&'static str],
        doc: &'static str,
    ) -> Self {
        Self::new(name, ArgKind::Choice(choices), doc)
    }

    /// Returns an argument that takes a list of texts.
    pub const fn list(name: &'static str, doc: &'static str) -> Self {
        Self::new(name, ArgKind::List, doc)
    }

    /// Makes the argument required.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Gives the argument other names.
    #[must_use]
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// Gives the argument a default.
    #[must_use]
    pub const fn default(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    /// Marks the value as a secret.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }
}

impl Module {
    /// Returns the arguments.
    pub fn arguments(&self) -> impl Iterator<Item = &'static Arg> {
        self.args.iter().flat_map(|group| group.iter())
    }

    /// Returns the argument of that name or alias.
    pub fn argument(&self, name: &str) -> Option<&'static Arg> {
        self.arguments()
            .find(|arg| arg.name == name || arg.aliases.contains(&name))
    }
}
