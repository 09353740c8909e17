use crate::{
    fleet::FleetError,
    plan::{Diagnostics, Exit, Failure, FailureKind},
    report::{document, failure},
};

use super::context::Context;

/// Why a verb ended before its work was done.
#[derive(Debug)]
pub enum CommandError {
    /// The input is invalid.
    Invalid(Diagnostics),
    /// Something did not work.
    Failed(Failure),
    /// The command line asks for something that makes no sense.
    Usage(Failure),
}

impl CommandError {
    /// Returns a usage error with what to write instead.
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage(Failure::new(FailureKind::Invalid, message).hint(hint))
    }

    /// Tells the user, and returns the exit code.
    pub fn report(&self, context: &Context) -> Exit {
        let output = &context.output;
        match self {
            Self::Invalid(diagnostics) => {
                output.diagnostics(diagnostics, context.bases());
                Exit::Invalid
            }
            Self::Failed(failure) => {
                match &failure.diagnostic {
                    Some(diagnostic) => {
                        let found = Diagnostics::from((**diagnostic).clone());
                        output.diagnostics(&found, context.bases());
                    }
                    None => output.complain(&failure::failure(failure, output.talk_painter())),
                }
                failure.kind.exit()
            }
            Self::Usage(failure) => {
                output.complain(&failure::failure(failure, output.talk_painter()));
                Exit::Usage
            }
        }
    }
}

impl From<Diagnostics> for CommandError {
    fn from(diagnostics: Diagnostics) -> Self {
        Self::Invalid(diagnostics)
    }
}

impl From<Failure> for CommandError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<FleetError> for CommandError {
    fn from(error: FleetError) -> Self {
        let kind = match &error {
            FleetError::NotFound { .. }
            | FleetError::NoInventory { .. }
            | FleetError::NotADirectory { .. } => FailureKind::Invalid,
            FleetError::Exists { .. } => FailureKind::Refused,
            FleetError::Locked { .. } | FleetError::Busy { .. } => FailureKind::Locked,
            _ => FailureKind::Failed,
        };
        let mut failure = Failure::from_error(kind, &error);
        if let Some(first) = failure.causes.first_mut() {
            *first = format!("failed to {first}");
        }
        failure.hint = error.hint();
        Self::Failed(failure)
    }
}

impl From<document::Error> for CommandError {
    fn from(error: document::Error) -> Self {
        let failure = Failure::from_error(FailureKind::Failed, &error);
        Self::Failed(failure.context("failed to show the result"))
    }
}
