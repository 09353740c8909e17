//! Reaches a machine over SSH: [`Session`] runs programs there, [`Shell`] runs many
//! on one channel, as another user where that is asked for; [`ssh_command`] opens a person's own session with the same checks.
//!
//! Must not know the inventory, tasks or the terminal. Two rules hold everywhere:
//! a host is trusted by a key that was pinned before (never on first use), and
//! nothing ever waits for a person's answer.
//!
//! What carries a session is behind one trait, so that a second carrier needs no
//! change outside this room.

mod become_user;
mod carrier;
mod channel;
mod diagnose;
mod error;
mod file_cache;
mod host_key;
mod interactive;
mod known_hosts;
mod local;
mod local_user;
mod openssh;
mod options;
mod pattern;
mod russh;
mod session;
mod shell;
mod stream;
mod target;

pub use become_user::{Become, BecomeMethod, BecomeProblem};
pub use error::TransportError;
pub use interactive::ssh_command;
pub use session::{Output, Session};
pub use shell::{ASKS, CHANGED, Guarded, Job, Live, Piece, Probe, Ran, Reply, Shell, Traffic};
pub use stream::Streamed;
pub use target::Target;
