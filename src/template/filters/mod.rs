//! Ansible's filters that need nothing from the world, each group in a file.

mod codec;
mod serial;

use minijinja::Environment;

/// Adds all of them.
pub(super) fn register(environment: &mut Environment<'static>) {
    codec::register(environment);
    serial::register(environment);
}
