//! The same plays by Ansible and by swarmctl, over SSH, on two equal systemd hosts:
//! each task's result and each host's end state must agree, in check mode, the first
//! time and the second time. Needs root, `SWARMCTL_LIVE` and `SWARMCTL_ANSIBLE`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "tests may panic, and say why they are skipped"
)]

mod compare;
mod facts;
mod generate;
mod pair;
mod plays;
mod rig;
mod state;
