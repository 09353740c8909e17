/// What is wrong with a task's arguments. The caller knows the place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ArgError {
    /// The argument as the task wrote it; none when one is missing or when several
    /// are to blame.
    pub arg: Option<String>,
    /// What is wrong, a lower-case fragment; never holds the value of a secret.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
}

impl ArgError {
    /// Returns an error about `arg`.
    pub fn new(arg: impl Into<Option<String>>, message: impl Into<String>) -> Self {
        Self {
            arg: arg.into(),
            message: message.into(),
            hint: None,
        }
    }

    /// Adds what to write instead.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Why a call can't become work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModuleError {
    /// An argument, or several together, can't be used.
    #[error("{0}")]
    Argument(ArgError),
    /// A file of the play can't be used.
    #[error("{0}")]
    File(String),
}

impl ModuleError {
    /// Returns an error about an argument.
    pub fn arg(name: &str, message: impl Into<String>) -> Self {
        Self::Argument(ArgError::new(name.to_owned(), message))
    }

    /// Returns an error about the arguments together.
    pub fn args(message: impl Into<String>) -> Self {
        Self::Argument(ArgError::new(None, message))
    }
}

impl From<ArgError> for ModuleError {
    fn from(error: ArgError) -> Self {
        Self::Argument(error)
    }
}
