//! The inventory against Ansible's own.
//!
//! Set `SWARMCTL_ANSIBLE` to a directory with ansible-core's programs
//! (`scripts/ansible-venv` makes one); without it these tests say so and pass.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    missing_docs,
    reason = "tests may panic, and say why they are skipped"
)]

mod compare;
mod fixed;
mod fleet;
mod generate;
mod generated;
mod input;
mod oracle;
mod precedence;
mod random;
mod vault;
