//! The cloud-init documents of one instance: user-data, meta-data, network-config.
//!
//! It owns what they hold and their digest. It must not know where they are stored
//! (see `seed`) or what libvirt does with them.

mod context;
mod merge;
mod redact;
mod rendered;

pub use context::instance_value;
pub use rendered::Documents;
