//! The dead man's switch: a change that may shut swarmctl out is taken back by the host
//! itself unless it is confirmed over a fresh connection.
//!
//! Before such a task the host keeps a copy of the files and rules of its area and
//! starts a job that outlives the session. After it, swarmctl connects anew; only when
//! that works does it tell the job to let the change be. Where swarmctl was killed, or
//! nothing lets it in any more, the job puts the copy back and restarts the services.

use std::{sync::Arc, time::Duration};

use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{
    dead_man::Cover,
    outcome::{explained, failed},
    remote_hands::{Blocked, RemoteHands},
};
use crate::{
    play::{
        modules::{Remote, TaskResult, quote},
        run::{Call, Outcome},
    },
    transport::Job,
};

/// Where the host keeps what was before; gone with a restart, as is the job.
const DIRECTORY: &str = "/run/swarmctl-dead-man";

const ARM: &str = include_str!("sh/arm.sh");
const BACK: &str = include_str!("sh/back.sh");
const CONFIRM: &str = include_str!("sh/confirm.sh");

/// A service that reloads takes its files up a moment after it was told to.
const SETTLE: Duration = Duration::from_secs(1);
/// Between two tries to connect.
const PAUSE: Duration = Duration::from_millis(500);
/// How long the host may take to put everything back and answer again.
const TAKING_BACK: Duration = Duration::from_secs(60);
/// How long copying the files may take.
const ARMING: Duration = Duration::from_secs(120);
/// How long one try to connect may take; there is time for several.
const TRY: Duration = Duration::from_secs(6);
/// How long the confirmation may take: the job may be taking back just then.
const CONFIRMING: Duration = Duration::from_secs(30);

impl RemoteHands {
    /// Does a task under the switch. `looks` is the same work in check mode, where that
    /// tells whether anything would change.
    pub(super) async fn guarded(
        &self,
        call: &Call,
        cover: &Cover,
        remote: &Remote,
        looks: Option<&Remote>,
    ) -> Outcome {
        if let Some(looks) = looks
            && let Outcome::Done(fields) = self.remote(call, looks).await
            && !is(&fields, "changed")
            && !is(&fields, "failed")
        {
            return self.remote(call, remote).await;
        }
        let arming = Arming::new(self.run_id(), cover);
        let armed = Instant::now();
        match self.tell(call, &arming.arm(cover), ARMING, None).await {
            Ok(word) if word == "armed" => {}
            Ok(word) if word == "unarmed" => return self.remote(call, remote).await,
            Ok(said) => {
                return failed(&format!(
                    "the dead man's switch can't be armed, so nothing was changed: {said}. Set \
                     swarmctl_dead_man to false to do without"
                ));
            }
            Err(blocked) => return blocked.outcome(),
        }
        let outcome = self.remote(call, remote).await;
        if cover.takes_up {
            sleep(SETTLE).await;
        }
        // A moment before the host's own deadline, so that the answer is heard.
        let deadline = armed + Duration::from_secs(cover.seconds.saturating_sub(1));
        let why = match self.confirmed(call, &arming, cover, deadline).await {
            Ok(Word::Kept) => return outcome,
            Ok(Word::Lost) => "the host restarted meanwhile".to_owned(),
            Ok(Word::Taken) => "the confirmation came too late".to_owned(),
            Err(why) => why,
        };
        let until = armed + Duration::from_secs(cover.seconds) + TAKING_BACK;
        let back = self.confirmed(call, &arming, cover, until).await;
        if back == Ok(Word::Kept) {
            return outcome;
        }
        Outcome::Done(self.taken_back(cover, &why, &back).registered())
    }

    /// Confirms over fresh connections until one works or the time is over.
    async fn confirmed(
        &self,
        call: &Call,
        arming: &Arming,
        cover: &Cover,
        deadline: Instant,
    ) -> Result<Word, String> {
        let program = arming.confirm(cover);
        loop {
            // What is open already proves nothing.
            self.forget(call);
            let left = deadline.saturating_duration_since(Instant::now());
            // Who gives a slow host more time gives each try more, too.
            let most = TRY.max(Duration::from_secs(cover.seconds / 5));
            let limit = left.clamp(SETTLE, most);
            let why = match self.tell(call, &program, CONFIRMING, Some(limit)).await {
                Ok(word) => match word.as_str() {
                    "kept" => return Ok(Word::Kept),
                    "taken" => return Ok(Word::Taken),
                    "lost" => return Ok(Word::Lost),
                    _ => word,
                },
                Err(Blocked::Variables(why)) => why,
                Err(Blocked::Transport(error)) => explained(&error),
            };
            if Instant::now() + PAUSE >= deadline {
                self.forget(call);
                return Err(why);
            }
            sleep(PAUSE).await;
        }
    }

    fn taken_back(&self, cover: &Cover, why: &str, back: &Result<Word, String>) -> TaskResult {
        let area = match cover.name.as_str() {
            "ssh" => "sshd",
            "firewall" => "the firewall",
            "network" => "the network",
            _ => "this",
        };
        let after = match back {
            Ok(Word::Taken) => "The host took it back and answers again".to_owned(),
            Ok(Word::Kept | Word::Lost) => {
                "The host restarted, so nothing took the change back; it answers again".to_owned()
            }
            Err(why) => format!(
                "The host takes it back by itself, but it does not answer yet: {why}. Look at \
                 its console, and at {DIRECTORY} there"
            ),
        };
        TaskResult::failure(format!(
            "after this change of {area} no fresh connection worked within {} s: {why}. {after}. \
             Files: {}",
            cover.seconds,
            cover.paths.join(", ")
        ))
        .with("dead_man", cover.name.as_str())
    }

    /// Runs a program of the switch and returns what it says.
    async fn tell(
        &self,
        call: &Call,
        program: &str,
        timeout: Duration,
        connect: Option<Duration>,
    ) -> Result<String, Blocked> {
        let shell = self.shell(call, connect).await?;
        let job = Job {
            program: program.to_owned(),
            input: Vec::new(),
            timeout,
        };
        let lost = |error| Blocked::Transport(Arc::new(error));
        let reply = shell.run(job).await.map_err(lost)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        Ok(match text(&reply.stdout) {
            word if word.is_empty() => text(&reply.stderr),
            word => word,
        })
    }
}

/// What the host says of a confirmation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Kept,
    Taken,
    Lost,
}

/// One arming of the switch.
struct Arming {
    directory: String,
    token: String,
}

impl Arming {
    fn new(run: &str, cover: &Cover) -> Self {
        Self {
            directory: format!("{DIRECTORY}/{run}-{}", cover.name),
            token: random(),
        }
    }

    fn named(&self) -> String {
        format!("dd={}\ntk={}\n", quote(&self.directory), quote(&self.token))
    }

    fn arm(&self, cover: &Cover) -> String {
        format!(
            "{}ds={}\ndp={}\ndv={}\ndb={}\n{ARM}",
            self.named(),
            cover.seconds,
            quote(&cover.paths.join("\n")),
            quote(&cover.services.join("\n")),
            quote(BACK),
        )
    }

    fn confirm(&self, cover: &Cover) -> String {
        let up = if cover.takes_up { "1" } else { "" };
        format!("{}up={up}\n{CONFIRM}", self.named())
    }
}

/// Returns a name that no other run has.
pub(super) fn random() -> String {
    use std::hash::{BuildHasher as _, RandomState};
    format!("{:016x}", RandomState::new().hash_one(std::process::id()))
}

fn is(fields: &serde_json::Map<String, Value>, name: &str) -> bool {
    fields.get(name) == Some(&Value::Bool(true))
}
