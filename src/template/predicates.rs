use minijinja::Environment;

/// Adds Ansible's tests.
pub(super) fn register(_environment: &mut Environment<'static>) {}
