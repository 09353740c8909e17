use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Arguments, Block, Include, Item, Keyword, Keywords, KnownModule, Task, TaskAction,
    keyword::{self, TASK},
    read_task::Draft,
    read_tasks::split_tags,
    session::{Around, Session, tidy},
    words::did_you_mean,
};
use crate::{
    inventory::{Node, Value},
    plan::Place,
    template::is_template,
};

/// The arguments of `import_tasks` and `include_tasks`; the latter has `apply`.
const OF_TASKS: [&str; 2] = ["file", "apply"];

/// The arguments of `import_role` and `include_role`.
const OF_ROLES: [&str; 10] = [
    "name",
    "role",
    "tasks_from",
    "vars_from",
    "defaults_from",
    "handlers_from",
    "apply",
    "public",
    "allow_duplicates",
    "rolespec_validate",
];

/// The keywords that a dynamic include may have. Source: ansible-core's
/// VALID_INCLUDE_KEYWORDS.
const OF_INCLUDES: [Keyword; 13] = [
    Keyword::Collections,
    Keyword::IgnoreErrors,
    Keyword::Listen,
    Keyword::Loop,
    Keyword::LoopControl,
    Keyword::Name,
    Keyword::NoLog,
    Keyword::Notify,
    Keyword::Register,
    Keyword::RunOnce,
    Keyword::Tags,
    Keyword::Timeout,
    Keyword::When,
];

/// How deep includes and imports may nest; far beyond any real play.
const DEPTH: usize = 50;

impl Session<'_> {
    /// Reads `import_tasks`: its tasks stand in a block with its keywords.
    pub fn import_tasks(
        &mut self,
        draft: &Draft,
        value: &Node,
        at: &Place,
        place: &Place,
        around: &Around,
    ) -> Vec<Item> {
        let args = self.include_arguments("import_tasks", value, draft);
        let Some(target) = self.file_argument("import_tasks", &args, at) else {
            return Vec::new();
        };
        if self.has_loop(draft, "import_tasks", "include_tasks") {
            return Vec::new();
        }
        let keywords = draft.keywords.within(&around.keywords);
        let inner = around.with(&keywords, draft.vars.clone());
        let Some(name) = self.static_text(&target, &inner) else {
            return Vec::new();
        };
        let Some(path) = self.find_tasks(&name, &target.place, around) else {
            return Vec::new();
        };
        if self.stack.contains(&path) || self.stack.len() > DEPTH {
            let hint = "use include_tasks with a condition that ends it";
            self.error(&target.place, "this file imports itself", hint);
            return Vec::new();
        }
        let items = self.task_file(&path, &inner);
        if around.handlers {
            return items;
        }
        vec![Item::Block(Arc::new(Block {
            name: None,
            block: items,
            rescue: Vec::new(),
            always: Vec::new(),
            keywords,
            place: place.clone(),
            role_use: None,
        }))]
    }

    /// Reads `import_role`.
    pub fn import_role(
        &mut self,
        draft: &Draft,
        value: &Node,
        at: &Place,
        place: &Place,
        around: &Around,
    ) -> Vec<Item> {
        let args = self.include_arguments("import_role", value, draft);
        if around.handlers {
            self.error(at, "a handler can't import a role", "use include_tasks");
            return Vec::new();
        }
        if self.has_loop(draft, "import_role", "include_role") {
            return Vec::new();
        }
        let Some(include) = self.role_include("import_role", &args, at) else {
            return Vec::new();
        };
        let keywords = draft.keywords.within(&around.keywords);
        let inner = around.with(&keywords, draft.vars.clone());
        let vars = draft.vars.clone().unwrap_or_default();
        self.role_by_include(&include, vars, place, &inner, true)
    }

    /// Reads `include_tasks` or `include_role`: a task whose tasks come later. Where
    /// the name is known they are read now, too, so that their mistakes are told.
    pub fn include(
        &mut self,
        kind: &str,
        draft: Draft,
        written: (String, Place),
        value: &Node,
        place: &Place,
        around: &Around,
    ) -> Option<Item> {
        let kind = if kind == "include_tasks" {
            "include_tasks"
        } else {
            "include_role"
        };
        for (keyword, node) in draft.keywords.iter() {
            if !OF_INCLUDES.contains(&keyword) {
                let message = format!("`{}` has no effect on `{kind}`", keyword.name());
                let hint = "give it to the included tasks with `apply`, or put a block around";
                self.error(&node.place, message, hint);
            }
        }
        let mut args = self.include_arguments(kind, value, &draft);
        let at = written.1.clone();
        let action = if kind == "include_tasks" {
            let target = self.file_argument(kind, &args, &at)?;
            args.free_form = Some(target);
            TaskAction::IncludeTasks
        } else {
            if around.handlers {
                self.error(&at, "a handler can't include a role", "use include_tasks");
            }
            TaskAction::IncludeRole(Box::new(self.role_include(kind, &args, &at)?))
        };
        let task = self.finish_task(draft, action, written, args, place, around);
        self.read_ahead(&task, around);
        Some(Item::Task(Arc::new(task)))
    }

    /// Reads what a dynamic include will bring, if its name holds no template; what it
    /// brings is dropped, its mistakes stay.
    fn read_ahead(&mut self, task: &Task, around: &Around) {
        if self.stack.len() > DEPTH {
            return;
        }
        let known = |node: &Node| node.as_str().is_some_and(|text| !is_template(text));
        let (handlers, roles) = (self.handlers.len(), self.roles.len());
        match &task.action {
            TaskAction::Module(_) => {}
            TaskAction::IncludeTasks => {
                if let Some(target) = task.args.free_form.as_ref().filter(|node| known(node)) {
                    let name = target.as_str().unwrap_or_default().to_owned();
                    self.included_tasks(task, &name, around);
                }
            }
            TaskAction::IncludeRole(include) => {
                let parts = [
                    &include.name,
                    &include.tasks_from,
                    &include.vars_from,
                    &include.defaults_from,
                    &include.handlers_from,
                ];
                if parts.iter().copied().flatten().all(known) {
                    self.included_role(task, include, around);
                }
            }
        }
        self.handlers.truncate(handlers);
        self.roles.truncate(roles);
    }

    /// Reads the tasks that an `include_tasks` brings from the file `name`.
    pub fn included_tasks(&mut self, task: &Task, name: &str, around: &Around) -> Vec<Item> {
        let place = task.args.free_form.as_ref().map(|node| node.place.clone());
        let place = place.unwrap_or_else(|| task.place.clone());
        let Some(path) = self.find_tasks(name, &place, around) else {
            return Vec::new();
        };
        if self.stack.contains(&path) {
            // A file may include itself, as long as a condition ends it.
            return Vec::new();
        }
        let inner = self.applied(task, around);
        self.task_file(&path, &inner)
    }

    /// Reads the tasks that an `include_role` brings.
    pub fn included_role(&mut self, task: &Task, include: &Include, around: &Around) -> Vec<Item> {
        let inner = self.applied(task, around);
        let own = task.vars.last().filter(|_| task.has_own_vars).cloned();
        self.role_by_include(include, own.unwrap_or_default(), &task.place, &inner, false)
    }

    /// Returns what stands around included tasks: the include's surroundings, its
    /// variables, and what `apply` gives.
    fn applied(&mut self, task: &Task, around: &Around) -> Around {
        let mut own = Keywords::default();
        let mut vars = None;
        if let Some(apply) = task.args.named.get("apply")
            && let Some(map) = apply.node.as_map()
        {
            for (name, entry) in map {
                match keyword::find(name, keyword::BLOCK) {
                    Some(spec) if spec.keyword == Keyword::Vars => {
                        vars = Some(Arc::new(self.vars(&entry.node)));
                    }
                    Some(spec) if spec.keyword == Keyword::Tags => {
                        own.set(Keyword::Tags, split_tags(&entry.node));
                    }
                    Some(spec) => {
                        self.check_keyword(spec, &entry.node);
                        own.set(spec.keyword, entry.node.clone());
                    }
                    None => {
                        let hint = did_you_mean(name, keyword::names(keyword::BLOCK));
                        let hint = hint.unwrap_or_else(|| "it takes keywords of blocks".to_owned());
                        self.error(&entry.key_place, format!("`apply` has no `{name}`"), hint);
                    }
                }
            }
        }
        let keywords = own.within(&around.keywords);
        let mut inner = around.with(&keywords, None);
        inner.vars = task.vars.clone();
        inner.vars.extend(vars);
        inner.params = task.params.clone();
        inner
            .params
            .extend(task.vars.last().filter(|_| task.has_own_vars).cloned());
        inner
    }

    fn has_loop(&mut self, draft: &Draft, kind: &str, instead: &str) -> bool {
        let Some(looped) = &draft.looped else {
            return false;
        };
        let place = looped.over.place.clone();
        let message = format!("`{kind}` can't loop: it is read before the run");
        self.error(&place, message, format!("use {instead}"));
        true
    }

    fn include_arguments(&mut self, kind: &str, value: &Node, draft: &Draft) -> Arguments {
        let module = KnownModule {
            name: "include",
            free_form: true,
        };
        let args = self.arguments(&module, value, draft.more.as_ref());
        let known: &[&str] = if kind.ends_with("_tasks") {
            &OF_TASKS
        } else {
            &OF_ROLES
        };
        for (name, entry) in &args.named {
            let fits =
                known.contains(&name.as_str()) && !(name == "apply" && kind.starts_with("import_"));
            if fits {
                continue;
            }
            let hint = did_you_mean(name, known.iter().copied()).unwrap_or_else(|| {
                match keyword::find(name, TASK) {
                    Some(_) => format!("it is a keyword: write it next to `{kind}`"),
                    None => "give variables with `vars:`".to_owned(),
                }
            });
            self.error(
                &entry.key_place,
                format!("`{kind}` has no argument `{name}`"),
                hint,
            );
        }
        if let Some(apply) = args.named.get("apply")
            && !matches!(apply.node.value, Value::Map(_))
            && !apply.node.as_str().is_some_and(is_template)
        {
            let message = format!("`apply` is a mapping, not {}", apply.node.kind());
            self.error(
                &apply.node.place,
                message,
                "write keywords of blocks below it",
            );
        }
        args
    }

    fn file_argument(&mut self, kind: &str, args: &Arguments, at: &Place) -> Option<Node> {
        let named = args.named.get("file").map(|entry| entry.node.clone());
        let file = args.free_form.clone().or(named);
        if file.is_none() {
            self.error(
                at,
                format!("`{kind}` names no file"),
                format!("write `{kind}: FILE.yml`"),
            );
        }
        file
    }

    fn role_include(&mut self, kind: &str, args: &Arguments, at: &Place) -> Option<Include> {
        let get = |name: &str| args.named.get(name).map(|entry| entry.node.clone());
        let flag = |name: &str| match args.named.get(name).map(|entry| &entry.node.value) {
            Some(Value::Bool(flag)) => Some(*flag),
            Some(Value::Str(text)) => Some(matches!(text.as_str(), "yes" | "true" | "True" | "on")),
            _ => None,
        };
        let Some(name) = get("name").or_else(|| get("role")) else {
            self.error(
                at,
                format!("`{kind}` names no role"),
                "write `name: ROLE` below it",
            );
            return None;
        };
        Some(Include {
            name: Some(name),
            tasks_from: get("tasks_from"),
            vars_from: get("vars_from"),
            defaults_from: get("defaults_from"),
            handlers_from: get("handlers_from"),
            // An import is seen by the whole play unless it says otherwise.
            public: flag("public").unwrap_or(kind == "import_role"),
            allow_duplicates: flag("allow_duplicates").unwrap_or(true),
        })
    }

    /// Reads a file of tasks.
    pub fn task_file(&mut self, path: &Path, around: &Around) -> Vec<Item> {
        let Some(node) = self.reader.yaml(path, &mut self.found) else {
            return Vec::new();
        };
        let mut inner = around.clone();
        inner.file = Arc::from(path);
        self.stack.push(path.to_owned());
        let items = self.tasks(&node, &inner);
        self.stack.pop();
        items
    }

    /// Finds a file of tasks: next to the file that names it, in the role, next to
    /// the playbook.
    fn find_tasks(&mut self, name: &str, place: &Place, around: &Around) -> Option<PathBuf> {
        let section = if around.handlers { "handlers" } else { "tasks" };
        let mut candidates = Vec::new();
        let mut add = |path: PathBuf| {
            let path = tidy(&path);
            if !candidates.contains(&path) {
                candidates.push(path);
            }
        };
        if let Some(directory) = around.file.parent() {
            add(directory.join(name));
        }
        if let Some(role) = &around.role {
            add(role.role.path.join(section).join(name));
            add(role.role.path.join(name));
        }
        add(around.directory.join(section).join(name));
        add(around.directory.join(name));
        let files = &self.reader.files;
        if let Some(path) = candidates.iter().find(|path| files.exists(path)) {
            return Some(path.clone());
        }
        let near = around.file.parent().map(|directory| files.names(directory));
        let near = near.unwrap_or_default();
        let hint = did_you_mean(name, near.iter().map(String::as_str)).unwrap_or_else(|| {
            let looked: Vec<String> = candidates
                .iter()
                .map(|path| path.display().to_string())
                .collect();
            format!("it is looked for at {}", looked.join(", "))
        });
        self.error(place, format!("there is no file {name:?}"), hint);
        None
    }
}
