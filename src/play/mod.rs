//! Playbooks: read, scoped, scheduled; and the modules that tasks call.
//!
//! Owns Ansible's play language. It must not know libvirt or backup.

pub mod parse;
