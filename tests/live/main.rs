//! swarmctl against a real libvirt with real guests: run where `SWARMCTL_LIVE=1` and
//! `SWARMCTL_TEST_IMAGE` names an image (scripts/test sees to both), as root.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "tests may panic, and say why they are skipped"
)]

mod fleet;
mod libvirt;
mod life;
mod refusals;
mod remote;
mod two;
mod upload;
