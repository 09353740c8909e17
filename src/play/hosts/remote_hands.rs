use std::{io, process::Stdio, sync::Arc, time::Duration};

use serde_json::Value;
use tokio::{io::AsyncWriteExt, process::Command, sync::oneshot};

use super::{
    conduct::conduct,
    connections::Connections,
    environment::environment,
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
    transport::{Job, Shell},
};

/// Does the work on hosts: over SSH, or on this machine for `connection: local`.
pub struct RemoteHands {
    reach: Reach,
    connections: Arc<Connections>,
}

/// Where one program runs.
enum Place {
    Over(Shell),
    Here,
}

impl RemoteHands {
    /// Returns hands that reach hosts as `reach` says.
    pub fn new(reach: Reach) -> Self {
        Self {
            reach,
            connections: Arc::default(),
        }
    }

    async fn place(&self, call: &Call) -> Result<Place, Outcome> {
        if call.connection == "local" {
            return match &call.r#become {
                None => Ok(Place::Here),
                Some(_) => Err(failed("become is not supported with connection: local")),
            };
        }
        let target = self
            .reach
            .target(&call.host, call.user.as_deref(), &call.scope)
            .map_err(|error| failed(&error.to_string()))?;
        let shell = self
            .connections
            .shell(&call.host, &target, call.r#become.as_ref())
            .await;
        shell
            .map(|line| Place::Over(line.shell))
            .map_err(|error| ended(&error))
    }

    async fn remote(&self, call: &Call, remote: &Remote) -> Outcome {
        let place = match self.place(call).await {
            Ok(place) => place,
            Err(outcome) => return outcome,
        };
        let timeout = call.timeout.unwrap_or(remote.timeout);
        let environment = match environment(&call.environment) {
            Ok(environment) => environment,
            Err(message) => return failed(&message),
        };
        let mut run = remote.run();
        loop {
            let program = format!("{environment}{}", run.program);
            let reply = match &place {
                Place::Here => here(&program, &run.input, timeout).await,
                Place::Over(shell) => {
                    let job = Job {
                        program,
                        input: run.input.clone(),
                        timeout,
                    };
                    match shell.run(job).await {
                        Ok(reply) => Ok((reply.code, reply.stdout, reply.stderr)),
                        Err(error) => {
                            self.connections.forget(&call.host);
                            return ended(&error);
                        }
                    }
                }
            };
            let (code, stdout, stderr) = match reply {
                Ok(reply) => reply,
                Err(error) => return failed(&format!("could not run sh: {error}")),
            };
            let answer = Answer {
                code,
                stdout: &stdout,
                stderr: &stderr,
            };
            match remote.read(&run, &answer) {
                Ok(Report::Done(result)) => return done(&result, call.diff),
                Ok(Report::Again(next)) => run = next,
                Err(error) => return failed(&error.to_string()),
            }
        }
    }
}

impl Hands for RemoteHands {
    async fn call(&self, call: Call) -> Outcome {
        let work = match compile(&call) {
            Ok(work) => work,
            Err(message) => return failed(&message),
        };
        match work {
            Work::Done(result) => done(&result, call.diff),
            Work::Remote(remote) => self.remote(&call, &remote).await,
            Work::Engine(_) => failed(&format!("{} can't be done on a host", call.module)),
        }
    }

    fn ready(&self, call: &Call) -> Option<Ready> {
        let conduct = conduct(call.module)?;
        if call.connection == "local" {
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

/// Runs a program on this machine. It goes in a file that only this user can read, so
/// that the process list shows none of it.
async fn here(
    program: &str,
    input: &[u8],
    timeout: Duration,
) -> io::Result<(i32, Vec<u8>, Vec<u8>)> {
    let file = tempfile::NamedTempFile::new()?;
    tokio::fs::write(file.path(), program).await?;
    let mut child = Command::new("sh")
        .arg(file.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let stdin = child.stdin.take();
    let feed = async {
        if let Some(mut stdin) = stdin {
            // A program that does not read its input is none the worse for it.
            let _ = stdin.write_all(input).await;
        }
    };
    let work = async { tokio::join!(feed, child.wait_with_output()).1 };
    let output = tokio::time::timeout(timeout, work).await.map_err(|_| {
        let text = format!("it did not end within {} s", timeout.as_secs());
        io::Error::new(io::ErrorKind::TimedOut, text)
    })??;
    let code = output.status.code().unwrap_or(-1);
    Ok((code, output.stdout, output.stderr))
}
