//! Runs plays: which task, on which hosts, in which order, and what follows from it.
//!
//! Owns the strategies, loops, conditions, blocks, handlers, includes, batches and
//! the recap. How a module does its work on a host is behind [`Hands`]; this room
//! must not know modules' insides, SSH or the terminal.

mod actions;
mod ahead;
mod batches;
mod become_spec;
mod cost;
mod engine;
mod event;
mod flags;
mod handlers;
mod hands;
mod host_task;
mod includes;
mod items;
mod meta;
mod options;
mod play_run;
mod predict;
mod promises;
mod reach;
mod recap;
mod results;
mod task;
mod variables;

#[cfg(test)]
mod tests;

pub use become_spec::{Become, BecomeMethod};
pub use cost::Cost;
pub use engine::{Engine, Finished};
pub use event::{Event, EventSink, Status};
pub use hands::{Ahead, Call, Coming, Hands, Outcome, Ready, Sets};
pub use options::RunOptions;
pub use recap::{Counts, Recap};
