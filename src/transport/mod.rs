//! Reaches a machine over SSH: [`Session`] runs programs there, [`ssh_command`]
//! opens a person's own session with the same checks.
//!
//! Must not know the inventory, tasks or the terminal. Two rules hold everywhere:
//! a host is trusted by a key that was pinned before (never on first use), and
//! nothing ever waits for a person's answer.
//!
//! What carries a session is behind one trait, so that a second carrier needs no
//! change outside this room.

mod carrier;
mod diagnose;
mod error;
mod host_key;
mod interactive;
mod openssh;
mod options;
mod session;
mod target;

pub use error::TransportError;
pub use interactive::ssh_command;
pub use session::{Output, Session};
pub use target::Target;
