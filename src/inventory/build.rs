use std::{collections::HashSet, path::Path, sync::Arc};

use indexmap::IndexMap;

use super::{Map, Node, Value};
use crate::plan::{Diagnostic, Diagnostics, Place};

/// Hosts and groups while sources are read, with Ansible's rules for adding.
pub(super) struct Builder {
    pub groups: IndexMap<String, GroupBuild>,
    pub hosts: IndexMap<String, HostBuild>,
    pub diagnostics: Diagnostics,
}

/// A group while sources are read. Numbers are indices into the builder's maps.
#[derive(Default)]
pub(super) struct GroupBuild {
    pub place: Option<Place>,
    pub hosts: Vec<usize>,
    members: HashSet<usize>,
    pub children: Vec<usize>,
    pub parents: Vec<usize>,
    pub vars: Map,
    pub priority: i64,
}

/// A host while sources are read.
pub(super) struct HostBuild {
    pub place: Place,
    pub vars: Map,
}

impl Builder {
    pub(super) fn new() -> Self {
        let mut builder = Self {
            groups: IndexMap::new(),
            hosts: IndexMap::new(),
            diagnostics: Diagnostics::default(),
        };
        for name in ["all", "ungrouped"] {
            builder.groups.insert(
                name.to_owned(),
                GroupBuild {
                    priority: 1,
                    ..GroupBuild::default()
                },
            );
        }
        builder.link(0, 1);
        builder
    }

    pub(super) fn error(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Adds the group unless it is there.
    pub(super) fn add_group(&mut self, name: &str, place: &Place) {
        let entry = self
            .groups
            .entry(name.to_owned())
            .or_insert_with(|| GroupBuild {
                priority: 1,
                ..GroupBuild::default()
            });
        entry.place.get_or_insert_with(|| place.clone());
    }

    /// Adds a host to a group that is there. The port counts only for a new host.
    pub(super) fn add_host(&mut self, name: &str, group: &str, port: Option<u32>, place: &Place) {
        if name.is_empty() {
            self.error(
                Diagnostic::error(place.clone(), "an empty host name").hint("name the host"),
            );
            return;
        }
        let entry = self.hosts.entry(name.to_owned());
        let host = entry.index();
        entry.or_insert_with(|| {
            let mut vars = Map::new();
            if let Some(port) = port {
                let node = Node::new(Value::Int(port.into()), place.clone());
                vars.insert(
                    "ansible_port".to_owned(),
                    super::Entry {
                        key_place: place.clone(),
                        node,
                    },
                );
            }
            HostBuild {
                place: place.clone(),
                vars,
            }
        });
        if let Some(group) = self.groups.get_mut(group)
            && group.members.insert(host)
        {
            group.hosts.push(host);
        }
    }

    /// Sets a variable of a group or, where none has the name, of a host.
    pub(super) fn set_variable(&mut self, entity: &str, name: &str, entry: super::Entry) {
        if let Some(group) = self.groups.get_mut(entity) {
            if name == "ansible_group_priority" {
                match priority(&entry.node.value) {
                    Some(priority) => group.priority = priority,
                    None => {
                        let message = format!("`ansible_group_priority` is {}", entry.node.kind());
                        self.diagnostics.push(
                            Diagnostic::error(entry.node.place, message)
                                .hint("write a whole number"),
                        );
                    }
                }
            } else {
                group.vars.insert(name.to_owned(), entry);
            }
        } else if let Some(host) = self.hosts.get_mut(entity) {
            host.vars.insert(name.to_owned(), entry);
        }
    }

    /// Makes `child`, a group or else a host, a member of the group `parent`.
    pub(super) fn add_child(&mut self, parent: &str, child: &str, place: &Place) {
        let Some(parent_index) = self.groups.get_index_of(parent) else {
            return;
        };
        if let Some(child_index) = self.groups.get_index_of(child) {
            if self.would_loop(parent_index, child_index) {
                let message = format!(
                    "group {child:?} can't be a child of {parent:?}: it is the same or contains it"
                );
                let mut error = Diagnostic::error(place.clone(), message)
                    .hint("remove one of the children that make the circle");
                if let Some(first) = &self.groups[child_index].place {
                    error = error.related(first.clone(), format!("{child:?} is first named here"));
                }
                self.error(error);
                return;
            }
            self.link(parent_index, child_index);
        } else if let Some(host) = self.hosts.get_index_of(child) {
            let group = &mut self.groups[parent_index];
            if group.members.insert(host) {
                group.hosts.push(host);
            }
        } else {
            let message = format!("{child:?} is no known group");
            self.error(Diagnostic::error(place.clone(), message).hint("define it as a group"));
        }
    }

    fn link(&mut self, parent: usize, child: usize) {
        if !self.groups[child].parents.contains(&parent) {
            self.groups[parent].children.push(child);
            self.groups[child].parents.push(parent);
        }
    }

    /// Whether `child` is `parent` itself or one of its ancestors.
    fn would_loop(&self, parent: usize, child: usize) -> bool {
        // Without children a group contains nothing.
        parent == child
            || !self.groups[child].children.is_empty() && self.ancestors(&[parent]).contains(&child)
    }

    /// Returns the groups above `from`, without `from` unless above one another.
    pub(super) fn ancestors(&self, from: &[usize]) -> HashSet<usize> {
        let mut seen = HashSet::new();
        let mut left = from.to_vec();
        while let Some(group) = left.pop() {
            for &parent in &self.groups[group].parents {
                if seen.insert(parent) {
                    left.push(parent);
                }
            }
        }
        seen
    }

    /// Brings everything under `all`, and every host into a group: `ungrouped`
    /// where no other has it.
    pub(super) fn reconcile(&mut self) {
        for index in 1..self.groups.len() {
            if self.groups[index].parents.is_empty() {
                if self.ancestors(&[0]).contains(&index) {
                    let place = self.groups[index].place.clone();
                    self.error(
                        Diagnostic::error(
                            place,
                            "the group `all` can't be a child of another group",
                        )
                        .hint("`all` contains every group; remove it from `children`"),
                    );
                    continue;
                }
                self.link(0, index);
            }
        }
        let grouped: HashSet<usize> = (2..self.groups.len())
            .flat_map(|index| self.groups[index].hosts.iter().copied())
            .collect();
        let ungrouped = &mut self.groups[1];
        ungrouped.hosts.retain(|host| !grouped.contains(host));
        ungrouped.members.retain(|host| !grouped.contains(host));
        for host in 0..self.hosts.len() {
            if !grouped.contains(&host) && ungrouped.members.insert(host) {
                ungrouped.hosts.push(host);
            }
        }
    }
}

fn priority(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        Value::Bool(yes) => Some(i64::from(*yes)),
        Value::Str(text) => text.trim().parse().ok(),
        Value::Float(number) if number.is_finite() && number.abs() < 1e15 =>
        {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "int() of Python truncates too"
            )]
            Some(*number as i64)
        }
        _ => None,
    }
}

/// A file that is being read.
pub(super) struct SourceText<'a> {
    pub text: &'a str,
    pub file: &'a Arc<Path>,
}
