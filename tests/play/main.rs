//! Playbooks against Ansible's own reading and running of them.
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

mod books;
mod files;
mod listings;
mod precedence;
mod runs;
mod same_run;
