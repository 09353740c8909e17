use std::{path::Path, sync::Arc};

use super::{
    Block, Item, Keyword, Keywords, Play, Section, Task,
    keyword::{self, BLOCK, HANDLER, PLAY, TASK},
    read_tasks::split_tags,
    session::{Around, Session},
    words::{did_you_mean, is_identifier},
};
use crate::{
    inventory::{Entry, Map, Node, Value},
    plan::Place,
};

impl Session<'_> {
    /// Reads a play.
    pub fn play(&mut self, map: &Map, place: &Place, path: &Path) -> Option<Play> {
        let mut keywords = Keywords::default();
        for (name, entry) in map {
            let Some(spec) = keyword::find(name, PLAY) else {
                self.unknown_in_play(name, entry);
                continue;
            };
            self.check_keyword(spec, &entry.node);
            let node = match spec.keyword {
                Keyword::Tags => split_tags(&entry.node),
                Keyword::TasksOfPlay
                | Keyword::PreTasks
                | Keyword::PostTasks
                | Keyword::Handlers
                | Keyword::Roles
                | Keyword::Vars
                | Keyword::VarsFiles => continue,
                _ => entry.node.clone(),
            };
            let keyword = match spec.keyword {
                Keyword::User => Keyword::RemoteUser,
                other => other,
            };
            keywords.set(keyword, node);
        }
        let Some(hosts) = map.get("hosts").filter(|entry| !is_empty(&entry.node)) else {
            self.error(
                place,
                "a play needs `hosts`",
                "name the hosts: `hosts: all`",
            );
            return None;
        };
        let file: Arc<Path> = Arc::from(path);
        let vars = Arc::new(self.play_vars(map.get("vars")));
        let mut around = self.around_play(&file, &vars);
        around.keywords = keywords.heritable();

        let handlers_before = std::mem::take(&mut self.handlers);
        let roles_before = std::mem::take(&mut self.roles);
        let pre_tasks = self.tasks_of(map.get("pre_tasks"), &around);
        let roles = self.roles_of(map.get("roles"), &around);
        let tasks = self.tasks_of(map.get("tasks"), &around);
        let post_tasks = self.tasks_of(map.get("post_tasks"), &around);
        around.handlers = true;
        let own_handlers = self.tasks_of(map.get("handlers"), &around);
        let mut handlers = std::mem::replace(&mut self.handlers, handlers_before);
        handlers.extend(own_handlers);
        let brought = std::mem::replace(&mut self.roles, roles_before);

        let sections = [pre_tasks, roles, tasks, post_tasks]
            .into_iter()
            .map(|items| Section { items })
            .collect();
        let list = |name: &str| match map.get(name).map(|entry| &entry.node) {
            None => Vec::new(),
            Some(node) => match &node.value {
                Value::Seq(items) => items.clone(),
                Value::Null => Vec::new(),
                _ => vec![node.clone()],
            },
        };
        let vars_files = list("vars_files");
        vars_files
            .iter()
            .for_each(|node| self.check_templates(node));
        Some(Play {
            name: map.get("name").map(|entry| entry.node.clone()),
            hosts: hosts.node.clone(),
            keywords,
            vars,
            import_vars: Arc::default(),
            vars_files,
            serial: list("serial"),
            sections,
            roles: brought,
            handlers,
            directory: directory(path).to_owned(),
            place: place.clone(),
        })
    }

    /// Returns what stands around the tasks of a play in `file`.
    pub fn around_play(&self, file: &Arc<Path>, vars: &Map) -> Around {
        Around {
            keywords: Keywords::default(),
            vars: Vec::new(),
            params: Vec::new(),
            role: None,
            file: Arc::clone(file),
            directory: Arc::from(directory(file)),
            handlers: false,
            play_vars: Arc::new(vars.clone()),
        }
    }

    fn tasks_of(&mut self, entry: Option<&Entry>, around: &Around) -> Vec<Item> {
        entry.map_or_else(Vec::new, |entry| self.tasks(&entry.node, around))
    }

    fn play_vars(&mut self, entry: Option<&Entry>) -> Map {
        entry.map_or_else(Map::new, |entry| self.vars(&entry.node))
    }

    /// Reads a mapping of variables, or a list of such mappings.
    pub fn vars(&mut self, node: &Node) -> Map {
        self.check_templates(node);
        let mut vars = Map::new();
        match &node.value {
            Value::Null => {}
            Value::Map(map) => vars = map.clone(),
            Value::Seq(items) => {
                for item in items {
                    vars.extend(self.vars(item));
                }
            }
            _ => {
                let message = format!("`vars` is a mapping, not {}", node.kind());
                self.error(&node.place, message, "write `name: value` lines below it");
            }
        }
        for (name, entry) in &vars {
            if !is_identifier(name) {
                let message = format!("{name:?} can't be a variable's name");
                let hint = "letters, digits and underscores, no digit first";
                self.error(&entry.key_place, message, hint);
            }
        }
        vars
    }

    fn unknown_in_play(&mut self, name: &str, entry: &Entry) {
        let elsewhere = keyword::find(name, BLOCK | TASK | HANDLER).is_some();
        let is_module = self.reader.modules.find(name).is_some();
        let hint = if is_module {
            "it is a module: write it below `tasks:`".to_owned()
        } else if elsewhere {
            "it belongs to tasks and blocks".to_owned()
        } else {
            did_you_mean(name, keyword::names(PLAY))
                .unwrap_or_else(|| "see Ansible's keywords of plays".to_owned())
        };
        let message = format!("a play has no `{name}`");
        self.error(&entry.key_place, message, hint);
    }
}

fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Null => true,
        Value::Str(text) => text.is_empty(),
        Value::Seq(items) => items.is_empty(),
        _ => false,
    }
}

fn directory(path: &Path) -> &Path {
    path.parent().unwrap_or_else(|| Path::new(""))
}

/// Puts `outer` around everything in a play that was read already.
pub(super) fn wrap(play: &mut Play, outer: &Keywords) {
    play.keywords = play.keywords.within(outer);
    for section in &mut play.sections {
        wrap_all(&mut section.items, outer);
    }
    wrap_all(&mut play.handlers, outer);
}

fn wrap_all(items: &mut [Item], outer: &Keywords) {
    for item in items {
        match item {
            Item::Task(task) => {
                let inner: &mut Task = Arc::make_mut(task);
                inner.keywords = inner.keywords.within(outer);
                inner.outer = inner.outer.within(outer);
            }
            Item::Block(block) => {
                let inner: &mut Block = Arc::make_mut(block);
                inner.keywords = inner.keywords.within(outer);
                wrap_all(&mut inner.block, outer);
                wrap_all(&mut inner.rescue, outer);
                wrap_all(&mut inner.always, outer);
            }
        }
    }
}
