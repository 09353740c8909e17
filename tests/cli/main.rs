//! The command line from outside: one file per subject, the binary as users run it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "tests may panic, and say why they are skipped"
)]

mod bad_input;
mod check;
mod documents;
#[cfg(feature = "libvirt")]
mod guests;
mod help;
mod init;
mod inventory;
#[cfg(feature = "libvirt")]
mod library;
mod remote;
mod ssh;
#[allow(dead_code, reason = "the tests of the transport use the rest")]
#[path = "../transport/sshd.rs"]
mod sshd;
mod streams;
mod swarmctl;
mod usage;
