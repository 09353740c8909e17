//! Files to a typed fleet: every value carries file, line and column.
//!
//! This room must not know hosts, network or terminal.

mod instance;
mod node;

#[cfg(test)]
pub(crate) use instance::testing as instance_testing;
pub use instance::{
    Connection, DomainType, Firmware, ImageChecksum, ImageSource, Instance, Scope, Share, User,
    VARIABLES, Variable, VariableDefault, VariableKind, collisions, handbook, is_instance, schema,
    share_warnings,
};
pub use node::{Entry, Map, Node, Value, Vault};
