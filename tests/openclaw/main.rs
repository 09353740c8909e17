//! The shipped playbooks on a systemd host, for real: Node.js and OpenClaw from their
//! registries, the gateway as a user's service, updates that go back by themselves.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "tests may panic, and print what they run"
)]

mod documents;
mod host;
mod shipped;
