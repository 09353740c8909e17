//! Read-only facts of the whole fleet. Must not know how to change anything.

mod instances;

pub use instances::instances;
