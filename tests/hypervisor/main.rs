//! The hypervisor room against libvirt: its in-process test driver always, the real
//! daemon when `SWARMCTL_LIVE=1`.
#![cfg(feature = "libvirt")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    missing_docs,
    reason = "tests may panic"
)]

mod bulk;
mod errors;
mod fixture;
mod live_directory;
mod live_domain;
mod live_full;
mod live_network;
mod live_running;
mod live_volume;
mod test_driver;
