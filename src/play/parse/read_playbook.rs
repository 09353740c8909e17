use std::{path::Path, sync::Arc};

use super::{
    Keyword, Play,
    keyword::{self, PLAY},
    session::{Session, tidy},
    words::did_you_mean,
};
use crate::{
    inventory::{Map, Node, Value},
    plan::Place,
};

/// What `import_playbook` may carry.
const OF_IMPORT: [&str; 5] = ["import_playbook", "name", "vars", "tags", "when"];

impl Session<'_> {
    /// Reads one playbook file.
    pub fn playbook(&mut self, path: &Path) -> Vec<Play> {
        let file: Arc<Path> = Arc::from(path);
        let start = Place::new(&file, 0, 0);
        if self.stack.iter().any(|one| one == path) {
            self.error(&start, "this playbook imports itself", "remove the import");
            return Vec::new();
        }
        let before = self.found.0.len();
        let Some(node) = self.reader.yaml(path, &mut self.found) else {
            if self.found.0.len() == before {
                self.error(&start, "there is no such playbook", "check the path");
            }
            return Vec::new();
        };
        let Value::Seq(entries) = &node.value else {
            let message = format!("a playbook is a list of plays, not {}", node.kind());
            self.error(&node.place, message, "begin each play with `- hosts:`");
            return Vec::new();
        };
        self.stack.push(path.to_owned());
        let mut plays = Vec::new();
        for entry in entries {
            let Value::Map(map) = &entry.value else {
                let message = format!("a play is a mapping, not {}", entry.kind());
                self.error(&entry.place, message, "begin it with `- hosts:`");
                continue;
            };
            let import = ["import_playbook", "ansible.builtin.import_playbook"]
                .iter()
                .find_map(|name| map.get_key_value(*name));
            match import {
                Some((_, import)) => {
                    let target = import.node.clone();
                    plays.extend(self.import_playbook(map, &target, path));
                }
                None => plays.extend(self.play(map, &entry.place, path)),
            }
        }
        self.stack.pop();
        plays
    }

    fn import_playbook(&mut self, map: &Map, target: &Node, path: &Path) -> Vec<Play> {
        for (name, entry) in map {
            let short = name.strip_prefix("ansible.builtin.").unwrap_or(name);
            if !OF_IMPORT.contains(&short) {
                let hint = did_you_mean(name, OF_IMPORT)
                    .unwrap_or_else(|| "it has name, vars, tags and when".to_owned());
                let message = format!("`import_playbook` has no `{name}`");
                self.error(&entry.key_place, message, hint);
            }
        }
        let directory = path.parent().unwrap_or_else(|| Path::new(""));
        let around = self.around_play(&Arc::from(path), &Map::new());
        let Some(name) = self.static_text(target, &around) else {
            return Vec::new();
        };
        let file = tidy(&directory.join(&name));
        if !self.reader.files.exists(&file) {
            let message = format!("there is no playbook {name:?}");
            let hint = format!("it is looked for at {}", file.display());
            self.error(&target.place, message, hint);
            return Vec::new();
        }
        let mut plays = self.playbook(&file);
        let vars = map.get("vars").and_then(|entry| entry.node.as_map());
        for play in &mut plays {
            if let Some(vars) = vars {
                let mut all = vars.clone();
                all.extend(
                    play.import_vars
                        .iter()
                        .map(|(key, entry)| (key.clone(), entry.clone())),
                );
                play.import_vars = Arc::new(all);
            }
        }
        self.spread(map, &mut plays);
        plays
    }

    /// Gives `tags` and `when` of an import to everything in the plays.
    fn spread(&mut self, map: &Map, plays: &mut [Play]) {
        let mut outer = super::Keywords::default();
        for keyword in [Keyword::Tags, Keyword::When] {
            let Some(entry) = map.get(keyword.name()) else {
                continue;
            };
            if let Some(spec) = keyword::find(keyword.name(), PLAY | keyword::TASK) {
                self.check_keyword(spec, &entry.node);
            }
            let node = match keyword {
                Keyword::Tags => super::read_tasks::split_tags(&entry.node),
                _ => entry.node.clone(),
            };
            outer.set(keyword, node);
        }
        for play in plays {
            super::read_play::wrap(play, &outer);
        }
    }
}
