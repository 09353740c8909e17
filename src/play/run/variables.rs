use std::{path::PathBuf, sync::Arc};

use super::{Hands, play_run::PlayRun};
use crate::{
    inventory::{Entry, Map, Node, Value},
    plan::{Diagnostics, Place},
    play::{
        parse::Task,
        vars::{Frame, Layer, Scope, SearchPath, layers, play_magic},
    },
};

impl<H: Hands> PlayRun<H> {
    /// Returns the variables that a task on a host sees.
    pub fn scope(&self, task: Option<&Task>, host: &str) -> Scope {
        let (magic, roles, vars_files) = {
            let mut state = self.state();
            let magic = match &state.magic {
                Some((removed, magic)) if *removed == state.removed => Arc::clone(magic),
                _ => {
                    let removed = state.removed.clone();
                    let magic = play_magic(&self.play, &self.all, &self.batch, &removed);
                    let magic = Arc::new(magic);
                    state.magic = Some((removed, Arc::clone(&magic)));
                    magic
                }
            };
            (
                magic,
                state.roles.clone(),
                state.vars_files.get(host).cloned().unwrap_or_default(),
            )
        };
        let frame = Frame {
            play: &self.play,
            magic: &magic,
            vars_files: &vars_files,
            roles: &roles,
            task,
        };
        let layers: Vec<Layer> = layers(&frame, host, &self.engine.world);
        Scope::new(layers, Arc::clone(&self.engine.world), self.search(task))
    }

    /// Returns where a task's files are looked for: its role and those around it, the
    /// directory of the file it is written in, the playbook's.
    pub fn search(&self, task: Option<&Task>) -> SearchPath {
        let mut search: Vec<PathBuf> = Vec::new();
        let mut add = |path: PathBuf| {
            if !search.contains(&path) {
                search.push(path);
            }
        };
        if let Some(task) = task {
            if let Some(role) = &task.role {
                add(role.role.path.clone());
                for parent in role.parents.iter().rev() {
                    add(parent.role.path.clone());
                }
            }
            if let Some(directory) = task.file.parent() {
                add(directory.to_owned());
            }
        }
        add(self.play.directory.clone());
        search.into()
    }

    /// Reads the play's `vars_files` for a host. An entry that is a list stands for
    /// the first of its files that exists.
    ///
    /// # Errors
    /// When one is missing or malformed.
    pub fn load_vars_files(&self, host: &str) -> Result<(), Diagnostics> {
        for entry in &self.play.vars_files {
            let scope = self.scope(None, host);
            let names: Vec<&Node> = match &entry.value {
                Value::Seq(items) => items.iter().collect(),
                _ => vec![entry],
            };
            let mut looked = Vec::new();
            let mut found = None;
            for name in &names {
                let Some(text) = super::flags::rendered_text(name, &scope)? else {
                    continue;
                };
                for directory in [
                    self.play.directory.clone(),
                    self.play.directory.join("vars"),
                ] {
                    let path = directory.join(&text);
                    if found.is_none() {
                        found = self.engine.variables_file(&path)?;
                        looked.push(path.display().to_string());
                    }
                }
            }
            match found {
                Some(map) => {
                    let mut state = self.state();
                    let files = state.vars_files.entry(host.to_owned()).or_default();
                    files.push(Arc::new(map));
                }
                None => {
                    let message = "there is no such variables file";
                    let hint = format!("it is looked for at {}", looked.join(", "));
                    let error = crate::plan::Diagnostic::error(entry.place.clone(), message);
                    return Err(error.hint(hint).into());
                }
            }
        }
        Ok(())
    }
}

/// Returns JSON as a value of a file at `place`; what a task made is no template.
pub(super) fn to_node(value: &serde_json::Value, place: &Place) -> Node {
    use serde_json::Value as Json;
    let value = match value {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::Int(number),
            None => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::Unsafe(text.clone()),
        Json::Array(items) => Value::Seq(items.iter().map(|item| to_node(item, place)).collect()),
        Json::Object(map) => {
            let mut entries = Map::new();
            for (key, item) in map {
                let entry = Entry {
                    key_place: place.clone(),
                    node: to_node(item, place),
                };
                entries.insert(key.clone(), entry);
            }
            Value::Map(entries)
        }
    };
    Node::new(value, place.clone())
}
