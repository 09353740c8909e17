use serde::Serialize;

use super::{Outcome, Undo};

/// Something that happened to an instance. One drawer receives all of them.
#[derive(Clone, Debug, Serialize)]
pub struct Event {
    /// The instance's inventory name; empty for what concerns the whole run.
    pub instance: String,
    /// What happened.
    pub event: EventKind,
}

/// What happened.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum EventKind {
    /// A plan was made: this many steps will run.
    Planned {
        /// Number of steps.
        steps: usize,
    },
    /// A step is about to begin.
    StepStarted {
        /// From 1.
        index: usize,
        /// Number of steps in the plan.
        of: usize,
        /// The step's stable name.
        name: &'static str,
        /// What it does.
        what: String,
        /// Why it is done.
        why: String,
        /// How it is taken back.
        undo: Undo,
    },
    /// How far the current step is.
    Progress {
        /// Units done so far.
        done: u64,
        /// Units in all, when known.
        total: Option<u64>,
        /// `bytes` or `seconds`.
        unit: &'static str,
    },
    /// What the current step is waiting for, in words.
    Note {
        /// A lower-case fragment.
        text: String,
    },
    /// Something the user should know; the run goes on.
    Warning {
        /// A lower-case fragment.
        text: String,
    },
    /// A step ended well.
    StepDone {
        /// From 1.
        index: usize,
        /// The step's stable name.
        name: &'static str,
        /// How long it took, in seconds.
        seconds: f64,
    },
    /// The instance is finished, well or not.
    Finished {
        /// What became of it.
        outcome: Outcome,
    },
}

/// Receives events. Implementations must be quick: they are called in line.
pub trait EventSink: Send + Sync {
    /// Takes one event.
    fn send(&self, event: Event);
}

/// Drops every event.
pub struct Silent;

impl EventSink for Silent {
    fn send(&self, _event: Event) {}
}
