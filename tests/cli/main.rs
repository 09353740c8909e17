//! The command line from outside: one file per subject, the binary as users run it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "tests may panic"
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
mod ssh;
mod streams;
mod swarmctl;
mod usage;
