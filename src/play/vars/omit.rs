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
        // Within a text it leaves nothing, as in ansible-core 2.19.
        f.write_str("")
    }
}

/// Returns whether a value is `omit`.
pub(super) fn is_omit(value: &Jinja) -> bool {
    value.downcast_object_ref::<Omit>().is_some()
}
