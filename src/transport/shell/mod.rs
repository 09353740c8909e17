//! One long-lived POSIX shell on one channel, and the programs that go down it.
//!
//! The far side runs `sh -s` and reads its script from the channel: first the
//! functions (`bootstrap.sh`, and those of the other files when they are needed), then
//! for each job an assignment of the quoted program, a call that runs it in a subshell, and a call that reports. So neither a
//! program nor its input is ever an argument of a process. A cut connection leaves
//! an open quote or a call without its last word, which runs nothing.
//!
//! A job's streams are files of its own in a private directory, a tmpfs where there
//! is one: a child that it leaves behind can neither hold up nor garble what comes
//! after it. The marker that ends a reply is sent behind the job, which therefore
//! can't print it. Input that is no text goes raw, after the far side has said that
//! it read all the script there is: no shell and no `head` then reads too much.

mod drive;
mod frames;
mod guarded;
mod job;
mod live;
mod marker;
mod script;
mod start;
mod traffic;

pub use guarded::{ASKS, CHANGED, Guarded, Probe, Ran};
pub use job::{Job, Reply};
pub use live::{Live, Piece};
pub(super) use traffic::Counters;
pub use traffic::Traffic;

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::{Become, TransportError, carrier::Carrier};
use drive::Request;

/// How many jobs may wait in this process; the rest wait in [`Shell::run`].
const WAITING: usize = 64;

/// A shell on a machine. Clones are the same shell; it ends with the last of them,
/// after the jobs that were sent.
#[derive(Clone)]
pub struct Shell {
    host: String,
    requests: mpsc::Sender<Request>,
    counters: Arc<Counters>,
    session: Arc<Counters>,
}

impl Shell {
    pub(super) async fn start(
        host: &str,
        carrier: &impl Carrier,
        become_user: Option<&Become>,
        session: &Arc<Counters>,
    ) -> Result<Self, TransportError> {
        let counters = Arc::new(Counters::of_channel(session));
        let ready = start::start(host, carrier, become_user, &counters).await?;
        let (requests, received) = mpsc::channel(WAITING);
        tokio::spawn(drive::drive(
            host.to_owned(),
            ready,
            received,
            Arc::clone(&counters),
        ));
        Ok(Self {
            host: host.to_owned(),
            requests,
            counters,
            session: Arc::clone(session),
        })
    }

    /// Runs a program after those that were given before it, and waits for its end.
    /// It is sent at once, whether those have ended or not.
    ///
    /// The program runs in a subshell, so it may `exit`, `exec` or `cd`. It runs on
    /// when the returned future is dropped.
    ///
    /// # Errors
    /// When it was not run to its end: an exit code other than 0 is no error, and
    /// death by a signal is 128 plus the signal's number. A job that ran out of its
    /// time ends the shell, and the jobs behind it fail as
    /// [`Closed`](TransportError::Closed).
    pub async fn run(&self, job: Job) -> Result<Reply, TransportError> {
        if job.program.contains('\0') {
            return Err(TransportError::NulByte {
                host: self.host.clone(),
            });
        }
        let closed = || TransportError::Closed {
            host: self.host.clone(),
        };
        let (reply, replied) = oneshot::channel();
        let request = Request::One(job, reply);
        self.requests.send(request).await.map_err(|_| closed())?;
        match replied.await.map_err(|_| closed())?? {
            Ran::Whole(reply) | Ran::Probed(reply) => Ok(reply),
            Ran::Skipped => Err(closed()),
        }
    }

    /// Sends jobs that guard each other, all at once. Their replies come in order; one
    /// that never comes means that the shell was closed.
    ///
    /// No program may hold NUL bytes, and each input must [fit](Self::fits).
    pub async fn volley(
        &self,
        jobs: Vec<Guarded>,
    ) -> Vec<oneshot::Receiver<Result<Ran, TransportError>>> {
        let (jobs, replies): (Vec<_>, Vec<_>) = jobs
            .into_iter()
            .map(|job| {
                let (reply, replied) = oneshot::channel();
                ((job, reply), replied)
            })
            .unzip();
        // When it is closed, so are the replies.
        drop(self.requests.send(Request::Volley(jobs)).await);
        replies
    }

    /// Returns whether an input can go in a volley.
    pub fn fits(input: &[u8]) -> bool {
        script::fits(input)
    }

    /// Returns the machine's name.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns what went over the channel so far.
    pub fn traffic(&self) -> Traffic {
        self.counters.traffic()
    }

    /// Returns what went over all channels of the session so far, as
    /// [`Session::traffic`](super::Session::traffic) does.
    pub fn session_traffic(&self) -> Traffic {
        self.session.traffic()
    }
}
