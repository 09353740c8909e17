use std::sync::Arc;

use minijinja::{
    Value as Jinja,
    value::{Object, ObjectRepr},
};

/// Ansible's `omit`: an argument that has it counts as not given.
#[derive(Debug)]
pub(super) struct Omit;

impl Object for Omit {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("omit")
    }
}

/// Returns whether a value is `omit`.
pub(super) fn is_omit(value: &Jinja) -> bool {
    value.downcast_object_ref::<Omit>().is_some()
}
