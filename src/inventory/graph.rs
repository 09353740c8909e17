use super::{Inventory, Node, list::is_internal, python};

/// What is left to draw.
enum Task<'a> {
    /// A group's line, then its children, then the rest of it.
    Group(&'a str, usize),
    /// A group's hosts and variables.
    Members(&'a str, usize),
}

impl Inventory {
    /// Returns the tree of groups and hosts that `ansible-inventory --graph` draws,
    /// with variables where asked for. Secrets are masked.
    pub fn graph(&self, vars: bool) -> String {
        let mut lines: Vec<String> = Vec::new();
        // A list of tasks, since groups may be nested deeper than a stack is.
        let mut tasks = vec![Task::Group("all", 0)];
        while let Some(task) = tasks.pop() {
            match task {
                Task::Group(name, depth) => {
                    lines.push(at(depth, &format!("@{name}:")));
                    tasks.push(Task::Members(name, depth + 1));
                    let children = self
                        .groups
                        .get(name)
                        .map_or(&[][..], |group| &group.children);
                    tasks.extend(
                        children
                            .iter()
                            .rev()
                            .map(|child| Task::Group(child, depth + 1)),
                    );
                }
                Task::Members(name, depth) => self.members(name, depth, vars, &mut lines),
            }
        }
        lines.join("\n")
    }

    fn members(&self, name: &str, depth: usize, vars: bool, lines: &mut Vec<String>) {
        let Some((index, _, group)) = self.groups.get_full(name) else {
            return;
        };
        if name != "all" {
            for host in &group.hosts {
                lines.push(at(depth, host));
                if vars {
                    let merged = self.merged(host);
                    self.show(
                        merged.iter().map(|(name, entry)| (*name, &entry.node)),
                        depth + 1,
                        lines,
                    );
                }
            }
        }
        if vars {
            let mut merged: indexmap::IndexMap<&str, &Node> = indexmap::IndexMap::new();
            let files = self.group_files.get(index);
            let from_files = files
                .into_iter()
                .flat_map(|files| files.at_sources().chain(files.at_fleet()));
            for layer in std::iter::once(&group.vars).chain(from_files) {
                merged.extend(
                    layer
                        .iter()
                        .map(|(name, entry)| (name.as_str(), &entry.node)),
                );
            }
            let priority = Node::new(
                super::Value::Int(group.priority),
                crate::plan::Place::nowhere("<priority>"),
            );
            if group.priority != 1 {
                merged.insert("ansible_group_priority", &priority);
            }
            self.show(merged.into_iter(), depth, lines);
        }
    }

    fn show<'a>(
        &self,
        vars: impl Iterator<Item = (&'a str, &'a Node)>,
        depth: usize,
        lines: &mut Vec<String>,
    ) {
        let mut vars: Vec<_> = vars.filter(|(name, _)| !is_internal(name)).collect();
        vars.sort_unstable_by_key(|(name, _)| *name);
        for (name, node) in vars {
            let value = if self.hides(node) {
                python::MASK.to_owned()
            } else {
                python::str(node)
            };
            lines.push(at(depth, &format!("{{{name} = {value}}}")));
        }
    }
}

fn at(depth: usize, text: &str) -> String {
    if depth == 0 {
        return text.to_owned();
    }
    format!("{}--{text}", "  |".repeat(depth))
}
