use std::sync::Arc;

use super::{
    Block, Item, Keyword, Keywords,
    keyword::{self, BLOCK},
    session::{Around, Session},
    words::did_you_mean,
};
use crate::{
    inventory::{Map, Node, Value},
    plan::Place,
};

/// What makes a mapping a block.
const SECTIONS: [&str; 3] = ["block", "rescue", "always"];

impl Session<'_> {
    /// Reads a list of tasks and blocks.
    pub fn tasks(&mut self, node: &Node, around: &Around) -> Vec<Item> {
        let items = match &node.value {
            Value::Null => return Vec::new(),
            Value::Seq(items) => items,
            _ => {
                let message = format!("tasks are a list, not {}", node.kind());
                self.error(
                    &node.place,
                    message,
                    "begin each task with a dash: `- name:`",
                );
                return Vec::new();
            }
        };
        let mut tasks = Vec::new();
        for item in items {
            let Value::Map(map) = &item.value else {
                let message = format!("a task is a mapping, not {}", item.kind());
                self.error(
                    &item.place,
                    message,
                    "write `- module: …` with its arguments",
                );
                continue;
            };
            if SECTIONS.iter().any(|section| map.contains_key(*section)) {
                tasks.push(Item::Block(Arc::new(self.block(map, &item.place, around))));
            } else {
                tasks.extend(self.task(map, &item.place, around));
            }
        }
        tasks
    }

    fn block(&mut self, map: &Map, place: &Place, around: &Around) -> Block {
        let mut own = Keywords::default();
        let mut vars = None;
        for (name, entry) in map {
            let Some(spec) = keyword::find(name, BLOCK) else {
                let hint = match keyword::find(name, keyword::TASK) {
                    Some(_) => "it belongs to the tasks within the block".to_owned(),
                    None if self.reader.modules.find(name).is_some() => {
                        "it is a module: write it as a task within the block".to_owned()
                    }
                    None => did_you_mean(name, keyword::names(BLOCK))
                        .unwrap_or_else(|| "see Ansible's keywords of blocks".to_owned()),
                };
                self.error(&entry.key_place, format!("a block has no `{name}`"), hint);
                continue;
            };
            self.check_keyword(spec, &entry.node);
            match spec.keyword {
                Keyword::Block | Keyword::Rescue | Keyword::Always => {}
                Keyword::Vars => vars = Some(Arc::new(self.vars(&entry.node))),
                Keyword::Tags => own.set(Keyword::Tags, split_tags(&entry.node)),
                keyword => own.set(keyword, entry.node.clone()),
            }
        }
        if !map.contains_key("block") {
            let hint = "write the tasks that may fail below `block:`";
            self.error(place, "`rescue` and `always` need a `block`", hint);
        }
        let keywords = own.within(&around.keywords);
        let inner = around.with(&keywords, vars);
        let mut section = |name: &str| {
            map.get(name)
                .map_or_else(Vec::new, |entry| self.tasks(&entry.node, &inner))
        };
        Block {
            block: section("block"),
            rescue: section("rescue"),
            always: section("always"),
            name: own.text(Keyword::Name).map(str::to_owned),
            keywords,
            place: place.clone(),
            role_use: None,
        }
    }
}

/// Returns tags as a list: `a,b` are two.
pub(super) fn split_tags(node: &Node) -> Node {
    let mut tags = Vec::new();
    let items = match &node.value {
        Value::Seq(items) => items.clone(),
        Value::Null => Vec::new(),
        _ => vec![node.clone()],
    };
    for item in items {
        match &item.value {
            Value::Str(text) if !text.contains("{{") => tags.extend(
                text.split(',')
                    .map(|tag| Node::new(Value::Str(tag.trim().to_owned()), item.place.clone())),
            ),
            _ => tags.push(item),
        }
    }
    Node::new(Value::Seq(tags), node.place.clone())
}
