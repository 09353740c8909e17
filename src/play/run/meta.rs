use std::sync::Arc;

use super::{Event, Hands, items::Around, play_run::PlayRun};
use crate::play::{
    parse::{Keyword, Task},
    vars::depends_on,
};

impl<H: Hands> PlayRun<H> {
    /// Does what a `meta` task says. Returns the hosts that failed.
    pub async fn meta(
        self: &Arc<Self>,
        task: &Arc<Task>,
        hosts: &[String],
        around: Around<'_>,
    ) -> Vec<String> {
        let what = asked_for(task);
        // These are decided by the first host, for all.
        let for_all = matches!(what, "end_play" | "end_batch" | "refresh_inventory");
        let asked = if for_all { hosts.get(..1) } else { Some(hosts) };
        let mut chosen = Vec::new();
        let mut failed = Vec::new();
        for host in asked.unwrap_or_default() {
            match self.condition(task, host) {
                Ok(true) => chosen.push(host.clone()),
                Ok(false) => {}
                Err(error) if depends_on(&error).is_some() => {
                    let what = depends_on(&error).unwrap_or_default();
                    let text = format!(
                        "{host}: whether `meta: {}` comes here can't be predicted: depends on {what}",
                        asked_for(task)
                    );
                    self.engine.sink.send(Event::Warning { text });
                    let mut run = self.engine.state();
                    run.recap.count(host, |counts| counts.unpredicted += 1);
                }
                Err(error) => {
                    self.fail_meta(host, &error, around);
                    failed.push(host.clone());
                }
            }
        }
        if chosen.is_empty() {
            return failed;
        }
        match what {
            "flush_handlers" => {
                let around = Around {
                    after: None,
                    ..around
                };
                failed.extend(self.flush_handlers(chosen, around).await);
            }
            "end_play" => self.state().over = true,
            "end_batch" => self.state().gone.extend(self.batch.iter().cloned()),
            "end_host" => {
                self.remove(&chosen);
                self.state().gone.extend(chosen);
            }
            "end_role" => {
                if let Some(role) = &task.role {
                    let mut state = self.state();
                    for host in chosen {
                        state.ended_roles.insert((role.identity.clone(), host));
                    }
                }
            }
            "clear_facts" => {
                for host in &chosen {
                    self.engine.world.clear_facts(host);
                }
            }
            "clear_host_errors" => {
                let mut state = self.engine.state();
                for host in &self.batch {
                    state.failed.remove(host);
                    state.unreachable.remove(host);
                }
            }
            "reset_connection" => {
                for host in &chosen {
                    self.engine.hands.reset(host);
                }
            }
            "noop" | "role_complete" => {}
            "refresh_inventory" => {
                let text = "meta: refresh_inventory does nothing: the inventory is read once";
                self.engine.sink.send(Event::Warning {
                    text: text.to_owned(),
                });
            }
            other => {
                let text = format!("there is no meta task `{other}`");
                self.engine.sink.send(Event::Warning { text });
            }
        }
        failed
    }

    /// Returns whether a task's `when` holds for a host.
    fn condition(&self, task: &Task, host: &str) -> Result<bool, crate::plan::Diagnostic> {
        match task.keywords.get(Keyword::When) {
            Some(node) => Ok(self.scope(Some(task), host).unmet(node)?.is_none()),
            None => Ok(true),
        }
    }
}

fn asked_for(task: &Task) -> &str {
    let text = task.args.free_form.as_ref().and_then(|node| node.as_str());
    text.unwrap_or_default()
}
