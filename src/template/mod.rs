//! The Jinja environment with Ansible's filters and tests. Must not know where values come from.
//!
//! It owns how a template's text becomes a result, and how a failure names the
//! template's file and line. Values arrive as [`minijinja::Value`]; which
//! inventory, play or task they belong to is the caller's business.

mod backslash;
mod check;
mod convert;
mod engine;
mod escape;
mod failure;
mod filters;
mod known;
mod names;
mod predicates;
mod python;
mod yaml;

pub use convert::{from_json, to_json};
pub use engine::{Engine, is_template};
pub use yaml::{from_yaml, to_yaml};
