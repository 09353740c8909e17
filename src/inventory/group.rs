use super::Map;
use crate::plan::Place;

/// A group of hosts, with its relations as the sources say them.
#[derive(Clone, Debug)]
pub struct Group {
    /// The name.
    pub name: String,
    /// Hosts that are members themselves, in the order they were added.
    pub hosts: Vec<String>,
    /// Groups that are direct children, in the order they were added.
    pub children: Vec<String>,
    /// Variables that the sources set, without those of `group_vars/`.
    pub vars: Map,
    /// Longest way down from `all`, which is 0. Deeper groups win.
    pub depth: usize,
    /// `ansible_group_priority`; among groups of one depth the highest wins.
    pub priority: i64,
    /// Where it was first named; `None` for an `all` or `ungrouped` no source names.
    pub place: Option<Place>,
}
