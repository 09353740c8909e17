use std::{process::Stdio, time::Duration};

use tokio::process::Command;

use super::{
    Output, TransportError,
    carrier::Carrier,
    channel::{Channel, End},
};

/// No connection at all: programs run on this machine, as this process's user.
pub(super) struct Local;

impl Local {
    fn command(line: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", line]).kill_on_drop(true);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

impl Carrier for Local {
    async fn run(
        &self,
        program: &str,
        line: &str,
        limit: Duration,
    ) -> Result<Output, TransportError> {
        let work = Self::command(line).stdin(Stdio::null()).output();
        match tokio::time::timeout(limit, work).await {
            Ok(Ok(output)) => match output.status.code() {
                Some(code) => Ok(Output {
                    code,
                    stdout: output.stdout,
                    stderr: output.stderr,
                }),
                None => Err(TransportError::Signalled {
                    host: HERE.to_owned(),
                    program: program.to_owned(),
                }),
            },
            Ok(Err(error)) => Err(no_shell(&error)),
            Err(_) => Err(TransportError::RunTimedOut {
                host: HERE.to_owned(),
                program: program.to_owned(),
                limit,
            }),
        }
    }

    async fn open(&self, line: &str) -> Result<Channel, TransportError> {
        let spawned = Self::command(line).stdin(Stdio::piped()).spawn();
        let mut child = spawned.map_err(|error| no_shell(&error))?;
        match (child.stdin.take(), child.stdout.take(), child.stderr.take()) {
            (Some(stdin), Some(stdout), Some(stderr)) => Ok(Channel {
                stdin: Box::new(stdin),
                stdout: Box::new(stdout),
                stderr: Box::new(stderr),
                end: Box::pin(async move {
                    match child.wait().await.map(|status| status.code()) {
                        Ok(Some(code)) => End::Code(code),
                        Ok(None) => End::Signal,
                        Err(_) => End::Unknown,
                    }
                }),
            }),
            _ => Err(TransportError::Closed {
                host: HERE.to_owned(),
            }),
        }
    }

    async fn close(self) {}
}

/// What this machine is called in errors.
pub(super) const HERE: &str = "this machine";

fn no_shell(error: &std::io::Error) -> TransportError {
    TransportError::NoShell {
        host: HERE.to_owned(),
        message: format!("sh can't be run: {error}"),
    }
}
