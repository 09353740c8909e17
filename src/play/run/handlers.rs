use std::{collections::HashSet, sync::Arc};

use super::{
    Event, Hands, Status,
    items::{Around, Failed},
    play_run::PlayRun,
    predict,
};
use crate::{
    inventory::{Scope, Value},
    play::parse::{Keyword, Task},
};

impl<H: Hands> PlayRun<H> {
    /// Runs the handlers that hosts notified, in the order they are defined. Returns
    /// the hosts that failed.
    pub fn flush_handlers<'a>(
        self: &'a Arc<Self>,
        hosts: Vec<String>,
        around: Around<'a>,
    ) -> Failed<'a> {
        Box::pin(self.each_handler(hosts, around))
    }

    async fn each_handler(self: &Arc<Self>, hosts: Vec<String>, around: Around<'_>) -> Vec<String> {
        let mut failed: Vec<String> = Vec::new();
        self.sort_notifications(&hosts);
        let mut number = 0;
        loop {
            let (handler, mut waiting) = {
                let mut state = self.state();
                let Some(handler) = state.handlers.get(number).cloned() else {
                    break;
                };
                let waiting = state.waiting.get_mut(&number);
                let here: Vec<String> = waiting
                    .map(|waiting| {
                        let (here, later) = waiting
                            .drain(..)
                            .partition::<Vec<String>, _>(|host| hosts.contains(host));
                        waiting.extend(later);
                        here
                    })
                    .unwrap_or_default();
                (handler, here)
            };
            let doubted = self.doubted(number, &hosts);
            number += 1;
            waiting.retain(|host| !failed.contains(host));
            self.keep_present(&mut waiting);
            self.doubt(&handler, &doubted, &waiting);
            if waiting.is_empty() {
                continue;
            }
            // Hosts come in the play's order, not in that of their notifications.
            waiting.sort_by_key(|host| self.batch.iter().position(|one| one == host));
            failed.extend(self.run_task(&handler, &waiting, around).await);
            self.sort_notifications(&hosts);
        }
        if !self.state().doubted.is_empty() {
            self.state().doubted.retain(|host, _| !hosts.contains(host));
        }
        failed
    }

    /// Returns the hosts on which a task that check mode could not predict may notify
    /// a handler.
    fn doubted(&self, number: usize, hosts: &[String]) -> Vec<String> {
        let state = self.state();
        if state.doubted.is_empty() {
            return Vec::new();
        }
        let names = Names::new(&state.handlers, &self.engine.play_scope(&self.play));
        let here = |host: &&String| {
            let notified = state.doubted.get(*host).into_iter().flatten();
            notified
                .into_iter()
                .any(|name| names.find(name).contains(&number))
        };
        hosts.iter().filter(here).cloned().collect()
    }

    /// Says of a handler that it may run on hosts, besides those that wait for it.
    fn doubt(&self, handler: &Task, hosts: &[String], waiting: &[String]) {
        let mut hosts = hosts.to_vec();
        hosts.retain(|host| !waiting.contains(host));
        self.keep_present(&mut hosts);
        if hosts.is_empty() {
            return;
        }
        self.engine.sink.send(Event::Task {
            name: handler.title(),
            handler: true,
        });
        for host in hosts {
            self.engine.state().recap.count(&host, |counts| {
                counts.skipped += 1;
                counts.unpredicted += 1;
            });
            self.engine.sink.send(Event::Done {
                host,
                delegate: None,
                status: Status::Skipped,
                result: predict::unpredicted("a task that may notify it"),
                module: handler.module(),
            });
        }
    }

    /// Finds the handlers of all notifications of some hosts.
    fn sort_notifications(&self, hosts: &[String]) {
        let (handlers, notified) = {
            let mut state = self.state();
            let mut notified = Vec::new();
            for host in hosts {
                if let Some(names) = state.notified.remove(host) {
                    notified.push((host.clone(), names));
                }
            }
            (state.handlers.clone(), notified)
        };
        if notified.is_empty() {
            return;
        }
        let names = Names::new(&handlers, &self.engine.play_scope(&self.play));
        let mut state = self.state();
        for (host, notifications) in notified {
            for notification in &notifications {
                for number in names.find(notification) {
                    let waiting = state.waiting.entry(number).or_default();
                    waiting.insert(host.clone());
                }
            }
        }
    }

    /// Returns whether any handler answers to a name.
    pub fn has_handler(&self, notification: &str) -> bool {
        let handlers = self.state().handlers.clone();
        let names = Names::new(&handlers, &self.engine.play_scope(&self.play));
        !names.find(notification).is_empty()
    }
}

/// What handlers answer to.
struct Names {
    /// For each: its name, its name with the role's, and what it listens to.
    all: Vec<(Option<String>, Option<String>, Vec<String>)>,
    /// The numbers of the handlers in the order they are asked: the last file first.
    order: Vec<usize>,
}

impl Names {
    fn new(handlers: &[Arc<Task>], scope: &Scope) -> Self {
        let all = handlers
            .iter()
            .map(|handler| {
                let name = handler.name.as_ref().map(|name| {
                    let rendered = scope.resolve("name", name).ok();
                    let rendered = rendered.and_then(|node| node.as_str().map(str::to_owned));
                    rendered.unwrap_or_else(|| handler.own_title())
                });
                let with_role = match (&name, &handler.role) {
                    (Some(name), Some(role)) => Some(format!("{} : {name}", role.role.name)),
                    _ => None,
                };
                let topics = handler
                    .keywords
                    .list(Keyword::Listen)
                    .into_iter()
                    .filter_map(|topic| match &topic.value {
                        Value::Int(number) => Some(number.to_string()),
                        _ => scope
                            .resolve("listen", topic)
                            .ok()
                            .and_then(|node| node.as_str().map(str::to_owned)),
                    })
                    .collect();
                (name, with_role, topics)
            })
            .collect();
        let numbers: Vec<usize> = (0..handlers.len()).collect();
        let same_file = |one: &usize, other: &usize| {
            let file = |number: &usize| handlers.get(*number).map(|handler| &handler.file);
            file(one) == file(other)
        };
        let order = numbers
            .chunk_by(same_file)
            .rev()
            .flatten()
            .copied()
            .collect();
        Self { all, order }
    }

    /// Returns the handlers that a notification is for: the one of that name, and all
    /// that listen to it.
    fn find(&self, notification: &str) -> Vec<usize> {
        let is = |name: &Option<String>| name.as_deref() == Some(notification);
        let get = |number: &usize| self.all.get(*number);
        let mut found: Vec<usize> = self
            .order
            .iter()
            .find(|number| get(number).is_some_and(|(name, full, _)| is(name) || is(full)))
            .copied()
            .into_iter()
            .collect();
        let mut seen = HashSet::new();
        for number in &self.order {
            let Some((name, _, topics)) = get(number) else {
                continue;
            };
            if !topics.iter().any(|topic| topic == notification) {
                continue;
            }
            if name.as_ref().is_some_and(|name| !seen.insert(name)) {
                continue;
            }
            if !found.contains(number) {
                found.push(*number);
            }
        }
        found
    }
}
