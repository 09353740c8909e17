//! Ansible's YAML inventories: groups with `hosts`, `children` and `vars`.

use super::{Entry, Map, Node, Value, build::Builder, range, yaml::Document};
use crate::plan::{Diagnostic, Place};

/// Reads a YAML inventory into the builder; findings go to its diagnostics.
pub(super) fn read(document: &Document, builder: &mut Builder) {
    let Value::Map(groups) = &document.node.value else {
        builder.error(
            Diagnostic::error(
                document.node.place.clone(),
                format!(
                    "a YAML inventory is a mapping of groups, not {}",
                    document.node.kind()
                ),
            )
            .hint("start with `all:` and its `hosts:` and `children:`"),
        );
        return;
    };
    let mut reader = Reader { document, builder };
    for (name, entry) in groups {
        reader.group(name, entry);
    }
}

struct Reader<'a> {
    document: &'a Document,
    builder: &'a mut Builder,
}

impl Reader<'_> {
    fn error(&mut self, place: &Place, message: String, hint: &str) {
        self.builder
            .error(Diagnostic::error(place.clone(), message).hint(hint));
    }

    fn warn(&mut self, place: &Place, message: String, hint: &str) {
        self.builder
            .error(Diagnostic::warning(place.clone(), message).hint(hint));
    }

    /// Names of hosts and groups must be strings in YAML's eyes too.
    fn is_name(&mut self, name: &str, place: &Place) -> bool {
        if self.document.odd_keys.contains(place) {
            self.error(
                place,
                format!("the name {name} is not a string"),
                "put it in quotes",
            );
            return false;
        }
        if name.is_empty() {
            self.error(place, "an empty name".to_owned(), "name the host or group");
            return false;
        }
        true
    }

    fn group(&mut self, name: &str, entry: &Entry) {
        if !self.is_name(name, &entry.key_place) {
            return;
        }
        let sections = match &entry.node.value {
            Value::Map(sections) => sections,
            Value::Null => return self.builder.add_group(name, &entry.key_place),
            _ => {
                let message = format!("group {name:?} is {}, and is skipped", entry.node.kind());
                return self.warn(
                    &entry.node.place,
                    message,
                    "a group is a mapping with `hosts`, `children` and `vars`",
                );
            }
        };
        self.builder.add_group(name, &entry.key_place);
        for (section, entry) in sections {
            match section.as_str() {
                "hosts" => self.with_section(section, entry, |reader, hosts| {
                    for (pattern, entry) in hosts {
                        reader.hosts(pattern, entry, name);
                    }
                }),
                "children" => self.with_section(section, entry, |reader, children| {
                    for (child, entry) in children {
                        reader.group(child, entry);
                        reader.builder.add_child(name, child, &entry.key_place);
                    }
                }),
                "vars" => self.with_section(section, entry, |reader, vars| {
                    for (variable, entry) in vars {
                        reader.builder.set_variable(name, variable, entry.clone());
                    }
                }),
                _ => self.warn(
                    &entry.key_place,
                    format!("{section:?} in group {name:?} is skipped"),
                    "a group has `hosts`, `children` and `vars`; is this a host, or indented too little?",
                ),
            }
        }
    }

    /// Hands the mapping of a section on; a single name stands for itself alone.
    fn with_section(&mut self, section: &str, entry: &Entry, read: impl FnOnce(&mut Self, &Map)) {
        match &entry.node.value {
            Value::Map(map) => read(self, map),
            Value::Null => {}
            Value::Str(name) | Value::Unsafe(name) => {
                let alone = Entry {
                    key_place: entry.node.place.clone(),
                    node: Node::new(Value::Null, entry.node.place.clone()),
                };
                read(self, &Map::from([(name.clone(), alone)]));
            }
            _ => {
                let message = format!("`{section}` is {}", entry.node.kind());
                let hint = "write a mapping: each name with a colon, without a dash";
                self.error(&entry.node.place, message, hint);
            }
        }
    }

    fn hosts(&mut self, pattern: &str, entry: &Entry, group: &str) {
        if !self.is_name(pattern, &entry.key_place) {
            return;
        }
        let (hosts, port) = match range::expand(pattern) {
            Ok(expanded) => expanded,
            Err(reason) => {
                let hint = "ranges look like web[01:50], db[a:f], n[0:10:2]";
                return self.error(&entry.key_place, reason, hint);
            }
        };
        let nothing = Map::new();
        let vars = match &entry.node.value {
            Value::Map(vars) => vars,
            Value::Null | Value::Bool(false) | Value::Int(0) => &nothing,
            Value::Str(text) if text.is_empty() => &nothing,
            Value::Seq(items) if items.is_empty() => &nothing,
            _ => {
                let message = format!(
                    "the variables of host {pattern:?} are {}",
                    entry.node.kind()
                );
                let hint = "write a mapping of variables below the host, or nothing";
                return self.error(&entry.node.place, message, hint);
            }
        };
        for host in &hosts {
            self.builder.add_host(host, group, port, &entry.key_place);
            for (name, variable) in vars {
                self.builder.set_variable(host, name, variable.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{path::Path, sync::Arc};

    use super::{Builder, read};
    use crate::inventory::yaml::parse_document;

    fn build(text: &str) -> Builder {
        let file: Arc<Path> = Arc::from(Path::new("hosts.yml"));
        let mut builder = Builder::new();
        read(&parse_document(text, &file).unwrap(), &mut builder);
        builder
    }

    #[test]
    fn groups_hosts_children() {
        let builder = build(
            "all:\n  hosts: lone\n  children:\n    web:\n      hosts:\n        w[1:2]: {a: 1}\n      vars: {ansible_group_priority: 5}\n    db:\n",
        );
        assert!(builder.diagnostics.0.is_empty(), "{}", builder.diagnostics);
        assert_eq!(
            builder.hosts.keys().collect::<Vec<_>>(),
            ["lone", "w1", "w2"]
        );
        assert_eq!(builder.groups["web"].priority, 5);
        assert!(builder.groups["web"].vars.is_empty());
        assert_eq!(builder.hosts["w2"].place.to_string(), "hosts.yml:6:9");
    }

    #[test]
    fn mistakes_have_places() {
        let found = |text: &str| build(text).diagnostics.to_string();
        assert!(found("- a\n").contains("hosts.yml:1:1: a YAML inventory is a mapping"));
        assert!(found("all: {hosts: [a]}\n").contains("hosts.yml:1:14: `hosts` is a list"));
        assert!(
            found("all: {hosts: {1: {}}}\n").contains("hosts.yml:1:15: the name 1 is not a string")
        );
        assert!(found("all: {hosts: {a: 5}}\n").contains("are an integer"));
        assert!(found("all: {host: {a: }}\n").contains("\"host\" in group \"all\" is skipped"));
        assert!(found("a: {children: {b: {children: {a: }}}}\n").contains("can't be a child"));
    }
}
