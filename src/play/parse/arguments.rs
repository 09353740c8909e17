use crate::inventory::{Map, Node};

/// A module's arguments as they are written.
#[derive(Clone, Debug, Default)]
pub struct Arguments {
    /// By name.
    pub named: Map,
    /// The text of `command: …`, and of other modules that take one as it is.
    pub free_form: Option<Node>,
    /// `args: "{{ … }}"`: a template that gives further arguments, weaker than the
    /// named ones.
    pub template: Option<Node>,
}
