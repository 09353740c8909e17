//! The store of base images against an HTTP server on loopback.
#![cfg(feature = "libvirt")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "tests may panic"
)]

mod download;
mod local;
mod server;
mod store;
mod trouble;
