//! Playbooks: read, scoped, scheduled; and the modules that tasks call.
//!
//! Owns Ansible's play language. It must not know libvirt or backup.

mod list;
pub mod parse;
pub mod run;
pub mod vars;

use list::LOCAL;
pub use list::{Listing, hosts, list, patterns, play_vars, tags};
