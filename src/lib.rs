//! swarmctl runs fleets of OpenClaw agents on plain libvirt/KVM.
//!
//! The library knows neither terminal nor environment: the [`cli`] room reads
//! both and hands plain values down. Data flows one way: files become an
//! [`inventory`], [`select`] picks instances, [`guest`] observes, plans and
//! applies, and [`report`] says what happened. `docs/architecture.md` has the map.

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, reason = "tests may panic")
)]

pub mod check;
pub mod cli;
pub mod fleet;
#[cfg(feature = "libvirt")]
pub mod guest;
#[cfg(feature = "libvirt")]
pub mod hypervisor;
pub mod inventory;
#[cfg(feature = "libvirt")]
pub mod observe;
pub mod plan;
pub mod play;
pub mod report;
pub mod secret;
pub mod select;
pub mod template;
pub mod transport;
