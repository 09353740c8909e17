//! The carrier within this process: no process per host, handshakes in parallel.
//!
//! It takes a host only where it does all that OpenSSH would do for it: see
//! [`login`]. Whatever else comes up on the way is left to OpenSSH as well.

mod carrier;
mod config_file;
mod configuration;
mod dial;
mod login;
mod streams;

pub(super) use carrier::Russh;
