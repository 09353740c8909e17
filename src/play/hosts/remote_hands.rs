use std::{sync::Arc, time::Duration};

use serde_json::{Map, Value, json};

use super::{
    connections::Connections, dead_man, fetch, guarded, reach::Reach, task_files::TaskFiles,
};
use crate::{
    play::{
        modules::{self, Answer, Diff, Remote, Report, TaskResult, Work, quote},
        run::{Call, Hands, Outcome},
    },
    transport::{Job, Reply, Shell, TransportError},
};

/// Does the work on hosts: over SSH, or on this machine for `connection: local`.
pub struct RemoteHands {
    reach: Reach,
    connections: Connections,
    /// What tells this run from others, on hosts.
    run: String,
}

impl RemoteHands {
    /// Returns hands that reach hosts as `reach` says.
    pub fn new(reach: Reach) -> Self {
        Self {
            reach,
            connections: Connections::default(),
            run: guarded::random(),
        }
    }

    pub(super) fn run_id(&self) -> &str {
        &self.run
    }

    /// Has the next call connect anew.
    pub(super) fn forget(&self, call: &Call) {
        if call.connection == "local" {
            self.connections.forget_local(&worked_for(call));
        } else {
            self.connections.forget(&call.host);
        }
    }

    /// Returns the shell that a call's programs go down, with a limit of its own for the
    /// connection where one is given.
    pub(super) async fn shell(
        &self,
        call: &Call,
        limit: Option<Duration>,
    ) -> Result<Shell, Blocked> {
        let user = call.r#become.as_ref();
        if call.connection == "local" {
            let shell = self.connections.local(&worked_for(call), user).await;
            return shell.map_err(Blocked::Transport);
        }
        let mut target = self
            .reach
            .target(&call.host, call.user.as_deref(), &call.scope)
            .map_err(|error| Blocked::Variables(error.to_string()))?;
        if let Some(limit) = limit {
            target.connect_timeout = limit;
        }
        let shell = self.connections.shell(&call.host, &target, user).await;
        shell.map_err(Blocked::Transport)
    }

    pub(super) async fn remote(&self, call: &Call, remote: &Remote) -> Outcome {
        let shell = match self.shell(call, None).await {
            Ok(shell) => shell,
            Err(blocked) => return blocked.outcome(),
        };
        let timeout = call.timeout.unwrap_or(remote.timeout);
        let mut before = environment(&call.environment);
        if let Some(fetch) = &remote.fetch {
            before.push_str(&fetch::known(call, fetch, self.reach.home.as_deref()));
        }
        let mut run = remote.run();
        loop {
            let job = Job {
                program: format!("{before}{}", run.program),
                input: run.input.clone(),
                timeout,
            };
            let reply = match shell.run(job).await {
                Ok(reply) => reply,
                Err(error) => {
                    self.forget(call);
                    return ended(&error);
                }
            };
            let Reply {
                code,
                stdout,
                stderr,
            } = reply;
            let answer = Answer {
                code,
                stdout: &stdout,
                stderr: &stderr,
            };
            match remote.read(&run, &answer) {
                Ok(Report::Done(result)) => {
                    let result = match &remote.fetch {
                        Some(fetch) => {
                            fetch::keep(call, fetch, *result, self.reach.home.as_deref())
                        }
                        None => *result,
                    };
                    return done(&result, call.diff);
                }
                Ok(Report::Again(next)) => run = next,
                Err(error) => return failed(&error.to_string()),
            }
        }
    }
}

impl Hands for RemoteHands {
    fn reset(&self, host: &str) {
        self.connections.forget(host);
    }

    async fn reach(&self, call: &Call) {
        if call.connection != "local" {
            // What is in the way, the call itself will say.
            drop(self.shell(call, None).await);
        }
    }

    async fn call(&self, call: Call) -> Outcome {
        let Some(module) = modules::find(call.module) else {
            return failed(&format!("the module {} is not supported", call.module));
        };
        let args = match modules::bind(module, &call.args) {
            Ok(args) => args,
            Err(errors) => {
                let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
                return failed(&texts.join("; "));
            }
        };
        let facts = call.scope.get("ansible_facts").ok().flatten();
        let facts = facts.unwrap_or_else(|| json!({}));
        let work = |check: bool| {
            (module.compile)(&modules::Call {
                args: &args,
                check,
                diff: call.diff,
                verbosity: 0,
                facts: &facts,
                files: &TaskFiles(&call.scope),
            })
        };
        let cover = dead_man::cover(&call);
        match work(call.check) {
            Ok(Work::Remote(remote)) if cover.is_some() => {
                // Commands say nothing of themselves in check mode.
                let looks = match work(true) {
                    Ok(Work::Remote(looks)) if !module.free_form => Some(looks),
                    _ => None,
                };
                let cover = cover.unwrap_or_default();
                self.guarded(&call, &cover, &remote, looks.as_deref()).await
            }
            Ok(Work::Done(result)) => done(&result, call.diff),
            Ok(Work::Remote(remote)) => self.remote(&call, &remote).await,
            Ok(Work::Engine(action)) => self.engine_action(&call, &action).await,
            Err(error) => failed(&error.to_string()),
        }
    }
}

/// Returns the host that a task is for. Hosts have a shell each on this machine, so that
/// they work side by side here, too.
fn worked_for(call: &Call) -> String {
    let name = call.scope.text("inventory_hostname").ok().flatten();
    name.unwrap_or_else(|| call.host.clone())
}

/// The assignments that go before a program.
fn environment(variables: &[(String, String)]) -> String {
    variables
        .iter()
        .map(|(name, value)| format!("export {name}={}\n", quote(value)))
        .collect()
}

/// Why there is no shell for a call.
pub(super) enum Blocked {
    /// The variables that say how the host is reached can't be used.
    Variables(String),
    /// It can't be reached, or the user not be changed.
    Transport(Arc<TransportError>),
}

impl Blocked {
    pub(super) fn outcome(&self) -> Outcome {
        match self {
            Self::Variables(text) => failed(text),
            Self::Transport(error) => ended(error),
        }
    }
}

/// What a connection's end means for the task: its own fault, or the host's.
fn ended(error: &TransportError) -> Outcome {
    let text = explained(error);
    match error {
        TransportError::Become { .. }
        | TransportError::RunTimedOut { .. }
        | TransportError::Signalled { .. }
        | TransportError::TooMuchOutput { .. }
        | TransportError::NulByte { .. } => failed(&text),
        _ => Outcome::Unreachable(text),
    }
}

/// Returns what went wrong, why, and what to do next.
pub(super) fn explained(error: &TransportError) -> String {
    let text = match std::error::Error::source(error) {
        Some(source) => format!("failed to {error}: {source}"),
        None => format!("failed to {error}"),
    };
    match error.hint() {
        Some(hint) => format!("{text}. {hint}"),
        None => text,
    }
}

pub(super) fn failed(text: &str) -> Outcome {
    Outcome::Done(TaskResult::failure(text).registered())
}

fn done(result: &TaskResult, diff: bool) -> Outcome {
    let mut map: Map<String, Value> = result.registered();
    if diff && !result.diff.is_empty() {
        let one = |diff: &Diff| {
            json!({
                "before": diff.before,
                "after": diff.after,
                "before_header": diff.before_header,
                "after_header": diff.after_header,
            })
        };
        map.insert("diff".to_owned(), result.diff.iter().map(one).collect());
    }
    Outcome::Done(map)
}
