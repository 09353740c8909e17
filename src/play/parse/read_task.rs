use std::sync::Arc;

use super::{
    Arguments, Item, Keyword, Keywords, KnownModule, Loop, Task, TaskAction,
    keyword::{self, BLOCK, HANDLER, PLAY, TASK},
    read_tasks::split_tags,
    session::{Around, Session},
    split_args::{join_args, pairs, split_args},
    words::{did_you_mean, is_identifier},
};
use crate::{
    inventory::{Entry, Map, Node, Value, node_to_json},
    plan::Place,
    template::is_template,
};

/// Lookups that `with_…` may name.
const WITH: [&str; 15] = [
    "with_dict",
    "with_file",
    "with_fileglob",
    "with_first_found",
    "with_flattened",
    "with_indexed_items",
    "with_inventory_hostnames",
    "with_items",
    "with_lines",
    "with_list",
    "with_nested",
    "with_random_choice",
    "with_sequence",
    "with_subelements",
    "with_together",
];

/// What `meta` may say.
const META: [&str; 11] = [
    "clear_facts",
    "clear_host_errors",
    "end_batch",
    "end_host",
    "end_play",
    "end_role",
    "flush_handlers",
    "noop",
    "refresh_inventory",
    "reset_connection",
    "role_complete",
];

/// What `loop_control` may hold.
const LOOP_CONTROL: [&str; 7] = [
    "loop_var",
    "index_var",
    "label",
    "pause",
    "extended",
    "extended_allitems",
    "break_when",
];

/// What is known of a task before its action is read.
pub(super) struct Draft {
    pub keywords: Keywords,
    pub vars: Option<Arc<Map>>,
    pub looped: Option<Loop>,
    /// The module's name as written, where, and what stands behind it.
    pub action: Option<(String, Place, Node)>,
    /// `args`.
    pub more: Option<Node>,
}

impl Session<'_> {
    /// Reads a task: itself, or what it imports.
    pub fn task(&mut self, map: &Map, place: &Place, around: &Around) -> Vec<Item> {
        let mut draft = self.draft(map, around);
        let Some((written, at, value)) = draft.action.take() else {
            if !self.blames(map) {
                let hint = "write a module's name and its arguments, as in `command: id`";
                self.error(place, "this task calls no module", hint);
            }
            return Vec::new();
        };
        let short = written.strip_prefix("ansible.builtin.").unwrap_or(&written);
        let short = short.strip_prefix("ansible.legacy.").unwrap_or(short);
        match short {
            "import_tasks" => return self.import_tasks(&draft, &value, &at, place, around),
            "import_role" => return self.import_role(&draft, &value, &at, place, around),
            "include_tasks" | "include_role" => {
                return self
                    .include(short, draft, (written.clone(), at), &value, place, around)
                    .into_iter()
                    .collect();
            }
            "include" => {
                let hint = "use import_tasks (read before the run) or include_tasks";
                self.error(&at, "`include` is no longer a module", hint);
                return Vec::new();
            }
            _ => {}
        }
        let Some(module) = self.reader.modules.find(&written) else {
            self.unknown(&written, &at, around.handlers);
            return Vec::new();
        };
        let args = self.arguments(&module, &value, draft.more.as_ref());
        self.check_arguments(&module, &args, &at);
        let task = self.finish_task(
            draft,
            TaskAction::Module(module.name),
            (written, at),
            args,
            place,
            around,
        );
        vec![Item::Task(Arc::new(task))]
    }

    /// Returns whether anything in the mapping was complained about already.
    fn blames(&self, map: &Map) -> bool {
        let places: Vec<&Place> = map.values().map(|entry| &entry.key_place).collect();
        self.found
            .0
            .iter()
            .filter_map(|finding| finding.place.as_ref())
            .any(|place| places.contains(&place))
    }

    /// Sorts a task's keys into keywords, loop and action.
    fn draft(&mut self, map: &Map, around: &Around) -> Draft {
        let on = if around.handlers {
            TASK | HANDLER
        } else {
            TASK
        };
        let mut draft = Draft {
            keywords: Keywords::default(),
            vars: None,
            looped: None,
            action: None,
            more: None,
        };
        for (name, entry) in map {
            if name.starts_with("with_") {
                self.with_loop(name, entry, &mut draft);
                continue;
            }
            let Some(spec) = keyword::find(name, on) else {
                self.candidate(name, entry, &mut draft, on);
                continue;
            };
            self.check_keyword(spec, &entry.node);
            match spec.keyword {
                Keyword::Vars => draft.vars = Some(Arc::new(self.vars(&entry.node))),
                Keyword::Tags => draft.keywords.set(Keyword::Tags, split_tags(&entry.node)),
                Keyword::Args => draft.more = Some(entry.node.clone()),
                Keyword::Loop => self.set_loop(None, entry, &mut draft),
                Keyword::LoopControl => {}
                Keyword::Action | Keyword::LocalAction => {
                    self.old_style(spec.keyword, entry, &mut draft);
                }
                Keyword::Register => {
                    let text = entry.node.as_str().unwrap_or_default();
                    if !is_template(text) && !is_identifier(text) {
                        let message = format!("{text:?} can't be a variable's name");
                        let hint = "letters, digits and underscores, no digit first";
                        self.error(&entry.node.place, message, hint);
                    }
                    draft.keywords.set(Keyword::Register, entry.node.clone());
                }
                keyword => draft.keywords.set(keyword, entry.node.clone()),
            }
        }
        if let Some(control) = map.get("loop_control") {
            self.loop_control(&control.node, &mut draft);
        }
        draft
    }

    /// A key that is no keyword must be the module.
    fn candidate(&mut self, name: &str, entry: &Entry, draft: &mut Draft, on: u8) {
        let known = is_include(name) || self.reader.modules.find(name).is_some();
        match &draft.action {
            _ if !known => {
                // With a module at hand it can only be a misspelt keyword.
                self.unknown(name, &entry.key_place, on & HANDLER != 0);
            }
            Some((other, place, _)) => {
                let message = format!("this task calls two modules, `{other}` and `{name}`");
                let place = place.clone();
                self.error(&entry.key_place, message, "make two tasks of it");
                if let Some(last) = self.found.0.last_mut() {
                    last.related.push((place, "the first".to_owned()));
                }
            }
            None => {
                let value = entry.node.clone();
                draft.action = Some((name.to_owned(), entry.key_place.clone(), value));
            }
        }
    }

    /// Reports a key of a task that is neither keyword nor module.
    fn unknown(&mut self, name: &str, place: &Place, handlers: bool) {
        let on = if handlers { TASK | HANDLER } else { TASK };
        let message = format!("there is no keyword or module `{name}`");
        let short = name.rsplit('.').next().unwrap_or(name);
        let modules = self.reader.modules.names();
        let hint = match keyword::find(name, PLAY | BLOCK | HANDLER) {
            Some(spec) if spec.on & PLAY != 0 => "it belongs to plays".to_owned(),
            Some(spec) if spec.on & HANDLER != 0 => "it belongs to handlers".to_owned(),
            Some(_) => "it belongs to blocks".to_owned(),
            None => did_you_mean(short, keyword::names(on).chain(modules)).unwrap_or_else(|| {
                "swarmctl runs no other modules; `command` and `shell` run any program".to_owned()
            }),
        };
        self.error(place, message, hint);
    }

    /// `action: copy src=a dest=b`, `local_action: …`, and both with mappings.
    fn old_style(&mut self, keyword: Keyword, entry: &Entry, draft: &mut Draft) {
        let at = &entry.node.place;
        let (name, value) = match &entry.node.value {
            Value::Str(text) => {
                let Ok(parts) = split_args(text) else {
                    let hint = "close the quotes and braces";
                    return self.error(at, "a quote or template is not closed", hint);
                };
                let Some((name, rest)) = parts.split_first() else {
                    return self.error(at, "no module is named", "write its name first");
                };
                let rest = Node::new(Value::Str(join_args(rest)), at.clone());
                (name.trim().to_owned(), rest)
            }
            Value::Map(map) => {
                let mut args = map.clone();
                let module = args.shift_remove("module");
                let Some(name) = module.and_then(|entry| entry.node.as_str().map(str::to_owned))
                else {
                    return self.error(at, "no module is named", "write `module: NAME` in it");
                };
                (name, Node::new(Value::Map(args), at.clone()))
            }
            _ => {
                let message = format!(
                    "`{}` is a string, not {}",
                    keyword.name(),
                    entry.node.kind()
                );
                return self.error(at, message, "write a module's name and its arguments");
            }
        };
        if keyword == Keyword::LocalAction {
            let here = Node::new(Value::Str("localhost".to_owned()), at.clone());
            draft.keywords.set(Keyword::DelegateTo, here);
        }
        if !is_include(&name) && self.reader.modules.find(&name).is_none() {
            return self.unknown(&name, at, false);
        }
        draft.action = Some((name, at.clone(), value));
    }

    fn with_loop(&mut self, name: &str, entry: &Entry, draft: &mut Draft) {
        if let Some(lookup) = WITH.contains(&name).then(|| name.strip_prefix("with_")) {
            return self.set_loop(lookup.map(str::to_owned), entry, draft);
        }
        let hint =
            did_you_mean(name, WITH).unwrap_or_else(|| "write `loop:` with a list".to_owned());
        self.error(&entry.key_place, format!("there is no loop `{name}`"), hint);
    }

    fn set_loop(&mut self, lookup: Option<String>, entry: &Entry, draft: &mut Draft) {
        self.check_templates(&entry.node);
        if draft.looped.is_some() {
            let message = "this task has two loops";
            return self.error(&entry.key_place, message, "keep one of them");
        }
        let over = entry.node.clone();
        if lookup.is_none() && !matches!(over.value, Value::Seq(_)) && over.as_str().is_none() {
            let message = format!("`loop` is a list, not {}", over.kind());
            let hint = "write a list, or `with_dict` for a mapping";
            self.error(&over.place, message, hint);
        }
        draft.looped = Some(Loop {
            lookup,
            over,
            variable: None,
            index: None,
            label: None,
            pause: None,
            extended: None,
            all_items: None,
            break_when: None,
        });
    }

    fn loop_control(&mut self, node: &Node, draft: &mut Draft) {
        let Value::Map(map) = &node.value else {
            let message = format!("`loop_control` is a mapping, not {}", node.kind());
            return self.error(
                &node.place,
                message,
                "write `loop_var: name` and so on below it",
            );
        };
        for (name, entry) in map {
            if name == "break_when" {
                self.check_conditions(name, &entry.node);
            } else {
                self.check_templates(&entry.node);
            }
            if !LOOP_CONTROL.contains(&name.as_str()) {
                let message = format!("`loop_control` has no `{name}`");
                let hint = did_you_mean(name, LOOP_CONTROL)
                    .unwrap_or_else(|| format!("it has {}", LOOP_CONTROL.join(", ")));
                self.error(&entry.key_place, message, hint);
            }
        }
        let Some(looped) = &mut draft.looped else {
            // Ansible takes it without a loop, too, and does nothing with it.
            return;
        };
        let get = |name: &str| map.get(name).map(|entry| entry.node.clone());
        looped.variable = get("loop_var");
        looped.index = get("index_var");
        looped.label = get("label");
        looped.pause = get("pause");
        looped.extended = get("extended");
        looped.all_items = get("extended_allitems");
        looped.break_when = get("break_when");
    }

    /// Reads the value of a module's key and `args`.
    pub fn arguments(
        &mut self,
        module: &KnownModule,
        value: &Node,
        more: Option<&Node>,
    ) -> Arguments {
        let mut args = Arguments::default();
        match more.map(|node| (&node.value, node)) {
            None | Some((Value::Null, _)) => {}
            Some((Value::Map(map), _)) => args.named = map.clone(),
            Some((Value::Str(text), node)) if is_template(text) => {
                self.check_templates(node);
                args.template = Some(node.clone());
            }
            Some((_, node)) => {
                let message = format!("`args` is a mapping, not {}", node.kind());
                self.error(&node.place, message, "write `name: value` lines below it");
            }
        }
        match &value.value {
            Value::Null => {}
            Value::Map(map) => {
                args.named
                    .extend(map.iter().map(|(key, entry)| (key.clone(), entry.clone())));
            }
            Value::Str(text) => match pairs(text, takes_text(module)) {
                Ok(cut) => {
                    for (key, text) in cut.named {
                        let node = Node::new(Value::Str(text), value.place.clone());
                        let key_place = value.place.clone();
                        args.named.insert(key, Entry { key_place, node });
                    }
                    args.free_form = cut
                        .rest
                        .map(|text| Node::new(Value::Str(text), value.place.clone()));
                }
                Err(_) => {
                    let message = "a quote or template in the arguments is not closed";
                    self.error(
                        &value.place,
                        message,
                        "close it, or write the arguments as a mapping",
                    );
                }
            },
            Value::Vault(_) | Value::Unsafe(_) => args.free_form = Some(value.clone()),
            Value::Bool(_) | Value::Int(_) | Value::Float(_) if module.free_form => {
                args.free_form = Some(value.clone());
            }
            _ => {
                let message = format!(
                    "the arguments of `{}` can't be {}",
                    module.name,
                    value.kind()
                );
                self.error(&value.place, message, "write `name: value` lines below it");
            }
        }
        if let Some(raw) = args.named.shift_remove("_raw_params") {
            args.free_form = Some(raw.node);
        }
        for (name, entry) in &args.named {
            match (module.name, name.as_str()) {
                ("assert", "that") => self.check_conditions(name, &entry.node),
                ("debug", "var") => match &entry.node.value {
                    Value::Str(text) if !is_template(text) => {
                        self.check_expression(&entry.node.place, text);
                    }
                    _ => self.check_templates(&entry.node),
                },
                _ => self.check_templates(&entry.node),
            }
        }
        if let Some(text) = &args.free_form {
            self.check_templates(text);
        }
        args
    }

    /// Checks what a `meta` task says.
    fn check_meta(&mut self, args: &Arguments, at: &Place) {
        let what = args.free_form.as_ref();
        let place = what.map_or(at, |node| &node.place).clone();
        let text = what.and_then(Node::as_str).unwrap_or_default().to_owned();
        if !META.contains(&text.as_str()) {
            let hint =
                did_you_mean(&text, META).unwrap_or_else(|| format!("one of {}", META.join(", ")));
            self.error(&place, format!("there is no meta task `{text}`"), hint);
        }
    }

    /// Checks names, required ones and listed values of a module's arguments.
    fn check_arguments(&mut self, module: &KnownModule, args: &Arguments, at: &Place) {
        if let Some(text) = args.free_form.as_ref().filter(|_| !module.free_form)
            && !(args.named.is_empty() && text.as_str().is_some_and(is_template))
        {
            let message = format!("`{}` takes `name=value` arguments only", module.name);
            self.error(
                &text.place,
                message,
                "write the arguments as a mapping below it",
            );
        }
        if module.name == "meta" {
            self.check_meta(args, at);
        }
        let mut given: serde_json::Map<String, serde_json::Value> = args
            .named
            .iter()
            .map(|(name, entry)| {
                let value = match (module.name, name.as_str()) {
                    // Expressions have no value yet, as templates have none.
                    ("assert", "that") | ("debug", "var") => "{{ … }}".into(),
                    _ if matches!(entry.node.value, Value::Vault(_)) => "{{ … }}".into(),
                    _ => node_to_json(&entry.node),
                };
                (name.clone(), value)
            })
            .collect();
        if let Some(text) = args.free_form.as_ref().filter(|_| module.free_form) {
            given.insert("_raw_params".to_owned(), node_to_json(text));
        }
        for problem in self.reader.modules.check(module, &given) {
            let entry = problem
                .argument
                .as_ref()
                .and_then(|name| args.named.get(name));
            // A template may give what is missing.
            if entry.is_none() && args.template.is_some() {
                continue;
            }
            let place = entry.map_or(at, |entry| &entry.key_place);
            let hint = problem
                .hint
                .unwrap_or_else(|| format!("see the arguments of `{}`", module.name));
            self.error(&place.clone(), problem.message, hint);
        }
    }

    /// Makes the task of its parts.
    pub fn finish_task(
        &mut self,
        draft: Draft,
        action: TaskAction,
        written: (String, Place),
        args: Arguments,
        place: &Place,
        around: &Around,
    ) -> Task {
        let mut vars = around.vars.clone();
        let has_own_vars = draft.vars.is_some();
        vars.extend(draft.vars);
        Task {
            name: draft
                .keywords
                .get(Keyword::Name)
                .filter(|name| !matches!(name.value, Value::Null))
                .map(|name| text_node(name)),
            action,
            written,
            args,
            looped: draft.looped,
            keywords: draft.keywords.within(&around.keywords),
            outer: around.keywords.clone(),
            vars,
            params: around.params.clone(),
            has_own_vars,
            role: around.role.clone(),
            file: Arc::clone(&around.file),
            place: place.clone(),
            is_handler: around.handlers,
        }
    }
}

/// Returns a name as text: `name: 5` is called "5".
fn text_node(node: &Node) -> Node {
    let text = match &node.value {
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        _ => return node.clone(),
    };
    Node::new(Value::Str(text), node.place.clone())
}

fn is_include(name: &str) -> bool {
    let short = name
        .strip_prefix("ansible.builtin.")
        .or_else(|| name.strip_prefix("ansible.legacy."))
        .unwrap_or(name);
    matches!(
        short,
        "import_tasks" | "import_role" | "include_tasks" | "include_role" | "include"
    )
}

/// Returns whether only a few names before the text are arguments, as with `command`.
fn takes_text(module: &KnownModule) -> bool {
    matches!(module.name, "command" | "shell" | "raw" | "script")
}
