//! Ansible's filters that need nothing from the world, each group in a file.

mod serial;

use minijinja::Environment;

/// Adds all of them.
pub(super) fn register(environment: &mut Environment<'static>) {
    serial::register(environment);
}
