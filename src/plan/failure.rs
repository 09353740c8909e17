use std::{error::Error, fmt};

use super::{Diagnostic, Exit};

/// What sort of failure it was; decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// A step did not work.
    Failed,
    /// The machine could not be reached.
    Unreachable,
    /// What was found is not what was planned for, or is not ours to touch.
    Refused,
    /// Another run holds the lock.
    Locked,
    /// The input is invalid, seen only now.
    Invalid,
    /// The user or a signal stopped it.
    Interrupted,
}

impl FailureKind {
    /// Returns the exit code for it.
    pub fn exit(self) -> Exit {
        match self {
            Self::Failed => Exit::Failed,
            Self::Unreachable => Exit::Unreachable,
            Self::Refused => Exit::Refused,
            Self::Locked => Exit::Locked,
            Self::Invalid => Exit::Invalid,
            Self::Interrupted => Exit::Interrupted,
        }
    }
}

/// Why something failed: a chain of lower-case fragments, outermost first, and
/// what to do next. The instance and the step are added by the runner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What sort it is.
    pub kind: FailureKind,
    /// The chain of causes, outermost first; never empty.
    pub causes: Vec<String>,
    /// The next command to run, or what to change.
    pub hint: Option<String>,
    /// The place in the input that is to blame, when one is.
    pub diagnostic: Option<Box<Diagnostic>>,
}

impl Failure {
    /// Returns a failure of `kind` with one cause.
    pub fn new(kind: FailureKind, cause: impl Into<String>) -> Self {
        Self {
            kind,
            causes: vec![cause.into()],
            hint: None,
            diagnostic: None,
        }
    }

    /// Returns a failure whose causes are `error` and its sources.
    pub fn from_error(kind: FailureKind, error: &(dyn Error + 'static)) -> Self {
        let mut causes = vec![error.to_string()];
        let mut source = error.source();
        while let Some(error) = source {
            causes.push(error.to_string());
            source = error.source();
        }
        Self {
            kind,
            causes,
            hint: None,
            diagnostic: None,
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Returns the failure that `diagnostic` is: invalid input with its place.
    pub fn invalid(diagnostic: Diagnostic) -> Self {
        Self {
            kind: FailureKind::Invalid,
            causes: vec![diagnostic.to_string()],
            hint: diagnostic.hint.clone(),
            diagnostic: Some(Box::new(diagnostic)),
        }
    }

    /// Puts `cause` in front of the chain.
    #[must_use]
    pub fn context(mut self, cause: impl Into<String>) -> Self {
        self.causes.insert(0, cause.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.causes.join(": "))
    }
}

impl Error for Failure {}
