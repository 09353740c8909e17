//! Files to a typed fleet: every value carries file, line and column.
//!
//! Owns Ansible's inventory: YAML and INI sources, groups, ranges, `group_vars/`
//! and `host_vars/`, vaulted values, extra variables, and Ansible's order of
//! precedence. What `ansible-inventory --list` says is right.
//!
//! This room must not know hosts, network or terminal.

mod build;
mod extra_vars;
mod files;
mod graph;
mod group;
mod hosts;
mod ini;
mod instance;
mod json;
mod layers;
mod list;
mod literal;
mod literal_number;
mod literal_string;
mod load;
mod node;
mod python;
mod range;
mod read_values;
mod scalar;
mod shlex;
mod source;
mod timestamp;
mod vars_files;
mod vaulted;
mod yaml;
mod yaml_build;
mod yaml_source;
mod yaml_values;

pub use group::Group;
pub use hosts::Inventory;
#[cfg(all(test, feature = "libvirt"))]
pub(crate) use instance::testing as instance_testing;
pub use instance::{
    Connection, DomainType, Firmware, ImageChecksum, ImageSource, Instance, Scope, Share, User,
    VARIABLES, Variable, VariableDefault, VariableKind, collisions, handbook, is_instance, schema,
    share_warnings, split_words,
};
pub use json::node_to_json;
pub use load::LoadOptions;
pub use node::{Entry, Map, Node, Value, Vault};
pub use read_values::read_values;
pub use yaml::parse_yaml;
