//! The base vocabulary that every room may use: where a value was written, what
//! went wrong, what a step is, what became of it.
//!
//! This room knows no other room.

mod diagnostic;
mod event;
mod exit;
mod failure;
mod fan_out;
mod journal;
mod outcome;
mod place;
mod runner;
mod step;

pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use event::{Event, EventKind, EventSink, Silent};
pub use exit::Exit;
pub use failure::{Failure, FailureKind};
pub use fan_out::fan_out;
pub use journal::Journal;
pub use outcome::{Outcome, Status};
pub use place::Place;
pub use runner::{Cancel, Executor, StepContext, run};
pub use step::{Held, Need, Plan, Step, Undo};
