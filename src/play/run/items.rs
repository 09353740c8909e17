use std::{future::Future, pin::Pin, sync::Arc};

use super::{Hands, play_run::PlayRun};
use crate::play::parse::{Block, Item};

/// What stands around the tasks at hand.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Around<'a> {
    /// Whether a `rescue` takes over when one of them fails.
    pub rescue: bool,
    /// What comes next when nothing fails, as far as it is known.
    pub after: Option<&'a After<'a>>,
}

/// Tasks and blocks that come next.
#[derive(Debug)]
pub(super) struct After<'a> {
    pub items: &'a [Item],
    pub next: Option<&'a Self>,
}

/// The hosts that failed, in the end.
pub(super) type Failed<'a> = Pin<Box<dyn Future<Output = Vec<String>> + Send + 'a>>;

impl<H: Hands> PlayRun<H> {
    /// Runs tasks and blocks for some hosts, all hosts together task by task. Hosts
    /// that fail leave; they are returned.
    pub fn run_items<'a>(
        self: &'a Arc<Self>,
        items: &'a [Item],
        hosts: Vec<String>,
        around: Around<'a>,
    ) -> Failed<'a> {
        Box::pin(async move {
            let mut active = hosts;
            let mut failed = self.take_doomed(&mut active);
            for (number, item) in items.iter().enumerate() {
                let rest = After {
                    items: items.get(number + 1..).unwrap_or_default(),
                    next: around.after,
                };
                let around = Around {
                    after: Some(&rest),
                    ..around
                };
                self.keep_present(&mut active);
                if active.is_empty() {
                    break;
                }
                let lost = match item {
                    Item::Task(task) => self.run_task(task, &active, around).await,
                    Item::Block(block) => self.run_block(block, active.clone(), around).await,
                };
                active.retain(|host| !lost.contains(host));
                failed.extend(lost);
                failed.extend(self.take_doomed(&mut active));
            }
            failed
        })
    }

    async fn run_block(
        self: &Arc<Self>,
        block: &Block,
        mut hosts: Vec<String>,
        around: Around<'_>,
    ) -> Vec<String> {
        let role = block.role_use.as_ref();
        if let Some(role) = role.filter(|role| !role.role.allow_duplicates) {
            let state = self.state();
            let done = |host: &String| {
                let key = (role.identity.clone(), host.clone());
                state.completed.contains(&key)
            };
            hosts.retain(|host| !done(host));
        }
        if hosts.is_empty() {
            return Vec::new();
        }
        let always = After {
            items: &block.always,
            next: around.after,
        };
        let inner = Around {
            rescue: around.rescue || !block.rescue.is_empty(),
            after: Some(&always),
        };
        // After a failure it depends on the host what comes next.
        let around = Around {
            after: None,
            ..around
        };
        let mut failed = self.run_items(&block.block, hosts.clone(), inner).await;
        if !block.rescue.is_empty() && !failed.is_empty() {
            let tried = failed.clone();
            failed = self.run_items(&block.rescue, tried.clone(), around).await;
            let mut state = self.state();
            state
                .removed
                .retain(|host| !tried.contains(host) || failed.contains(host));
        }
        if !block.always.is_empty() {
            let mut all = hosts.clone();
            self.keep_present(&mut all);
            for host in self.run_items(&block.always, all, around).await {
                if !failed.contains(&host) {
                    failed.push(host);
                }
            }
        }
        if let Some(role) = role {
            let mut state = self.state();
            for host in hosts.into_iter().filter(|host| !failed.contains(host)) {
                let key = (role.identity.clone(), host);
                state.ended_roles.remove(&key);
                if state.ran.contains(&key) {
                    state.completed.insert(key);
                }
            }
        }
        failed
    }

    /// Leaves only hosts that still take part.
    pub fn keep_present(&self, hosts: &mut Vec<String>) {
        let state = self.state();
        hosts.retain(|host| !state.over && !state.gone.contains(host));
    }

    /// Takes out the hosts that fail because others did.
    fn take_doomed(&self, hosts: &mut Vec<String>) -> Vec<String> {
        let mut state = self.state();
        if state.doomed.is_empty() {
            return Vec::new();
        }
        let mut doomed = Vec::new();
        hosts.retain(|host| {
            let fails = state.doomed.remove(host);
            if fails {
                doomed.push(host.clone());
            }
            !fails
        });
        for host in &doomed {
            if !state.removed.contains(host) {
                state.removed.push(host.clone());
            }
        }
        doomed
    }
}
