use std::{path::PathBuf, sync::Arc};

use super::{Item, Keywords, RoleUse};
use crate::{
    inventory::{Map, Node},
    plan::Place,
};

/// A play.
#[derive(Clone, Debug)]
pub struct Play {
    /// What it is called; the host pattern when it has no name.
    pub name: Option<Node>,
    /// The host patterns as written.
    pub hosts: Node,
    /// Its keywords.
    pub keywords: Keywords,
    /// `vars`.
    pub vars: Arc<Map>,
    /// Variables that `import_playbook` gave.
    pub import_vars: Arc<Map>,
    /// `vars_files`: each entry is a name, or a list of which the first that exists is
    /// taken.
    pub vars_files: Vec<Node>,
    /// `serial`: how many hosts at a time, a number, a share, or a list of them.
    pub serial: Vec<Node>,
    /// `pre_tasks`, `roles`, `tasks` and `post_tasks`, in that order.
    pub sections: Vec<Section>,
    /// The roles of `roles:` with those that they depend on, and imported ones.
    pub roles: Vec<Arc<RoleUse>>,
    /// Handlers: those of the roles first, then the play's own.
    pub handlers: Vec<Item>,
    /// The directory of its playbook.
    pub directory: PathBuf,
    /// Where it begins.
    pub place: Place,
}

/// Tasks of a play after which its handlers are run.
#[derive(Clone, Debug)]
pub struct Section {
    /// The tasks.
    pub items: Vec<Item>,
}

impl Play {
    /// Returns the patterns of `hosts`.
    pub fn patterns(&self) -> Vec<String> {
        use crate::inventory::Value;
        let text = |node: &Node| match &node.value {
            Value::Int(number) => number.to_string(),
            _ => node.as_str().unwrap_or_default().to_owned(),
        };
        match &self.hosts.value {
            Value::Seq(items) => items.iter().map(text).collect(),
            _ => vec![text(&self.hosts)],
        }
    }

    /// Returns its name, else its patterns joined by commas.
    pub fn title(&self) -> String {
        match self.name.as_ref().and_then(Node::as_str) {
            Some(name) => name.to_owned(),
            None => self.patterns().join(","),
        }
    }

    /// Calls `each` with every task, in order and without handlers.
    pub fn each_task<'a>(&'a self, each: &mut dyn FnMut(&'a Arc<super::Task>)) {
        for section in &self.sections {
            for item in &section.items {
                item.each_task(each);
            }
        }
    }
}
