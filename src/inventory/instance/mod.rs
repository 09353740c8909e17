//! The typed form of one instance: what its `vm_*` and `ansible_*` variables say.
//!
//! It owns the variables' names, defaults and types, and finds everything wrong
//! with them that can be known from files. It must not know hosts, network or
//! terminal; values of the environment (the home directory) are passed in.

mod collisions;
mod connection;
mod domain_type;
mod firmware;
mod from_vars;
mod handbook;
mod image_checksum;
mod image_source;
mod instance_type;
mod keys;
mod reader;
mod result;
mod schema;
mod scope;
mod share;
mod share_warnings;
#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;
mod typed;
mod user;
mod variables;

pub use collisions::collisions;
pub use connection::Connection;
pub use domain_type::DomainType;
pub use firmware::Firmware;
pub use handbook::handbook;
pub use image_checksum::ImageChecksum;
pub use image_source::ImageSource;
pub use instance_type::Instance;
pub use schema::schema;
pub use scope::Scope;
pub use share::Share;
pub use share_warnings::share_warnings;
pub use typed::split_words;
pub use user::User;
pub use variables::{VARIABLES, Variable, VariableDefault, VariableKind};

use super::Map;

/// Returns whether a host's merged variables make it an instance: any `vm_*`
/// variable does.
pub fn is_instance(vars: &Map) -> bool {
    vars.keys().any(|name| name.starts_with("vm_"))
}
