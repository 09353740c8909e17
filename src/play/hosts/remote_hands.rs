use std::{sync::Arc, time::Duration};

use serde_json::Value;
use tokio::sync::oneshot;

use super::{
    conduct::conduct,
    connections::Connections,
    dead_man,
    environment::environment,
    fetch, guarded,
    outcome::{done, ended, failed},
    reach::Reach,
    task_files::TaskFiles,
    volley::{self, Entry, Prepared, Queue},
};
use crate::{
    play::{
        modules::{self, Answer, Remote, Report, Work},
        run::{Ahead, Call, Coming, Cost, Hands, Outcome, Ready},
    },
    transport::{Job, Reply, Shell, TransportError},
};

/// Does the work on hosts: over SSH, or on this machine for `connection: local`.
pub struct RemoteHands {
    reach: Reach,
    connections: Arc<Connections>,
    /// What tells this run from others, on hosts.
    run: String,
}

impl RemoteHands {
    /// Returns hands that reach hosts as `reach` says.
    pub fn new(reach: Reach) -> Self {
        Self {
            reach,
            connections: Arc::default(),
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
        let line = self.connections.shell(&call.host, &target, user).await;
        line.map(|line| line.shell).map_err(Blocked::Transport)
    }

    pub(super) async fn remote(&self, call: &Call, remote: &Remote) -> Outcome {
        let shell = match self.shell(call, None).await {
            Ok(shell) => shell,
            Err(blocked) => return blocked.outcome(),
        };
        let timeout = call.timeout.unwrap_or(remote.timeout);
        let mut before = match environment(&call.environment) {
            Ok(environment) => environment,
            Err(message) => return failed(&message),
        };
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
        let work = match compile(&call) {
            Ok(work) => work,
            Err(message) => return failed(&message),
        };
        match (work, dead_man::cover(&call)) {
            (Work::Remote(remote), Some(cover)) => {
                // Commands say nothing of themselves in check mode.
                let speaks = modules::find(call.module).is_some_and(|module| !module.free_form);
                let mut look = call.clone();
                look.check = true;
                let looks = match compile(&look) {
                    Ok(Work::Remote(looks)) if speaks => Some(looks),
                    _ => None,
                };
                self.guarded(&call, &cover, &remote, looks.as_deref()).await
            }
            (Work::Done(result), _) => done(&result, call.diff),
            (Work::Remote(remote), None) => self.remote(&call, &remote).await,
            (Work::Engine(action), _) => self.engine_action(&call, &action).await,
        }
    }

    fn ready(&self, call: &Call) -> Option<Ready> {
        let conduct = conduct(call.module)?;
        // What may shut us out goes alone, and so does what needs no connection.
        if call.connection == "local" || dead_man::cover(call).is_some() {
            return None;
        }
        let environment = environment(&call.environment).ok()?;
        let work = compile(call).ok()?;
        let prepared = Prepared::new(call.clone(), conduct, environment, work)?;
        Some(Ready {
            size: prepared.size(),
            sets: conduct.sets(call),
            inward: conduct.inward,
            work: Box::new(prepared),
        })
    }

    fn send(&self, calls: Vec<Ahead>) -> Vec<Coming> {
        let mut coming = Vec::with_capacity(calls.len());
        let mut entries = Vec::with_capacity(calls.len());
        for ahead in calls {
            let Ok(prepared) = ahead.ready.work.downcast::<Prepared>() else {
                break;
            };
            let (answer, comes) = oneshot::channel();
            coming.push(comes);
            entries.push(Entry::new(*prepared, ahead.task, ahead.ignored, answer));
        }
        let Some(call) = entries.first().map(|entry| entry.call().clone()) else {
            return coming;
        };
        let target = self
            .reach
            .target(&call.host, call.user.as_deref(), &call.scope);
        // What needs no host is answered without one.
        let Some(queue) = Queue::new(entries) else {
            return coming;
        };
        let connections = Arc::clone(&self.connections);
        tokio::spawn(async move {
            let target = match target {
                Ok(target) => target,
                Err(error) => return queue.refuse(failed(&error.to_string())),
            };
            let line = connections
                .shell(&call.host, &target, call.r#become.as_ref())
                .await;
            match line {
                Ok(line) => {
                    if volley::conduct(&line, queue).await.is_err() {
                        connections.forget(&call.host);
                    }
                }
                Err(error) => queue.refuse(ended(&error)),
            }
        });
        coming
    }

    fn cost(&self, host: &str) -> Cost {
        let traffic = self.connections.traffic(host);
        Cost {
            round_trips: traffic.round_trips,
            sent: traffic.sent,
            received: traffic.received,
            ..Cost::default()
        }
    }
}

/// Makes a call's arguments the module's work.
///
/// # Errors
/// A sentence.
fn compile(call: &Call) -> Result<Work, String> {
    let Some(module) = modules::find(call.module) else {
        return Err(format!("the module {} is not supported", call.module));
    };
    let args = modules::bind(module, &call.args).map_err(|errors| {
        let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
        texts.join("; ")
    })?;
    (module.compile)(&modules::Call {
        args: &args,
        check: call.check,
        diff: call.diff,
        verbosity: 0,
        facts: &Value::Null,
        files: &TaskFiles(&call.scope),
    })
    .map_err(|error| error.to_string())
}

/// Returns the host that a task is for. Hosts have a shell each on this machine, so that
/// they work side by side here, too.
fn worked_for(call: &Call) -> String {
    let name = call.scope.text("inventory_hostname").ok().flatten();
    name.unwrap_or_else(|| call.host.clone())
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
