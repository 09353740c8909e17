use std::sync::Arc;

use super::{
    Event, Hands, Status,
    host_task::{HostResult, Wanted},
    items::Around,
    play_run::{PlayRun, flattened},
    results,
    variables::to_node,
};
use crate::{
    inventory::{Entry, Map, Node, Value},
    plan::{Diagnostics, Place},
    play::parse::{Include, Included, Task, TaskAction},
};

impl<H: Hands> PlayRun<H> {
    /// Brings in what a dynamic include named on each host, and runs it. Returns the
    /// hosts that failed.
    pub async fn include_all(
        self: &Arc<Self>,
        task: &Arc<Task>,
        results: &[HostResult],
        left: &[String],
        once: bool,
        around: Around<'_>,
    ) -> Vec<String> {
        let mut groups: Vec<(Wanted, Vec<String>)> = Vec::new();
        for result in results {
            for wanted in &result.includes {
                let host = &result.host;
                match groups.iter_mut().find(|(other, _)| other == wanted) {
                    Some((_, hosts)) if !hosts.contains(host) => hosts.push(host.clone()),
                    Some(_) => {}
                    None => groups.push((wanted.clone(), vec![host.clone()])),
                }
            }
        }
        let mut failed: Vec<String> = Vec::new();
        let last = groups.len().saturating_sub(1);
        for (number, (wanted, mut hosts)) in groups.into_iter().enumerate() {
            let around = Around {
                after: around.after.filter(|_| number == last),
                ..around
            };
            if once {
                hosts = left.to_vec();
            }
            hosts.retain(|host| !failed.contains(host));
            self.keep_present(&mut hosts);
            if hosts.is_empty() {
                continue;
            }
            let lost = match self.bring(task, &wanted) {
                Ok(included) => self.run_included(&wanted, included, hosts, around).await,
                Err(errors) => {
                    for host in &hosts {
                        self.fail_include(task, host, &errors, around);
                    }
                    hosts
                }
            };
            failed.extend(lost);
        }
        failed
    }

    async fn run_included(
        self: &Arc<Self>,
        wanted: &Wanted,
        included: Included,
        hosts: Vec<String>,
        around: Around<'_>,
    ) -> Vec<String> {
        {
            let mut run = self.engine.state();
            for host in &hosts {
                run.recap.count(host, |counts| counts.ok += 1);
            }
        }
        self.engine.sink.send(Event::Included {
            name: wanted.name.clone(),
            hosts: hosts.clone(),
        });
        {
            let mut state = self.state();
            for handler in flattened(&included.handlers) {
                let known = state.handlers.iter().any(|one| one.place == handler.place);
                if !known {
                    state.handlers.push(handler);
                }
            }
            let public = included.roles.into_iter().filter(|role| role.public);
            state.roles.extend(public);
        }
        self.run_items(&included.items, hosts, around).await
    }

    /// Reads what an include brings; the loop's item is seen by its tasks.
    fn bring(&self, task: &Task, wanted: &Wanted) -> Result<Included, Diagnostics> {
        let mut task = task.clone();
        if !wanted.item.is_empty() {
            let vars: Map = wanted
                .item
                .iter()
                .map(|(name, value)| {
                    let entry = Entry {
                        key_place: task.place.clone(),
                        node: to_node(value, &task.place),
                    };
                    (name.clone(), entry)
                })
                .collect();
            task.params.push(Arc::new(vars));
        }
        let reader = &self.engine.reader;
        let directory = &self.play.directory;
        let TaskAction::IncludeRole(include) = &task.action else {
            return reader.include_tasks(&task, &wanted.name, directory);
        };
        let node =
            |text: &String, place: &Place| Node::new(Value::Unsafe(text.clone()), place.clone());
        let [tasks, vars, defaults, handlers] = &wanted.parts;
        let part = |text: &Option<String>| text.as_ref().map(|text| node(text, &task.place));
        let place = include
            .name
            .as_ref()
            .map_or(&task.place, |name| &name.place);
        let include = Include {
            name: Some(node(&wanted.name, place)),
            tasks_from: part(tasks),
            vars_from: part(vars),
            defaults_from: part(defaults),
            handlers_from: part(handlers),
            ..include.as_ref().clone()
        };
        reader.include_role(&task, &include, directory)
    }

    fn fail_include(&self, task: &Task, host: &str, errors: &Diagnostics, around: Around<'_>) {
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
            result: results::failed(errors.to_string()),
            module: task.module(),
        });
    }
}
