//! The modules' programs, run for real by dash and busybox in a temporary directory.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs,
    reason = "tests may panic and say why they skip"
)]

mod arguments;
mod commands;
mod differential;
mod differential_more;
mod edits;
mod files;
mod host;
mod more;
mod quoting;
mod services;
mod users;
