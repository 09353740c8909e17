use super::{Job, Reply};

/// A job of a volley: jobs that are sent together, and guard each other.
///
/// A job that ends with a code that is none of 0, [`CHANGED`] and [`ASKS`] keeps the jobs of other
/// tasks behind it from being run. One that ends with [`ASKS`] has done nothing: what
/// comes behind it is run with `_sw_P` set, so that it only looks, or not at all.
#[derive(Clone, Debug)]
pub struct Guarded {
    /// The program and its input.
    pub job: Job,
    /// Functions and variables for this job and those after it.
    pub before: String,
    /// The number of its task.
    pub task: usize,
    /// Whether jobs of other tasks run even when it fails.
    pub ignored: bool,
    /// Whether it can be run only to look.
    pub probe: Probe,
    /// Whether it may change something though it says that it didn't.
    pub changes: bool,
    /// Whether it takes text from the variable `_sw_t` when there is one.
    pub reads_variable: bool,
    /// Whether its output has files of its own, since it may leave children behind or
    /// run long; the others' output comes together.
    pub apart: bool,
}

/// Whether a job can be run only to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// It can't.
    No,
    /// It can, with `_sw_P=1`.
    Yes,
    /// It can, and its input is not for that: `_sw_P=2`.
    Anew,
}

/// The exit code of a job that changed something: what was looked at before (`_sw_s`)
/// holds no more.
pub const CHANGED: i32 = 10;

/// The exit code of a job that did nothing and asks for something.
pub const ASKS: i32 = 8;

/// How a job of a volley was run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ran {
    /// To its end.
    Whole(Reply),
    /// Only to look.
    Probed(Reply),
    /// Not at all.
    Skipped,
}
