//! Playbooks: read, scoped, scheduled; and the modules that tasks call.
//!
//! Owns Ansible's play language. A task's module call becomes one self-contained `sh`
//! program ([`modules`]); how that program reaches a host is the business of
//! `transport`. Must not know libvirt, guests or backups.

pub mod hosts;
mod list;
pub mod modules;
pub mod parse;
pub mod run;
mod table;
pub mod vars;

use list::LOCAL;
pub use list::{Listing, hosts, list, patterns, play_vars, tags};
pub use table::Modules;
