use std::{io, process::Stdio, time::Duration};

use serde_json::{Map, Value, json};
use tokio::{io::AsyncWriteExt, process::Command};

use super::{connections::Connections, reach::Reach, task_files::TaskFiles};
use crate::{
    play::{
        modules::{self, Answer, Diff, Remote, Report, TaskResult, Work, exports},
        run::{Call, Hands, Outcome},
    },
    transport::{Job, Shell, TransportError},
};

/// Does the work on hosts: over SSH, or on this machine for `connection: local`.
pub struct RemoteHands {
    reach: Reach,
    connections: Connections,
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
            connections: Connections::default(),
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
        shell.map(Place::Over).map_err(|error| ended(&error))
    }

    async fn remote(&self, call: &Call, remote: &Remote) -> Outcome {
        let place = match self.place(call).await {
            Ok(place) => place,
            Err(outcome) => return outcome,
        };
        let timeout = call.timeout.unwrap_or(remote.timeout);
        let environment = environment(&call.environment);
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
        let work = (module.compile)(&modules::Call {
            args: &args,
            check: call.check,
            diff: call.diff,
            verbosity: 0,
            facts: &facts,
            files: &TaskFiles(&call.scope),
        });
        match work {
            Ok(Work::Done(result)) => done(&result, call.diff),
            Ok(Work::Remote(remote)) => self.remote(&call, &remote).await,
            Ok(Work::Engine(_)) => failed(&format!("{} can't be done on a host", call.module)),
            Err(error) => failed(&error.to_string()),
        }
    }
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

/// The assignments that go before a program.
fn environment(variables: &[(String, String)]) -> String {
    exports(
        variables
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
    )
}

/// What a connection's end means for the task: its own fault, or the host's.
fn ended(error: &TransportError) -> Outcome {
    let text = match std::error::Error::source(error) {
        Some(source) => format!("failed to {error}: {source}"),
        None => format!("failed to {error}"),
    };
    match error {
        TransportError::Become { .. }
        | TransportError::RunTimedOut { .. }
        | TransportError::Signalled { .. }
        | TransportError::TooMuchOutput { .. }
        | TransportError::NulByte { .. } => failed(&text),
        _ => Outcome::Unreachable(match error.hint() {
            Some(hint) => format!("{text}. {hint}"),
            None => text,
        }),
    }
}

fn failed(text: &str) -> Outcome {
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
