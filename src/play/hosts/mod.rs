//! Where tasks meet hosts: module calls become programs, programs go down the shells
//! of sessions, and reports come back as results.
//!
//! Owns the sessions of a run and their shells, one for each user that tasks become.
//! Must not know in which order tasks run.

mod come_back;
mod conduct;
mod connections;
mod dead_man;
mod environment;
mod fetch;
mod guarded;
mod outcome;
mod reach;
mod remote_hands;
mod task_files;
mod volley;

pub use reach::Reach;
pub use remote_hands::RemoteHands;
