use serde::Serialize;

use super::{Exit, Failure, FailureKind, Held};

/// How one instance ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nothing was to do.
    Unchanged,
    /// Every step was done.
    Changed,
    /// A step failed.
    Failed,
    /// The machine could not be reached.
    Unreachable,
    /// Refused or declined.
    Refused,
    /// Another run holds the lock.
    Locked,
    /// The input turned out invalid.
    Invalid,
    /// Stopped by the user or a signal.
    Interrupted,
}

/// What became of one instance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// The instance's inventory name.
    pub instance: String,
    /// How it ended.
    pub status: Status,
    /// Names of the steps that were done, in order.
    pub done: Vec<String>,
    /// The step that failed, if any.
    pub failed_step: Option<String>,
    /// The chain of causes, outermost first.
    pub causes: Vec<String>,
    /// What to do next.
    pub hint: Option<String>,
    /// Differences that were left alone.
    pub held: Vec<Held>,
    /// Facts worth a line at the end ("ssh swarm@192.168.122.182").
    pub notes: Vec<String>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

impl Outcome {
    /// Returns the outcome of an instance for which nothing was done yet.
    pub fn unchanged(instance: impl Into<String>) -> Self {
        Self {
            instance: instance.into(),
            status: Status::Unchanged,
            done: Vec::new(),
            failed_step: None,
            causes: Vec::new(),
            hint: None,
            held: Vec::new(),
            notes: Vec::new(),
            seconds: 0.0,
        }
    }

    /// Returns the outcome of an instance that failed with `failure` before or
    /// at `step`.
    pub fn failed(instance: impl Into<String>, step: Option<&str>, failure: Failure) -> Self {
        let mut outcome = Self::unchanged(instance);
        outcome.fail(step, failure);
        outcome
    }

    /// Turns the outcome into a failure at `step`.
    pub fn fail(&mut self, step: Option<&str>, failure: Failure) {
        self.status = match failure.kind {
            FailureKind::Failed => Status::Failed,
            FailureKind::Unreachable => Status::Unreachable,
            FailureKind::Refused => Status::Refused,
            FailureKind::Locked => Status::Locked,
            FailureKind::Invalid => Status::Invalid,
            FailureKind::Interrupted => Status::Interrupted,
        };
        self.failed_step = step.map(str::to_owned);
        self.causes = failure.causes;
        self.hint = failure.hint;
    }

    /// Returns the exit code for this instance alone.
    pub fn exit(&self) -> Exit {
        match self.status {
            Status::Unchanged | Status::Changed => Exit::Done,
            Status::Failed => Exit::Failed,
            Status::Unreachable => Exit::Unreachable,
            Status::Refused => Exit::Refused,
            Status::Locked => Exit::Locked,
            Status::Invalid => Exit::Invalid,
            Status::Interrupted => Exit::Interrupted,
        }
    }
}
