use std::path::{Path, PathBuf};

use super::session::Session;
use crate::{
    inventory::{Map, Node, Value},
    plan::Place,
};

/// The names that a part of a role may have, in Ansible's order.
const ENDINGS: [&str; 4] = [".yml", ".yaml", ".json", ""];

/// Which files of a role are taken instead of `main`.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub tasks: Option<String>,
    pub vars: Option<String>,
    pub defaults: Option<String>,
    pub handlers: Option<String>,
}

/// What a role's directory holds.
#[derive(Default)]
pub(super) struct RoleFiles {
    pub tasks: Option<PathBuf>,
    pub handlers: Option<PathBuf>,
    pub defaults: Map,
    pub vars: Map,
    pub dependencies: Vec<Node>,
    pub allow_duplicates: bool,
}

impl Session<'_> {
    /// Reads a role's directory; tasks and handlers are only found, not read.
    pub fn role_files(&mut self, path: &Path, parts: &Parts, place: &Place) -> RoleFiles {
        let mut files = RoleFiles {
            tasks: self.part(path, "tasks", parts.tasks.as_deref(), place),
            handlers: self.part(path, "handlers", parts.handlers.as_deref(), place),
            defaults: self.part_vars(path, "defaults", parts.defaults.as_deref(), place),
            vars: self.part_vars(path, "vars", parts.vars.as_deref(), place),
            ..RoleFiles::default()
        };
        if let Some(meta) = self.part(path, "meta", None, place) {
            self.meta(&meta, &mut files);
        }
        files
    }

    /// Finds `section/main.yml`, or the file that is named instead.
    fn part(
        &mut self,
        role: &Path,
        section: &str,
        name: Option<&str>,
        place: &Place,
    ) -> Option<PathBuf> {
        let directory = role.join(section);
        let stem = name.unwrap_or("main");
        let mut endings = ENDINGS;
        if name.is_some_and(|name| name.contains('.')) {
            endings.rotate_right(1);
        }
        let found = endings
            .iter()
            .map(|ending| directory.join(format!("{stem}{ending}")))
            .find(|path| self.reader.files.exists(path));
        if found.is_none() && name.is_some() {
            let message = format!("the role has no {section}/{stem}");
            let hint = format!("it is looked for in {}", directory.display());
            self.error(place, message, hint);
        }
        found
    }

    /// Reads variables: a file, or all files of a directory `main/`.
    fn part_vars(&mut self, role: &Path, section: &str, name: Option<&str>, at: &Place) -> Map {
        let Some(path) = self.part(role, section, name, at) else {
            return Map::new();
        };
        let names = self.reader.files.names(&path);
        if names.is_empty() {
            return self.variables_file(&path);
        }
        let mut all = Map::new();
        for name in names.iter().filter(|name| {
            [".yml", ".yaml", ".json"]
                .iter()
                .any(|ending| name.ends_with(ending))
        }) {
            all.extend(self.variables_file(&path.join(name)));
        }
        all
    }

    fn variables_file(&mut self, path: &Path) -> Map {
        let Some(node) = self.reader.yaml(path, &mut self.found) else {
            return Map::new();
        };
        match &node.value {
            Value::Map(_) | Value::Null => self.vars(&node),
            _ => {
                let message = format!("a variables file is a mapping, not {}", node.kind());
                self.error(&node.place, message, "write `name: value` lines");
                Map::new()
            }
        }
    }

    fn meta(&mut self, path: &Path, files: &mut RoleFiles) {
        let Some(node) = self.reader.yaml(path, &mut self.found) else {
            return;
        };
        let Some(map) = node.as_map() else {
            if !matches!(node.value, Value::Null) {
                let message = format!("a role's meta is a mapping, not {}", node.kind());
                self.error(
                    &node.place,
                    message,
                    "write `dependencies:` with a list below it",
                );
            }
            return;
        };
        if let Some(entry) = map.get("allow_duplicates") {
            files.allow_duplicates = matches!(entry.node.value, Value::Bool(true));
        }
        match map.get("dependencies").map(|entry| &entry.node) {
            None => {}
            Some(node) => match &node.value {
                Value::Seq(items) => files.dependencies = items.clone(),
                Value::Null => {}
                _ => {
                    let message = format!("`dependencies` is a list, not {}", node.kind());
                    self.error(&node.place, message, "write `- role: NAME` lines below it");
                }
            },
        }
    }
}
