//! Ansible's INI inventories.

use indexmap::IndexMap;

use super::{
    Entry, Node,
    build::{Builder, SourceText},
    literal, range, shlex,
};
use crate::plan::{Diagnostic, Place};

/// What the lines below a section header are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Hosts,
    Children,
    Vars,
}

/// A group that was used before, or without, being declared.
enum Pending {
    Vars(Place),
    Children(Vec<(String, Place)>),
}

/// Reads an INI inventory into the builder; findings go to its diagnostics.
pub(super) fn parse(source: &SourceText<'_>, builder: &mut Builder) {
    let mut reader = Reader {
        builder,
        pending: IndexMap::new(),
        group: "ungrouped".to_owned(),
        state: State::Hosts,
    };
    for (number, line) in (1_u32..).zip(source.text.lines()) {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        let indent = line.chars().take_while(|c| c.is_whitespace()).count();
        let column = u32::try_from(indent + 1).unwrap_or(u32::MAX);
        reader.line(trimmed, &Place::new(source.file, number, column));
    }
    reader.finish();
}

struct Reader<'b> {
    builder: &'b mut Builder,
    pending: IndexMap<String, Pending>,
    group: String,
    state: State,
}

impl Reader<'_> {
    fn line(&mut self, line: &str, place: &Place) {
        if let Some((name, kind)) = section(line) {
            return self.section(name, kind, place);
        }
        if line.starts_with('[') && line.ends_with(']') {
            return self.error(
                place,
                "a malformed section header",
                "write [group], [group:children] or [group:vars], without spaces",
            );
        }
        match self.state {
            State::Hosts => self.host(line, place),
            State::Vars => self.variable(line, place),
            State::Children => self.child(line, place),
        }
    }

    fn error(&mut self, place: &Place, message: impl Into<String>, hint: &str) {
        self.builder
            .error(Diagnostic::error(place.clone(), message).hint(hint));
    }

    fn section(&mut self, name: &str, kind: Option<&str>, place: &Place) {
        self.group = name.to_owned();
        self.state = match kind {
            None | Some("hosts") => State::Hosts,
            Some("children") => State::Children,
            Some("vars") => State::Vars,
            Some(other) => {
                let message = format!("section [{name}:{other}] has an unknown type");
                self.error(place, message, "the types are `children` and `vars`");
                State::Hosts
            }
        };
        let declares = self.state != State::Vars;
        if !self.builder.groups.contains_key(name) {
            if !declares && !self.pending.contains_key(name) {
                self.pending
                    .insert(name.to_owned(), Pending::Vars(place.clone()));
            }
            self.builder.add_group(name, place);
        }
        if declares && let Some(pending) = self.pending.shift_remove(name) {
            self.adopt(name, pending);
        }
    }

    /// Links a group that has been declared now to the parents that asked for it.
    fn adopt(&mut self, name: &str, pending: Pending) {
        let mut left = vec![(name.to_owned(), pending)];
        while let Some((child, pending)) = left.pop() {
            let Pending::Children(parents) = pending else {
                continue;
            };
            for (parent, place) in parents {
                self.builder.add_child(&parent, &child, &place);
                if matches!(self.pending.get(&parent), Some(Pending::Children(_)))
                    && let Some(pending) = self.pending.shift_remove(&parent)
                {
                    left.push((parent, pending));
                }
            }
        }
    }

    fn host(&mut self, line: &str, place: &Place) {
        let at = |column: u32| Place {
            column: place.column + column - 1,
            ..place.clone()
        };
        let words = match shlex::split(line) {
            Ok(words) => words,
            Err(reason) => {
                return self.error(place, reason, "quote values with ' or \" on both sides");
            }
        };
        let Some((first, variables)) = words.split_first() else {
            return;
        };
        let (hosts, port) = match range::expand(&first.text) {
            Ok(expanded) => expanded,
            Err(reason) => {
                return self.error(
                    place,
                    reason,
                    "ranges look like web[01:50], db[a:f], n[0:10:2]",
                );
            }
        };
        if first.text.trim().ends_with(':') && port.is_none() {
            return self.error(
                place,
                format!("the host {:?} ends in a colon", first.text),
                "write a port after it, or, if this file is YAML, give it the extension .yml",
            );
        }
        if first.text == "---" {
            return self.error(
                place,
                "`---` is no host name",
                "if this file is YAML, give it the extension .yml",
            );
        }
        let mut entries = Vec::with_capacity(variables.len());
        for word in variables {
            let Some((name, value)) = word.text.split_once('=') else {
                self.error(
                    &at(word.column),
                    "expected key=value",
                    "quote values that hold spaces; one host a line",
                );
                continue;
            };
            let key_place = at(word.column);
            let width = u32::try_from(name.chars().count() + 1).unwrap_or(0);
            let value_place = at(word.column + width);
            let node = Node::new(literal::evaluate(value, &value_place), value_place);
            entries.push((name, Entry { key_place, node }));
        }
        for host in &hosts {
            self.builder.add_host(host, &self.group, port, place);
            for (name, entry) in &entries {
                self.builder.set_variable(host, name, entry.clone());
            }
        }
    }

    fn variable(&mut self, line: &str, place: &Place) {
        let Some((name, value)) = line.split_once('=') else {
            return self.error(
                place,
                "expected key=value",
                "a [group:vars] section holds one variable a line",
            );
        };
        let skipped =
            name.chars().count() + 1 + value.chars().take_while(|c| c.is_whitespace()).count();
        let value_place = Place {
            column: place.column + u32::try_from(skipped).unwrap_or(0),
            ..place.clone()
        };
        let node = Node::new(literal::evaluate(value.trim(), &value_place), value_place);
        let entry = Entry {
            key_place: place.clone(),
            node,
        };
        self.builder.set_variable(&self.group, name.trim(), entry);
    }

    fn child(&mut self, line: &str, place: &Place) {
        let Some(child) = group_name(line) else {
            return self.error(
                place,
                format!("expected a group name, got {line:?}"),
                "a [group:children] section holds one group a line",
            );
        };
        if self.builder.groups.contains_key(child) {
            return self.builder.add_child(&self.group, child, place);
        }
        let parent = (self.group.clone(), place.clone());
        match self
            .pending
            .entry(child.to_owned())
            .or_insert_with(|| Pending::Children(Vec::new()))
        {
            Pending::Children(parents) => parents.push(parent),
            Pending::Vars(_) => {}
        }
    }

    /// What is still pending was never declared.
    fn finish(self) {
        for (name, pending) in self.pending {
            let error = match pending {
                Pending::Vars(place) => Diagnostic::error(
                    place,
                    format!("section [{name}:vars] is for a group that is not defined"),
                ),
                Pending::Children(parents) => {
                    let Some((parent, place)) = parents.into_iter().next() else {
                        continue;
                    };
                    Diagnostic::error(
                        place,
                        format!("section [{parent}:children] names the unknown group {name:?}"),
                    )
                }
            };
            self.builder
                .error(error.hint(format!("add a section [{name}], which may be empty")));
        }
    }
}

/// `[name]` or `[name:kind]`, then nothing but space and a comment.
fn section(line: &str) -> Option<(&str, Option<&str>)> {
    let (inside, after) = line.strip_prefix('[')?.split_once(']')?;
    let after = after.trim_start();
    if !after.is_empty() && !after.starts_with('#') {
        return None;
    }
    let (name, kind) = match inside.split_once(':') {
        Some((name, kind)) => (name, Some(kind)),
        None => (inside, None),
    };
    let word =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_');
    (!name.is_empty() && !name.contains(char::is_whitespace) && kind.is_none_or(word))
        .then_some((name, kind))
}

/// A name without `:` or `]`, then nothing but space and a comment.
fn group_name(line: &str) -> Option<&str> {
    let end = line.find(|c: char| c.is_whitespace() || matches!(c, ':' | ']'));
    let (name, after) = line.split_at(end.unwrap_or(line.len()));
    let after = after.trim_start();
    // Greedy as Ansible: a `#` within the name belongs to it.
    (!name.is_empty() && (after.is_empty() || after.starts_with('#'))).then_some(name)
}

#[cfg(test)]
mod tests {
    use std::{path::Path, sync::Arc};

    use super::{Builder, SourceText, group_name, parse, section};
    use crate::inventory::Value;

    fn read(text: &str) -> Builder {
        let file: Arc<Path> = Arc::from(Path::new("hosts"));
        let mut builder = Builder::new();
        parse(&SourceText { text, file: &file }, &mut builder);
        builder
    }

    fn errors(text: &str) -> String {
        read(text).diagnostics.to_string()
    }

    #[test]
    fn places_and_types() {
        let builder = read("[web]\n  w1:22 a=1 b='x y' # c\n[web:vars]\nport = 80\n");
        assert!(builder.diagnostics.0.is_empty(), "{}", builder.diagnostics);
        let vars = &builder.hosts["w1"].vars;
        assert!(matches!(vars["ansible_port"].node.value, Value::Int(22)));
        assert_eq!(vars["a"].key_place.to_string(), "hosts:2:9");
        assert_eq!(vars["b"].node.place.to_string(), "hosts:2:15");
        assert_eq!(
            builder.groups["web"].vars["port"].node.place.to_string(),
            "hosts:4:8"
        );
    }

    #[test]
    fn headers() {
        assert_eq!(section("[a]"), Some(("a", None)));
        assert_eq!(section("[a:vars] # x"), Some(("a", Some("vars"))));
        assert_eq!(section("[a b]"), None);
        assert_eq!(section("[a] x"), None);
        assert_eq!(group_name("a # x"), Some("a"));
        assert_eq!(group_name("a b"), None);
    }

    #[test]
    fn mistakes_have_places() {
        assert!(
            errors("[a:children]\nnope\n")
                .starts_with("hosts:2:1: section [a:children] names the unknown group")
        );
        assert!(errors("[a:vars]\nx=1\n").contains("hosts:1:1: section [a:vars]"));
        assert!(
            errors("[a:children]\nb\n[b:children]\na\n").contains("hosts:4:1: group"),
            "{}",
            errors("[a:children]\nb\n[b:children]\na\n")
        );
        assert!(errors("[a:nope]\n").contains("unknown type"));
        assert!(errors("w1 x\n").starts_with("hosts:1:4: expected key=value"));
        assert!(errors("w1 x='\n").contains("not closed"));
        assert!(errors("w[1:\n").contains("closing bracket"));
        assert!(errors("all:\n  hosts:\n").contains("ends in a colon"));
    }
}
