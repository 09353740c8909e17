use std::{collections::HashMap, sync::Arc, time::Duration};

use minijinja::{Value as Jinja, value::Kwargs};
use serde_json::{Value, json};

use super::{
    Call, Event, Hands, Outcome, Status,
    ahead::{Foreseen, What},
    flags,
    play_run::PlayRun,
    predict,
    results::{self, Fields},
};
use crate::{
    inventory::{Map, Node, Value as Written},
    plan::Diagnostic,
    play::{
        parse::{Keyword, Loop, Task, TaskAction},
        vars::{Scope, Values, World, depends_on, json_to_jinja, lookup, to_json},
    },
    template::is_template,
};

/// How often `until` tries again unless `retries` says so, as in Ansible.
const RETRIES: u64 = 3;
/// Seconds between two tries unless `delay` says so, as in Ansible.
const DELAY: u64 = 5;

/// What a task came to on a host.
pub(super) struct HostResult {
    pub host: String,
    pub fields: Fields,
    pub status: Status,
    pub ignore_unreachable: bool,
    pub no_log: bool,
    pub notify: Vec<String>,
    pub delegate: Option<String>,
    pub delegate_facts: bool,
    /// Variables that `include_vars` read.
    pub included: Vec<Arc<Map>>,
    /// What a dynamic include is to bring, for each item of its loop.
    pub includes: Vec<Wanted>,
}

/// A dynamic include whose names are known.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wanted {
    /// The file or the role.
    pub name: String,
    /// For roles: `tasks_from`, `vars_from`, `defaults_from`, `handlers_from`.
    pub parts: [Option<String>; 4],
    /// The variables of the loop's item.
    pub item: Fields,
}

/// One try of a task, or of one item.
#[derive(Default)]
pub(super) struct Attempt {
    pub fields: Fields,
    pub notify: Vec<String>,
    pub delegate: Option<String>,
    pub included: Option<Arc<Map>>,
    pub include: Option<Wanted>,
}

impl Attempt {
    pub fn of(fields: Fields) -> Self {
        Self {
            fields,
            ..Self::default()
        }
    }
}

impl<H: Hands> PlayRun<H> {
    /// Does a task on a host, with all items of its loop.
    pub async fn on_host(self: Arc<Self>, task: Arc<Task>, host: String) -> HostResult {
        let scope = self.scope(Some(&task), &host);
        let no_log = flags::flag(&task, Keyword::NoLog, &scope);
        // What can't be read as a flag hides, rather than shows.
        let no_log = no_log.map_or(true, |flag| flag.unwrap_or(false));
        let mut whole = HostResult {
            fields: Fields::new(),
            status: Status::Ok,
            ignore_unreachable: is_set(&task, Keyword::IgnoreUnreachable, &scope),
            delegate_facts: is_set(&task, Keyword::DelegateFacts, &scope),
            no_log,
            notify: Vec::new(),
            delegate: None,
            included: Vec::new(),
            includes: Vec::new(),
            host: host.clone(),
        };
        match &task.looped {
            None => {
                let attempt = self.once(&task, &host, &scope, &Fields::new()).await;
                whole.delegate = attempt.delegate;
                whole.notify = attempt.notify;
                whole.included.extend(attempt.included);
                whole.includes.extend(attempt.include);
                whole.fields = attempt.fields;
            }
            Some(looped) => match items(looped, &scope) {
                Ok(items) => {
                    self.each_item(&task, looped, items, &scope, &mut whole)
                        .await;
                }
                // A condition that doesn't hold needs no list.
                Err(error) => {
                    let unmet = task
                        .keywords
                        .get(Keyword::When)
                        .map(|when| scope.unmet(when));
                    whole.fields = match unmet {
                        Some(Ok(Some(unmet))) => results::skipped(unmet),
                        _ => self.undone(&task, &host, &error).fields,
                    };
                }
            },
        }
        let ignored = is_set(&task, Keyword::IgnoreErrors, &scope);
        whole.status = results::status(&whole.fields, ignored);
        if matches!(whole.status, Status::Failed | Status::Unreachable) {
            self.give_up_ahead(&host);
        }
        for name in &whole.notify {
            if whole.status == Status::Changed && !self.has_handler(name) {
                let message = format!("the handler {name:?} that this task notifies doesn't exist");
                whole.fields = results::failed(message);
                whole.status = Status::Failed;
                break;
            }
        }
        whole
    }

    async fn each_item(
        &self,
        task: &Task,
        looped: &Loop,
        items: Vec<Jinja>,
        scope: &Scope,
        whole: &mut HostResult,
    ) {
        let naming = Naming::new(looped, scope);
        let pause = looped
            .pause
            .as_ref()
            .and_then(|node| flags::number(node, scope).ok().flatten())
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let mut results: Vec<Fields> = Vec::with_capacity(items.len());
        let mut last: Option<Jinja> = None;
        for (index, item) in items.iter().enumerate() {
            if let Some(pause) = pause.filter(|_| index > 0) {
                tokio::time::sleep(pause).await;
            }
            let own = naming.fields(&items, index);
            let mut values = naming.values(&own, item);
            if let (Some(name), Some(last)) = (task.keywords.text(Keyword::Register), &last) {
                values.insert(name.to_owned(), last.clone());
            }
            let inner = scope.with(values);
            let attempt = self.once(task, &whole.host, &inner, &own).await;
            let mut fields = attempt.fields;
            let label = match &looped.label {
                Some(label) => flags::rendered_text(label, &inner).unwrap_or_else(|error| {
                    fields.insert("failed".to_owned(), true.into());
                    let message = format!("the loop's label can't be rendered: {error}");
                    fields.insert("msg".to_owned(), message.into());
                    None
                }),
                None => flags_label(item),
            };
            last = Some(predict::registered("item", task, &fields));
            let ignored = is_set(task, Keyword::IgnoreErrors, &inner);
            let status = results::status(&fields, ignored);
            if attempt.include.is_none() {
                self.engine.sink.send(Event::Item {
                    host: whole.host.clone(),
                    status,
                    label: if whole.no_log {
                        "(censored due to no_log)".to_owned()
                    } else {
                        label.unwrap_or_default()
                    },
                    result: if whole.no_log {
                        results::censored(&fields)
                    } else {
                        fields.clone()
                    },
                });
            }
            fields.extend(own);
            whole.delegate = attempt.delegate.or(whole.delegate.take());
            whole.included.extend(attempt.included);
            whole.includes.extend(attempt.include);
            for name in attempt.notify {
                if !whole.notify.contains(&name) {
                    whole.notify.push(name);
                }
            }
            let lost = results::flag(&fields, "unreachable");
            results.push(fields);
            let mut values = Values::new();
            if let (Some(name), Some(last)) = (task.keywords.text(Keyword::Register), &last) {
                values.insert(name.to_owned(), last.clone());
            }
            let broken = looped
                .break_when
                .as_ref()
                .is_some_and(|node| matches!(inner.with(values).unmet(node), Ok(None)));
            if broken || lost {
                break;
            }
        }
        whole.fields = results::joined(results);
        predict::joined(&mut whole.fields);
    }

    /// Does a task once, or again until it is well.
    async fn once(&self, task: &Task, host: &str, scope: &Scope, item: &Fields) -> Attempt {
        match self.prepared(task, host, scope, item).await {
            Ok(attempt) => attempt,
            Err(error) => self.undone(task, host, &error),
        }
    }

    async fn prepared(
        &self,
        task: &Task,
        host: &str,
        scope: &Scope,
        item: &Fields,
    ) -> Result<Attempt, Diagnostic> {
        match self.planned(task, host, item)? {
            Some(What::Skipped(unmet)) => return Ok(Attempt::of(results::skipped(unmet))),
            Some(What::Sent { coming, foreseen }) => {
                if let Ok(outcome) = coming.await {
                    return self.came(task, scope, outcome, foreseen);
                }
                // It was not done: it is, now.
                self.give_up_ahead(host);
            }
            None => {}
        }
        let delegate = match task.keywords.get(Keyword::DelegateTo) {
            Some(node) => match flags::rendered_text(node, scope)? {
                Some(name) if name.is_empty() => {
                    let error =
                        Diagnostic::error(node.place.clone(), "`delegate_to` names no host");
                    return Err(error);
                }
                name => name,
            },
            None => None,
        };
        if let Some(when) = task.keywords.get(Keyword::When)
            && let Some(unmet) = scope.unmet(when)?
        {
            return Ok(Attempt::of(results::skipped(unmet)));
        }
        if let Some(wanted) = wanted(task, scope, item)? {
            let fields = results::fields(json!({ "changed": false, "failed": false }));
            return Ok(Attempt {
                include: Some(wanted),
                ..Attempt::of(fields)
            });
        }
        let args = self.arguments(task, scope)?;
        let mut attempt = self
            .tries(task, host, scope, args, delegate.as_deref())
            .await?;
        attempt.notify = notified(task, scope, &attempt.fields)?;
        attempt.delegate = delegate;
        Ok(attempt)
    }

    /// Returns what a call that was sent ahead came to.
    fn came(
        &self,
        task: &Task,
        scope: &Scope,
        outcome: Outcome,
        foreseen: Option<Foreseen>,
    ) -> Result<Attempt, Diagnostic> {
        let mut fields = outcome_fields(outcome);
        if let Some(Foreseen { at, args, user }) = foreseen {
            fields = self.predict(task, &at, &args, user.as_deref(), fields);
        }
        let mut attempt = Attempt::of(fields);
        let fields = &mut attempt.fields;
        if results::flag(fields, "unreachable") {
            return Ok(attempt);
        }
        results::complete(fields);
        if !fields.contains_key("skipped") {
            judge(task, scope, fields);
        }
        attempt.notify = notified(task, scope, &attempt.fields)?;
        Ok(attempt)
    }

    async fn tries(
        &self,
        task: &Task,
        host: &str,
        scope: &Scope,
        args: Fields,
        delegate: Option<&str>,
    ) -> Result<Attempt, Diagnostic> {
        let until = task.keywords.get(Keyword::Until);
        let retries = match task.keywords.get(Keyword::Retries) {
            Some(node) => flags::number(node, scope)?.map(whole_number),
            None => None,
        };
        let most = 1 + retries.unwrap_or(if until.is_some() { RETRIES } else { 0 });
        let delay = flags::seconds(task, Keyword::Delay, scope)?;
        let delay = delay.unwrap_or(Duration::from_secs(DELAY));
        let mut number = 1;
        loop {
            let mut attempt = match self.action(task, host, scope, &args).await {
                Some(done) => done?,
                None => Attempt::of(self.work(task, host, scope, &args, delegate).await?),
            };
            let fields = &mut attempt.fields;
            if results::flag(fields, "unreachable") {
                return Ok(attempt);
            }
            results::complete(fields);
            if most > 1 {
                fields.insert("attempts".to_owned(), number.into());
            }
            if !fields.contains_key("skipped") {
                judge(task, scope, fields);
            }
            if most == 1 {
                return Ok(attempt);
            }
            let after = with_result(task, scope, fields);
            let done = match until {
                Some(node) => after.unmet(node)?.is_none(),
                None => !results::flag(fields, "failed"),
            };
            if done {
                return Ok(attempt);
            }
            if number >= most {
                fields.insert("attempts".to_owned(), (most - 1).into());
                fields.insert("failed".to_owned(), true.into());
                return Ok(attempt);
            }
            self.engine.sink.send(Event::Retry {
                host: host.to_owned(),
                left: most - number,
            });
            tokio::time::sleep(delay).await;
            number += 1;
        }
    }

    /// Has a module called on the host, or on the one it is delegated to.
    async fn work(
        &self,
        task: &Task,
        host: &str,
        scope: &Scope,
        args: &Fields,
        delegate: Option<&str>,
    ) -> Result<Fields, Diagnostic> {
        let call = self.call_of(task, host, scope, args, delegate)?;
        let (check, at) = (call.check, call.host.clone());
        let user = call.r#become.as_ref().map(|one| one.user.clone());
        let fields = outcome_fields(self.engine.hands.call(call).await);
        Ok(if check {
            self.predict(task, &at, args, user.as_deref(), fields)
        } else {
            fields
        })
    }

    /// Returns a call with all that it needs.
    pub fn call_of(
        &self,
        task: &Task,
        host: &str,
        scope: &Scope,
        args: &Fields,
        delegate: Option<&str>,
    ) -> Result<Call, Diagnostic> {
        let at = delegate.unwrap_or(host);
        // How a host is reached is its own business, not the task's.
        let its_own = match delegate {
            Some(name) => World::host_scope(&self.engine.world, name),
            None => scope.clone(),
        };
        let local = crate::play::LOCAL.contains(&at) && !its_own.has("ansible_connection");
        let connection = match its_own.text("ansible_connection")? {
            Some(connection) => connection,
            None if local => "local".to_owned(),
            None if delegate.is_some() => "ssh".to_owned(),
            None => {
                flags::text(task, Keyword::Connection, scope)?.unwrap_or_else(|| "ssh".to_owned())
            }
        };
        let user = match its_own.text("ansible_user")? {
            Some(user) => Some(user),
            None => flags::text(task, Keyword::RemoteUser, scope)?,
        };
        let timeout = flags::seconds(task, Keyword::Timeout, scope)?;
        Ok(Call {
            host: at.to_owned(),
            module: task.module(),
            args: args.clone(),
            check: flags::flag(task, Keyword::CheckMode, scope)?
                .unwrap_or(self.engine.options.check),
            diff: flags::flag(task, Keyword::Diff, scope)?.unwrap_or(self.engine.options.diff),
            r#become: flags::become_of(task, scope, &its_own)?,
            connection,
            user,
            environment: flags::environment(task, scope)?,
            timeout: timeout.filter(|timeout| !timeout.is_zero()),
            no_log: flags::flag(task, Keyword::NoLog, scope)?.unwrap_or(false),
            scope: scope.clone(),
        })
    }

    /// Renders a task's arguments.
    pub fn arguments(&self, task: &Task, scope: &Scope) -> Result<Fields, Diagnostic> {
        let mut args = Fields::new();
        for node in task.keywords.list(Keyword::ModuleDefaults) {
            let Some(map) = node.as_map() else { continue };
            for (name, entry) in map {
                let short = name.rsplit('.').next().unwrap_or(name);
                if short == task.module()
                    && let Some(Value::Object(defaults)) = scope.render(&entry.node)?
                {
                    args.extend(defaults);
                }
            }
        }
        if let Some(template) = &task.args.template {
            match scope.render(template)? {
                Some(Value::Object(more)) => args.extend(more),
                None | Some(Value::Null) => {}
                Some(_) => {
                    let message = "`args` gives no mapping";
                    return Err(Diagnostic::error(template.place.clone(), message));
                }
            }
        }
        for (name, entry) in &task.args.named {
            let node = &entry.node;
            let value = match (task.module(), name.as_str()) {
                ("assert", "that") => Some(assertions(node, scope)?),
                ("debug", "var") => Some(looked_at(node, scope)?),
                _ => scope.render(node)?,
            };
            let Some(value) = value else {
                args.remove(name);
                continue;
            };
            // A fact's name may be a template, too.
            let name = if task.module() == "set_fact" && is_template(name) {
                let key = Node::new(Written::Str(name.clone()), entry.key_place.clone());
                flags::rendered_text(&key, scope)?.unwrap_or_default()
            } else {
                name.clone()
            };
            args.insert(name, value);
        }
        if let Some(text) = &task.args.free_form {
            match scope.render(text)? {
                // `module: "{{ mapping }}"`.
                Some(Value::Object(map)) => args.extend(map),
                Some(Value::String(text)) => {
                    args.insert("_raw_params".to_owned(), text.into());
                }
                Some(other) => {
                    args.insert("_raw_params".to_owned(), other.to_string().into());
                }
                None => {}
            }
        }
        Ok(args)
    }
}

fn outcome_fields(outcome: Outcome) -> Fields {
    match outcome {
        Outcome::Done(fields) => fields,
        Outcome::Unreachable(message) => results::fields(json!({
            "changed": false,
            "unreachable": true,
            "msg": message,
        })),
    }
}

/// Returns the handlers that a task notifies when its result says that it changed
/// something.
fn notified(task: &Task, scope: &Scope, fields: &Fields) -> Result<Vec<String>, Diagnostic> {
    let mut notified = Vec::new();
    if results::flag(fields, "changed") || predict::reason(fields).is_some() {
        for node in task.keywords.list(Keyword::Notify) {
            match scope.render(node)? {
                Some(Value::Array(names)) => notified.extend(
                    names
                        .iter()
                        .filter_map(|name| name.as_str().map(str::to_owned)),
                ),
                Some(Value::String(name)) => notified.push(name),
                _ => {}
            }
        }
    }
    Ok(notified)
}

/// The variables of a loop's items.
pub(super) struct Naming {
    variable: String,
    index: Option<String>,
    extended: bool,
    all_items: bool,
}

impl Naming {
    pub fn new(looped: &Loop, scope: &Scope) -> Self {
        let name = |node: &Option<Node>| match node {
            Some(node) => flags::rendered_text(node, scope).ok().flatten(),
            None => None,
        };
        let flag = |node: &Option<Node>| {
            let value = node
                .as_ref()
                .and_then(|node| scope.render(node).ok().flatten());
            value.as_ref().and_then(flags::is_true)
        };
        Self {
            variable: name(&looped.variable).unwrap_or_else(|| "item".to_owned()),
            index: name(&looped.index),
            extended: flag(&looped.extended) == Some(true),
            all_items: flag(&looped.all_items) != Some(false),
        }
    }

    /// Returns an item's variables as results show them.
    pub fn fields(&self, items: &[Jinja], index: usize) -> Fields {
        let mut own = Fields::new();
        let item = items.get(index);
        let shown = item.and_then(|item| to_json(item).ok().flatten());
        own.insert(self.variable.clone(), shown.unwrap_or_default());
        own.insert("ansible_loop_var".to_owned(), self.variable.clone().into());
        if let Some(name) = &self.index {
            own.insert(name.clone(), index.into());
            own.insert("ansible_index_var".to_owned(), name.clone().into());
        }
        if self.extended {
            let position = position(items, index, self.all_items);
            own.insert("ansible_loop".to_owned(), position);
        }
        own
    }

    /// Returns an item's variables as templates see them.
    pub fn values(&self, own: &Fields, item: &Jinja) -> Values {
        let mut values: Values = own
            .iter()
            .map(|(name, value)| (name.clone(), json_to_jinja(value)))
            .collect();
        values.insert(self.variable.clone(), item.clone());
        values
    }
}

fn whole_number(number: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a small number of tries"
    )]
    let number = number.max(0.0) as u64;
    number
}

pub(super) fn is_set(task: &Task, keyword: Keyword, scope: &Scope) -> bool {
    flags::flag(task, keyword, scope)
        .unwrap_or_default()
        .unwrap_or(false)
}

/// Returns the scope in which a task's own result is judged.
fn with_result(task: &Task, scope: &Scope, fields: &Fields) -> Scope {
    let mut values = Values::new();
    if let Some(facts) = fields.get("ansible_facts").and_then(Value::as_object) {
        values.extend(
            facts
                .iter()
                .map(|(name, value)| (name.clone(), json_to_jinja(value))),
        );
    }
    if let Some(name) = task.keywords.text(Keyword::Register) {
        values.insert(name.to_owned(), predict::registered(name, task, fields));
    }
    scope.with(values)
}

/// Applies `changed_when` and `failed_when`.
fn judge(task: &Task, scope: &Scope, fields: &mut Fields) {
    if let Some(node) = task.keywords.get(Keyword::ChangedWhen) {
        match with_result(task, scope, fields).unmet(node) {
            Ok(unmet) => {
                fields.insert("changed".to_owned(), unmet.is_none().into());
            }
            Err(error) => return misjudged(fields, "changed_when_result", &error),
        }
    }
    if let Some(node) = task.keywords.get(Keyword::FailedWhen) {
        match with_result(task, scope, fields).unmet(node) {
            Ok(unmet) => {
                fields.insert("failed".to_owned(), unmet.is_none().into());
                fields.insert("failed_when_result".to_owned(), unmet.is_none().into());
            }
            Err(error) => misjudged(fields, "failed_when_result", &error),
        }
    }
}

fn misjudged(fields: &mut Fields, name: &str, error: &Diagnostic) {
    if let Some(what) = depends_on(error) {
        *fields = predict::unpredicted(what);
        return;
    }
    fields.insert("failed".to_owned(), true.into());
    fields.insert(name.to_owned(), error.to_string().into());
}

/// Evaluates the conditions of `assert`, up to the first that doesn't hold.
fn assertions(node: &Node, scope: &Scope) -> Result<Value, Diagnostic> {
    let single = [node.clone()];
    let conditions: &[Node] = match &node.value {
        Written::Seq(items) => items,
        _ => &single,
    };
    let mut evaluated = Vec::new();
    for condition in conditions {
        let holds = scope.holds(condition)?;
        let text = crate::inventory::node_to_json(condition);
        evaluated.push(json!({ "assertion": text, "evaluated_to": holds }));
        if !holds {
            break;
        }
    }
    Ok(evaluated.into())
}

/// Evaluates what `debug` looks at.
fn looked_at(node: &Node, scope: &Scope) -> Result<Value, Diagnostic> {
    let expression = flags::rendered_text(node, scope)?.unwrap_or_default();
    let value = match scope.expression(&node.place, &expression) {
        Ok(value) => to_json(&value).ok().flatten().unwrap_or_default(),
        Err(error) if error.message.ends_with("is undefined") => "VARIABLE IS NOT DEFINED!".into(),
        Err(error) => return Err(error),
    };
    Ok(json!({ "expression": expression, "value": value }))
}

/// Returns the items of a loop.
pub(super) fn items(looped: &Loop, scope: &Scope) -> Result<Vec<Jinja>, Diagnostic> {
    let place = &looped.over.place;
    let Some(name) = &looped.lookup else {
        let value = scope.value(&looped.over)?;
        let is_list = matches!(
            value.kind(),
            minijinja::value::ValueKind::Seq | minijinja::value::ValueKind::Iterable
        );
        let all = value.try_iter().ok().filter(|_| is_list);
        let Some(all) = all else {
            let message = "`loop` needs a list, and this is none";
            let hint = "make one: `{{ x | list }}`, `{{ x | dict2items }}`, or use with_dict";
            return Err(Diagnostic::error(place.clone(), message).hint(hint));
        };
        let all: Vec<Jinja> = all.collect();
        // A list's own templates are rendered when it is looked at: now.
        for item in &all {
            to_json(item).map_err(|_| failed_item(scope, place))?;
        }
        return Ok(all);
    };
    let terms = match &looped.over.value {
        Written::Seq(items) => items
            .iter()
            .map(|item| scope.value(item))
            .collect::<Result<Vec<_>, _>>()?,
        _ => {
            let value = scope.value(&looped.over)?;
            match value.kind() {
                minijinja::value::ValueKind::Seq => {
                    value.try_iter().map(Iterator::collect).unwrap_or_default()
                }
                _ => vec![value],
            }
        }
    };
    lookup(
        name,
        &terms,
        &Kwargs::from_iter(HashMap::<String, Jinja>::new()),
        scope,
    )
    .map_err(|message| Diagnostic::error(place.clone(), format!("`with_{name}`: {message}")))
}

fn failed_item(scope: &Scope, place: &crate::plan::Place) -> Diagnostic {
    scope
        .take_failure()
        .unwrap_or_else(|| Diagnostic::error(place.clone(), "an item can't be rendered"))
}

/// Returns `ansible_loop`.
fn position(items: &[Jinja], index: usize, all_items: bool) -> Value {
    let shown = |index: usize| {
        items
            .get(index)
            .and_then(|item| to_json(item).ok().flatten())
    };
    let mut position = json!({
        "index": index + 1,
        "index0": index,
        "first": index == 0,
        "last": index + 1 == items.len(),
        "length": items.len(),
        "revindex": items.len() - index,
        "revindex0": items.len() - index - 1,
    });
    let mut set = |name: &str, value: Option<Value>| {
        if let (Some(value), Some(map)) = (value, position.as_object_mut()) {
            map.insert(name.to_owned(), value);
        }
    };
    if all_items {
        let all: Vec<Value> = (0..items.len()).filter_map(shown).collect();
        set("allitems", Some(all.into()));
    }
    set("nextitem", shown(index + 1));
    set("previtem", index.checked_sub(1).and_then(shown));
    position
}

/// Returns how an item is shown when the loop has no label.
fn flags_label(item: &Jinja) -> Option<String> {
    Some(item.to_string())
}

/// Returns what a dynamic include is to bring.
fn wanted(task: &Task, scope: &Scope, item: &Fields) -> Result<Option<Wanted>, Diagnostic> {
    let (name, parts) = match &task.action {
        TaskAction::Module(_) => return Ok(None),
        TaskAction::IncludeTasks => (task.args.free_form.as_ref(), [None, None, None, None]),
        TaskAction::IncludeRole(include) => {
            let mut parts = [None, None, None, None];
            let nodes = [
                &include.tasks_from,
                &include.vars_from,
                &include.defaults_from,
                &include.handlers_from,
            ];
            for (part, node) in parts.iter_mut().zip(nodes) {
                if let Some(node) = node {
                    *part = flags::rendered_text(node, scope)?;
                }
            }
            (include.name.as_ref(), parts)
        }
    };
    let text = match name {
        Some(node) => flags::rendered_text(node, scope)?,
        None => None,
    };
    let Some(name) = text else {
        let message = "the include names nothing";
        return Err(Diagnostic::error(task.place.clone(), message));
    };
    Ok(Some(Wanted {
        name,
        parts,
        item: item.clone(),
    }))
}
