//! Waits for hosts that went away: `reboot` and `wait_for_connection`.

use std::{sync::Arc, time::Duration};

use serde_json::{Map, Value, json};
use tokio::time::{Instant, sleep};

use super::{
    outcome::{explained, failed},
    remote_hands::{Blocked, RemoteHands},
};
use crate::{
    play::{
        modules::{EngineAction, Remote},
        run::{Call, Outcome},
    },
    transport::{Job, TransportError},
};

/// Between two tries to reach a host that restarts.
const PAUSE: Duration = Duration::from_secs(1);

/// A program that only looks gets at least this long, however short one try is.
const LOOK: Duration = Duration::from_secs(10);

/// How long is waited, and in which steps.
#[derive(Clone, Copy)]
struct Patience {
    deadline: Instant,
    pause: Duration,
    connect: Duration,
}

impl RemoteHands {
    /// Does what only the engine can do, where it is about a host.
    pub(super) async fn engine_action(&self, call: &Call, action: &EngineAction) -> Outcome {
        match action {
            EngineAction::WaitForConnection {
                delay,
                sleep: pause,
                timeout,
                connect_timeout,
            } => {
                let begun = Instant::now();
                sleep(*delay).await;
                let patience = Patience {
                    deadline: begun + *timeout,
                    pause: *pause,
                    connect: *connect_timeout,
                };
                let answer = if call.connection == "local" {
                    Ok(String::new())
                } else {
                    self.forget(call);
                    self.until(call, patience, ":", |_| true).await
                };
                ended(begun, Map::new(), answer, "timed out waiting for the host")
            }
            EngineAction::Reboot {
                program,
                post_delay,
                timeout,
                connect_timeout,
                boot_command,
                test_command,
            } => {
                let waits = Waits {
                    post_delay: *post_delay,
                    timeout: *timeout,
                    connect: *connect_timeout,
                };
                self.reboot(call, program, waits, boot_command, test_command)
                    .await
            }
            _ => failed(&format!("{} can't be done on a host", call.module)),
        }
    }

    async fn reboot(
        &self,
        call: &Call,
        program: &Remote,
        waits: Waits,
        boot_command: &str,
        test_command: &str,
    ) -> Outcome {
        let rebooted = |flag: bool| {
            let mut fields = Map::new();
            fields.insert("changed".to_owned(), flag.into());
            fields.insert("rebooted".to_owned(), flag.into());
            fields
        };
        let begun = Instant::now();
        if call.connection == "local" {
            let why = "with a local connection, this machine itself would restart";
            return ended(begun, rebooted(false), Err(why.to_owned()), "");
        }
        let started = match self.remote(call, program).await {
            Outcome::Done(fields) => fields,
            lost @ Outcome::Unreachable(_) => return lost,
        };
        if started.get("failed") == Some(&Value::Bool(true)) {
            return Outcome::Done(started);
        }
        if call.check {
            return ended(begun, rebooted(true), Ok(String::new()), "");
        }
        let before = text(&started, "boot_id");
        if before.is_empty() {
            let why = "it does not tell one boot from another: boot_time_command printed nothing";
            return ended(begun, rebooted(true), Err(why.to_owned()), "");
        }
        self.forget(call);
        sleep(waits.post_delay).await;
        let patience = || Patience {
            deadline: Instant::now() + waits.timeout,
            pause: PAUSE,
            connect: waits.connect,
        };
        let another = |now: &str| !now.is_empty() && now != before;
        let seconds = waits.timeout.as_secs();
        let back = self.until(call, patience(), boot_command, another).await;
        if let Err(why) = back {
            let what = format!("the host did not restart within {seconds} s");
            return ended(begun, rebooted(true), Err(why), &what);
        }
        let ready = self.until(call, patience(), test_command, |_| true).await;
        let what = format!("the host restarted, but `test_command` failed for {seconds} s");
        ended(begun, rebooted(true), ready, &what)
    }

    /// Connects anew and runs a command, again and again until it succeeds with an
    /// output that is wanted; returns that, or what was last in the way.
    async fn until(
        &self,
        call: &Call,
        patience: Patience,
        command: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<String, String> {
        loop {
            let why = match self.look(call, patience, command).await {
                Ok((0, text)) if wanted(&text) => return Ok(text),
                Ok((0, text)) => format!("it still says {text:?}"),
                Ok((code, text)) => format!("`{command}` ended with code {code}: {text}"),
                Err(Blocked::Variables(why)) => return Err(why),
                Err(Blocked::Transport(error)) if is_final(&error) => {
                    return Err(explained(&error));
                }
                Err(Blocked::Transport(error)) => explained(&error),
            };
            // The next try, or the next task, connects anew.
            self.forget(call);
            if Instant::now() + patience.pause >= patience.deadline {
                return Err(why);
            }
            sleep(patience.pause).await;
        }
    }

    async fn look(
        &self,
        call: &Call,
        patience: Patience,
        command: &str,
    ) -> Result<(i32, String), Blocked> {
        let shell = self.shell(call, Some(patience.connect)).await?;
        let job = Job {
            program: format!("exec 2>&1\n{command}"),
            input: Vec::new(),
            timeout: patience.connect.max(LOOK),
        };
        let lost = |error| Blocked::Transport(Arc::new(error));
        let reply = shell.run(job).await.map_err(lost)?;
        let text = String::from_utf8_lossy(&reply.stdout).trim().to_owned();
        Ok((reply.code, text))
    }
}

#[derive(Clone, Copy)]
struct Waits {
    post_delay: Duration,
    timeout: Duration,
    connect: Duration,
}

/// Returns whether waiting can't help.
fn is_final(error: &TransportError) -> bool {
    matches!(
        error,
        TransportError::HostKeyChanged { .. }
            | TransportError::PrivateKey { .. }
            | TransportError::NoSsh(_)
    )
}

fn ended(
    begun: Instant,
    mut fields: Map<String, Value>,
    answer: Result<String, String>,
    what: &str,
) -> Outcome {
    fields.entry("changed").or_insert(false.into());
    fields.insert("elapsed".to_owned(), begun.elapsed().as_secs().into());
    fields.insert("failed".to_owned(), answer.is_err().into());
    if let Err(why) = answer {
        let text = if what.is_empty() {
            why
        } else {
            format!("{what}: {why}")
        };
        fields.insert("msg".to_owned(), json!(text));
    }
    Outcome::Done(fields)
}

fn text(fields: &Map<String, Value>, name: &str) -> String {
    let text = fields.get(name).and_then(Value::as_str);
    text.unwrap_or_default().trim().to_owned()
}
