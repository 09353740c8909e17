//! Which variables a task on a host sees, and their values.
//!
//! Owns Ansible's order of precedence within a play, the magic variables, lookups,
//! and the lazy rendering of templates. It must not know how tasks run.

mod host_vars;
mod jinja;
mod layer;
mod layers;
mod lookup;
mod lookup_files;
mod lookup_lists;
mod magic;
mod omit;
mod roster;
mod scope;
mod unpredictable;
mod watch;
mod world;

pub use jinja::{json_to_jinja, to_json};
pub use layer::{Layer, Values};
pub use layers::{Frame, layers};
pub use lookup::lookup;
pub use magic::play_magic;
pub use roster::Roster;
pub use scope::{Scope, SearchPath};
pub use unpredictable::{depends_on, unpredictable};
pub use watch::Watch;
pub use world::{Controller, World};
