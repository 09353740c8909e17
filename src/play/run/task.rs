use std::{collections::BTreeSet, sync::Arc, time::Instant};

use tokio::{sync::Semaphore, task::JoinSet};

use super::{
    Event, Hands, Status, flags,
    host_task::HostResult,
    items::Around,
    play_run::PlayRun,
    predict,
    results::{self, Fields},
};
use crate::{
    inventory::Node,
    plan::Diagnostic,
    play::{
        list,
        parse::{Keyword, Task, TaskAction},
        vars::json_to_jinja,
    },
    select,
};

/// Modules that work for all hosts at once, as in Ansible.
const ONCE: [&str; 2] = ["add_host", "pause"];

impl<H: Hands> PlayRun<H> {
    /// Runs a task on hosts, as many at once as the run allows. Returns those that
    /// failed.
    pub async fn run_task(
        self: &Arc<Self>,
        task: &Arc<Task>,
        hosts: &[String],
        around: Around<'_>,
    ) -> Vec<String> {
        if !task.is_handler && !self.selected(task) {
            return Vec::new();
        }
        let mut hosts = hosts.to_vec();
        if let Some(role) = &task.role {
            let state = self.state();
            hosts.retain(|host| {
                let key = (role.identity.clone(), host.clone());
                !state.ended_roles.contains(&key)
            });
        }
        let Some(first) = hosts.first().cloned() else {
            return Vec::new();
        };
        if task.module() == "meta" {
            return self.meta(task, &hosts, around).await;
        }
        let scope = self.scope(Some(task), &first);
        self.engine.sink.send(Event::Task {
            name: self.title(task, &scope),
            handler: task.is_handler,
        });
        let once = ONCE.contains(&task.module())
            || flags::flag(task, Keyword::RunOnce, &scope)
                .unwrap_or_default()
                .unwrap_or(false);
        let targets = if once { vec![first] } else { hosts.clone() };
        self.engine.sink.send(Event::Running {
            hosts: targets.clone(),
        });
        let mut results = self.on_hosts(task, &targets, around, once).await;
        // Includes and failures follow the play's order of hosts.
        results.sort_by_key(|result| hosts.iter().position(|host| *host == result.host));

        let mut failed: Vec<String> = Vec::new();
        let mut lost = false;
        for result in &results {
            match result.status {
                Status::Failed => failed.push(result.host.clone()),
                Status::Unreachable => lost |= !result.ignore_unreachable,
                _ => {}
            }
        }
        let any = !failed.is_empty() || lost;
        if once && !failed.is_empty() {
            // What is done once for all fails for all.
            failed.clone_from(&hosts);
            self.remove(&failed);
        }
        let fatal = once
            || flags::flag(task, Keyword::AnyErrorsFatal, &scope)
                .unwrap_or_default()
                .unwrap_or(false);
        if fatal && any && !self.ignores(task, &scope) {
            self.doom(&failed);
        }
        self.check_share(&failed, around);
        if !matches!(task.action, TaskAction::Module(_)) {
            let left: Vec<String> = hosts
                .iter()
                .filter(|host| !failed.contains(host))
                .cloned()
                .collect();
            failed.extend(self.include_all(task, &results, &left, once, around).await);
        }
        failed
    }

    async fn on_hosts(
        self: &Arc<Self>,
        task: &Arc<Task>,
        hosts: &[String],
        around: Around<'_>,
        once: bool,
    ) -> Vec<HostResult> {
        let next: Arc<[Arc<Task>]> = if once {
            Arc::from([])
        } else {
            self.path(hosts, around).into()
        };
        let crowd = hosts.len() > 1;
        let scope = hosts.first().map(|host| self.scope(Some(task), host));
        let throttle = scope.and_then(|scope| {
            let node = task.keywords.get(Keyword::Throttle)?;
            flags::number(node, &scope).ok().flatten()
        });
        let mut width = self.engine.options.forks.max(1);
        if let Some(throttle) = throttle.filter(|throttle| *throttle >= 1.0) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a small number of hosts"
            )]
            let throttle = throttle as usize;
            width = width.min(throttle);
        }
        let places = Arc::new(Semaphore::new(width));
        let mut running = JoinSet::new();
        for host in hosts {
            let (run, task, host) = (Arc::clone(self), Arc::clone(task), host.clone());
            let (places, next) = (Arc::clone(&places), Arc::clone(&next));
            running.spawn(async move {
                run.reach(&task, &host).await;
                let _place = places.acquire_owned().await;
                let begun = Instant::now();
                run.look_ahead(&task, &host, &next, crowd);
                let engine = Arc::clone(&run.engine);
                let result = run.on_host(task, host).await;
                let mut state = engine.state();
                state
                    .recap
                    .charge(&result.host, |cost| cost.time += begun.elapsed());
                drop(state);
                result
            });
        }
        let mut results = Vec::with_capacity(hosts.len());
        while let Some(done) = running.join_next().await {
            if let Ok(result) = done {
                self.settle(task, &result, around, once);
                results.push(result);
            }
        }
        results
    }

    /// Counts, shows and keeps what a task came to on a host.
    fn settle(&self, task: &Task, result: &HostResult, around: Around<'_>, once: bool) {
        let host = &result.host;
        let include = !matches!(task.action, TaskAction::Module(_));
        {
            let mut run = self.engine.state();
            let rescued = around.rescue;
            run.recap.count(host, |counts| match result.status {
                // Includes count when what they bring is read.
                Status::Ok | Status::Changed if include => {}
                Status::Ok => counts.ok += 1,
                Status::Changed => {
                    counts.ok += 1;
                    counts.changed += 1;
                }
                Status::Skipped => counts.skipped += 1,
                Status::Failed if rescued => counts.rescued += 1,
                Status::Failed => counts.failed += 1,
                Status::Ignored => {
                    counts.ok += 1;
                    counts.ignored += 1;
                    counts.changed += u64::from(results::flag(&result.fields, "changed"));
                }
                Status::Unreachable if result.ignore_unreachable => {
                    counts.ok += 1;
                    counts.ignored += 1;
                }
                Status::Unreachable => counts.unreachable += 1,
            });
            if result.status == Status::Unreachable && !result.ignore_unreachable {
                run.unreachable.insert(host.clone());
            }
            if result.status == Status::Failed && !rescued {
                run.failed.insert(host.clone());
            }
        }
        match result.status {
            Status::Unreachable if !result.ignore_unreachable => {
                self.state().gone.insert(host.clone());
                self.remove(std::slice::from_ref(host));
            }
            Status::Failed => {
                self.remove(std::slice::from_ref(host));
                if around.rescue {
                    self.keep_failure(task, result);
                }
            }
            Status::Skipped | Status::Unreachable => {}
            Status::Ok | Status::Changed | Status::Ignored => {
                if let Some(role) = &task.role {
                    let mut state = self.state();
                    state.ran.insert((role.identity.clone(), host.clone()));
                }
            }
        }
        let targets: Vec<String> = if once {
            self.batch.clone()
        } else {
            vec![host.clone()]
        };
        self.keep_facts(task, result, &targets);
        if let Some(name) = task.keywords.text(Keyword::Register) {
            for target in &targets {
                let kept = predict::registered(name, task, &result.fields);
                self.engine.world.set(target, name, kept);
            }
        }
        if predict::reason(&result.fields).is_some() {
            self.engine
                .state()
                .recap
                .count(host, |counts| counts.unpredicted += 1);
            self.keep_unknown(task, &targets);
        }
        if !result.notify.is_empty() && matches!(result.status, Status::Changed) {
            let mut state = self.state();
            let names = state.notified.entry(host.clone()).or_default();
            names.extend(result.notify.iter().cloned());
        } else if !result.notify.is_empty() && predict::reason(&result.fields).is_some() {
            let mut state = self.state();
            let names = state.doubted.entry(host.clone()).or_default();
            names.extend(result.notify.iter().cloned());
        }
        if !include || !matches!(result.status, Status::Ok | Status::Changed) {
            let mut shown = if result.no_log {
                results::censored(&result.fields)
            } else {
                result.fields.clone()
            };
            shown.remove(predict::UNKNOWN);
            self.engine.sink.send(Event::Done {
                host: host.clone(),
                delegate: result.delegate.clone(),
                status: result.status,
                result: shown,
                module: task.module(),
            });
        }
    }

    /// Keeps what a `rescue` may look at.
    fn keep_failure(&self, task: &Task, result: &HostResult) {
        let world = &self.engine.world;
        let failed = serde_json::json!({
            "name": task.own_title(),
            "action": task.written.0,
        });
        world.set(&result.host, "ansible_failed_task", json_to_jinja(&failed));
        let fields = serde_json::Value::Object(result.fields.clone());
        world.set(
            &result.host,
            "ansible_failed_result",
            json_to_jinja(&fields),
        );
    }

    /// Keeps the facts that a result brings.
    fn keep_facts(&self, task: &Task, result: &HostResult, targets: &[String]) {
        let world = &self.engine.world;
        for vars in &result.included {
            for target in targets {
                world.include(target, vars);
            }
        }
        if result.status == Status::Failed {
            return;
        }
        let delegated = result
            .delegate
            .clone()
            .filter(|_| result.delegate_facts)
            .map(|delegate| vec![delegate]);
        let targets = delegated.as_deref().unwrap_or(targets);
        for facts in facts_of(&result.fields) {
            for target in targets {
                if task.module() == "set_fact" {
                    for (name, value) in facts {
                        world.set(target, name, json_to_jinja(value));
                    }
                } else {
                    world.add_facts(target, facts);
                }
            }
        }
    }

    /// Takes hosts out of `ansible_play_hosts`.
    pub fn remove(&self, hosts: &[String]) {
        let mut state = self.state();
        for host in hosts {
            if !state.removed.contains(host) {
                state.removed.push(host.clone());
            }
        }
    }

    /// Lets all other hosts of the batch fail, too.
    fn doom(&self, failed: &[String]) {
        let others: Vec<String> = self
            .batch
            .iter()
            .filter(|host| !failed.contains(host))
            .cloned()
            .collect();
        let mut run = self.engine.state();
        let mut state = self.state();
        for host in others {
            if !state.gone.contains(&host) && !state.removed.contains(&host) {
                run.failed.insert(host.clone());
                state.doomed.insert(host);
            }
        }
    }

    /// Breaks the play off when more hosts failed than it allows.
    fn check_share(&self, failed: &[String], around: Around<'_>) {
        let Some(most) = self.max_fail else { return };
        if around.rescue || failed.is_empty() {
            return;
        }
        let count = self.engine.state().failed.len();
        #[expect(clippy::cast_precision_loss, reason = "numbers of hosts")]
        let share = count as f64 / self.batch.len() as f64;
        if share > most / 100.0 {
            self.doom(failed);
            self.state().broken = true;
        }
    }

    /// Reports a failure that is none of a module's.
    pub fn fail_meta(&self, host: &str, error: &Diagnostic, around: Around<'_>) {
        {
            let mut run = self.engine.state();
            run.recap.count(host, |counts| {
                if around.rescue {
                    counts.rescued += 1;
                } else {
                    counts.failed += 1;
                }
            });
        }
        self.remove(&[host.to_owned()]);
        self.engine.sink.send(Event::Done {
            host: host.to_owned(),
            delegate: None,
            status: Status::Failed,
            result: results::diagnosed(error),
            module: "meta",
        });
    }

    fn ignores(&self, task: &Task, scope: &crate::play::vars::Scope) -> bool {
        flags::flag(task, Keyword::IgnoreErrors, scope)
            .unwrap_or_default()
            .unwrap_or(false)
    }

    /// Returns a task's name as it is shown, with the role's.
    fn title(&self, task: &Task, scope: &crate::play::vars::Scope) -> String {
        let rendered = |name: &Node| flags::rendered_text(name, scope).ok().flatten();
        let Some(name) = task.name.as_ref().and_then(rendered) else {
            return task.title();
        };
        match (&task.role, &task.action) {
            (Some(role), TaskAction::Module(_) | TaskAction::IncludeTasks) => {
                format!("{} : {name}", role.role.name)
            }
            _ => name,
        }
    }

    /// Returns whether a task runs by its tags.
    pub fn tagged(&self, task: &Task) -> bool {
        let scope = self.engine.play_scope(&self.play);
        let tags: BTreeSet<String> = list::tags(&task.keywords.list(Keyword::Tags), &scope);
        self.engine.options.tags.selects(&tags)
    }

    /// Returns whether a task runs: by its tags, and by the name to start at.
    fn selected(&self, task: &Task) -> bool {
        if !self.tagged(task) {
            return false;
        }
        let mut run = self.engine.state();
        if run.started || task.written.0 == "gather_facts" {
            return true;
        }
        let wanted = self.engine.options.start_at.as_deref().unwrap_or_default();
        let named = [task.own_title(), task.title()];
        run.started = named
            .iter()
            .any(|name| name == wanted || select::glob_matches(wanted, name));
        run.started
    }
}

/// Returns the facts of a result and of its items.
fn facts_of(fields: &Fields) -> Vec<&Fields> {
    let items = fields
        .get("results")
        .and_then(serde_json::Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(serde_json::Value::as_object);
    std::iter::once(fields)
        .chain(items)
        .filter_map(|result| result.get("ansible_facts")?.as_object())
        .collect()
}
