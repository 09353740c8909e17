use std::{path::Path, sync::Arc};

use super::{Arguments, Keyword, Keywords, RoleUse};
use crate::{
    inventory::{Map, Node},
    plan::Place,
};

/// A task as written, with what it inherits.
#[derive(Clone, Debug)]
pub struct Task {
    /// What it is called; a template perhaps.
    pub name: Option<Node>,
    /// What it does.
    pub action: TaskAction,
    /// The module or include as it was written, and where.
    pub written: (String, Place),
    /// The module's arguments.
    pub args: Arguments,
    /// What is looped over.
    pub looped: Option<Loop>,
    /// Its own keywords, and those of what is around it.
    pub keywords: Keywords,
    /// What its blocks, roles and play give, without its own: what a dynamic include
    /// hands on to the tasks it brings.
    pub outer: Keywords,
    /// The variables of the blocks around it, the outermost first, and its own last.
    pub vars: Vec<Arc<Map>>,
    /// The variables of the dynamic includes around it: stronger than facts that tasks
    /// set.
    pub params: Vec<Arc<Map>>,
    /// Whether the last of `vars` is its own.
    pub has_own_vars: bool,
    /// The use of the role it belongs to.
    pub role: Option<Arc<RoleUse>>,
    /// The file it is written in.
    pub file: Arc<Path>,
    /// Where it begins.
    pub place: Place,
    /// Whether it is a handler.
    pub is_handler: bool,
}

/// What a task does.
#[derive(Clone, Debug)]
pub enum TaskAction {
    /// It calls a module: its short name.
    Module(&'static str),
    /// `include_tasks`, read when it is reached.
    IncludeTasks,
    /// `include_role`, likewise.
    IncludeRole(Box<Include>),
}

/// Which parts of a role an `include_role` or `import_role` takes.
#[derive(Clone, Debug, Default)]
pub struct Include {
    /// The role; a template perhaps.
    pub name: Option<Node>,
    /// The file in `tasks/`.
    pub tasks_from: Option<Node>,
    /// The file in `vars/`.
    pub vars_from: Option<Node>,
    /// The file in `defaults/`.
    pub defaults_from: Option<Node>,
    /// The file in `handlers/`.
    pub handlers_from: Option<Node>,
    /// Whether the rest of the play sees its variables.
    pub public: bool,
    /// Whether it runs again where it ran already.
    pub allow_duplicates: bool,
}

/// What a task is repeated over.
#[derive(Clone, Debug)]
pub struct Loop {
    /// `None` for `loop`, else the lookup of `with_…`.
    pub lookup: Option<String>,
    /// The list, or what the lookup gets.
    pub over: Node,
    /// The name of each item's variable, `item` unless said otherwise.
    pub variable: Option<Node>,
    /// The name of the variable that counts from 0.
    pub index: Option<Node>,
    /// What is shown for an item.
    pub label: Option<Node>,
    /// Seconds between two items.
    pub pause: Option<Node>,
    /// Whether `ansible_loop` is given.
    pub extended: Option<Node>,
    /// Whether `ansible_loop` holds all items; yes unless said otherwise.
    pub all_items: Option<Node>,
    /// Conditions that end the loop after an item.
    pub break_when: Option<Node>,
}

impl Task {
    /// Returns its name as listings show it, with the role's: `role : name`.
    pub fn title(&self) -> String {
        let own = self.own_title();
        match &self.role {
            Some(role) if !self.is_include_role() => {
                format!("{} : {own}", role.role.name)
            }
            _ => own,
        }
    }

    fn is_include_role(&self) -> bool {
        matches!(self.action, TaskAction::IncludeRole(_))
    }

    /// Returns its name, else the module's.
    pub fn own_title(&self) -> String {
        match &self.name {
            Some(name) => name.as_str().unwrap_or_default().to_owned(),
            None => match &self.action {
                TaskAction::IncludeRole(include) => {
                    let role = include.name.as_ref().and_then(Node::as_str);
                    format!("{} : {}", self.written.0, role.unwrap_or_default())
                }
                _ => self.written.0.clone(),
            },
        }
    }

    /// Returns the short name of the module it calls, `include_tasks` and
    /// `include_role` for those.
    pub fn module(&self) -> &'static str {
        match &self.action {
            TaskAction::Module(name) => name,
            TaskAction::IncludeTasks => "include_tasks",
            TaskAction::IncludeRole(_) => "include_role",
        }
    }

    /// Returns where a keyword of it is written, else where the task begins.
    pub fn place_of(&self, keyword: Keyword) -> &Place {
        self.keywords
            .get(keyword)
            .map_or(&self.place, |node| &node.place)
    }
}
