//! Host patterns: which instances a command is for.
//!
//! Owns Ansible's pattern language: `a:b`, `a,b`, `:&`, `:!`, globs, `~regex`,
//! subscripts and limits. It knows names and groups only, through [`Names`].

pub(crate) mod address;
mod error;
mod glob;
mod limit;
mod pattern;
mod split;
mod subscript;

pub use error::SelectError;
pub use glob::matches as glob_matches;
pub use limit::expand_limit;
pub use pattern::{Names, select};
