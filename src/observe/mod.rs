//! Read-only facts of the whole fleet. Must not know how to change anything.

mod images;
mod instances;

pub use images::images;
pub use instances::{instances, surveyed};
