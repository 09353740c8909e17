//! Calls that go to a host together.
//!
//! All programs are sent at once. The far side does one after the other, and stops at
//! the first that fails, or asks for content that did not travel; behind that it only
//! looks. What the others would need is thus known after one volley, and the second
//! brings it all: two round trips for any number of files. An answer that only came
//! of looking counts when nothing before it changed anything; else the program is run
//! for real.

use std::collections::VecDeque;

use tokio::sync::oneshot;

use super::{
    conduct::Conduct,
    connections::Line,
    outcome::{done, ended, failed},
};
use crate::{
    play::{
        modules::{Answer, Remote, Report, Run, TaskResult, Work},
        run::{Call, Outcome},
    },
    transport::{ASKS, Guarded, Job, Ran, Reply, Shell, TransportError},
};

/// How much goes in one volley, in bytes.
const BYTES: usize = 4 << 20;
/// How often a program may ask again, since something else changes what it edits.
const TRIES: u8 = 3;

/// A call that can be sent.
pub(super) struct Prepared {
    call: Call,
    conduct: Conduct,
    environment: String,
    work: Work,
}

impl Prepared {
    /// Returns a call that can be sent with others; `None` when it can't.
    pub(super) fn new(
        call: Call,
        conduct: Conduct,
        environment: String,
        work: Work,
    ) -> Option<Self> {
        match &work {
            Work::Done(_) => {}
            Work::Remote(remote) => {
                let nul = remote.program.contains('\0') || environment.contains('\0');
                if nul || remote.fetch.is_some() || !Shell::fits(&remote.input) {
                    return None;
                }
            }
            Work::Engine(_) => return None,
        }
        Some(Self {
            call,
            conduct,
            environment,
            work,
        })
    }

    /// Returns about how many bytes it holds.
    pub(super) fn size(&self) -> usize {
        match &self.work {
            Work::Remote(remote) => remote.size(),
            _ => 0,
        }
    }
}

/// A call on its way.
pub(super) struct Entry {
    prepared: Prepared,
    task: usize,
    ignored: bool,
    answer: oneshot::Sender<Outcome>,
    /// What is run next; `None` until the first run.
    run: Option<Run>,
    tries: u8,
}

/// What a reply means for the entry it is for.
enum Means {
    /// It is done.
    Done(Box<TaskResult>),
    /// It is run again, so.
    Again(Run),
    /// Nothing: it is run as before.
    Nothing,
    /// It can't be done.
    Broken(String),
}

impl Entry {
    pub(super) fn new(
        prepared: Prepared,
        task: usize,
        ignored: bool,
        answer: oneshot::Sender<Outcome>,
    ) -> Self {
        Self {
            prepared,
            task,
            ignored,
            answer,
            run: None,
            tries: 0,
        }
    }

    pub(super) fn call(&self) -> &Call {
        &self.prepared.call
    }

    fn remote(&self) -> Option<&Remote> {
        match &self.prepared.work {
            Work::Remote(remote) => Some(remote),
            _ => None,
        }
    }

    fn run(&self, remote: &Remote) -> Run {
        self.run.clone().unwrap_or_else(|| remote.lean_run())
    }

    /// Reads what a run for real answered.
    fn whole(&mut self, reply: &Reply) -> Means {
        let Some(remote) = self.remote() else {
            return Means::Nothing;
        };
        let answer = answer(reply);
        let run = self.run(remote);
        // One that asks though it was given something found something else there.
        let anew = run.second && reply.code == ASKS;
        let read = if anew {
            remote.read(&remote.lean_run(), &answer)
        } else {
            remote.read(&run, &answer)
        };
        match read {
            Ok(Report::Done(result)) => Means::Done(result),
            Ok(Report::Again(next)) => {
                self.tries += u8::from(anew);
                if self.tries > TRIES {
                    return Means::Broken("what it edits changes all the time".to_owned());
                }
                Means::Again(next)
            }
            Err(error) => Means::Broken(error.to_string()),
        }
    }

    /// Reads what a run answered that only looked.
    fn probed(&self, reply: &Reply, accepting: bool) -> Means {
        let Some(remote) = self.remote() else {
            return Means::Nothing;
        };
        let answer = answer(reply);
        let run = remote.lean_run();
        match remote.read(&run, &answer) {
            Ok(Report::Again(next)) if reply.code == ASKS => Means::Again(next),
            // In check mode, looking is all there is.
            Ok(Report::Done(result)) if accepting && self.prepared.call.check => {
                Means::Done(result)
            }
            Ok(Report::Done(result)) if result.failed => Means::Nothing,
            Ok(Report::Done(result)) => {
                let unchanged = !result.changed && result.warnings.is_empty();
                if accepting && unchanged {
                    return Means::Done(result);
                }
                match remote.confirm(&run, &answer, &result) {
                    Some(next) if reply.code == ASKS && unchanged => Means::Again(next),
                    _ => Means::Nothing,
                }
            }
            _ => Means::Nothing,
        }
    }

    fn settle(self, outcome: Outcome) {
        // Nobody may wait any more.
        drop(self.answer.send(outcome));
    }
}

fn answer(reply: &Reply) -> Answer<'_> {
    Answer {
        code: reply.code,
        stdout: &reply.stdout,
        stderr: &reply.stderr,
    }
}

/// Calls that are not done yet, in order.
pub(super) struct Queue {
    entries: VecDeque<Entry>,
    /// The task of which a call failed: none of a later task is done.
    failed: Option<usize>,
}

/// Does calls down a shell, one after the other, and answers each.
///
/// # Errors
/// When the shell is of no more use. The call at which that was seen is answered.
pub(super) async fn conduct(line: &Line, mut queue: Queue) -> Result<(), ()> {
    loop {
        queue.settle_known();
        let Some(first) = queue.entries.front() else {
            return Ok(());
        };
        let replies = match first.remote().map(|remote| (first.run(remote), remote)) {
            Some((run, remote)) if !Shell::fits(&run.input) => {
                let reply = line.shell.run(queue.alone(first, remote, &run)).await;
                queue.take(0, reply.map(Ran::Whole), &mut Looking::default())?;
                continue;
            }
            _ => {
                let mut given = line.given.lock().await;
                let (jobs, numbers): (Vec<_>, Vec<_>) = queue.jobs(&mut given).into_iter().unzip();
                let replies = line.shell.volley(jobs).await;
                numbers.into_iter().zip(replies)
            }
        };
        let mut looking = Looking::default();
        let mut taken = 0;
        for (number, reply) in replies {
            let reply = reply.await.unwrap_or_else(|_| {
                Err(TransportError::Closed {
                    host: line.shell.host().to_owned(),
                })
            });
            taken += queue.take(number.saturating_sub(taken), reply, &mut looking)?;
        }
    }
}

/// How the replies of a volley are read.
#[derive(Default)]
struct Looking {
    /// Whether something before is not done yet.
    behind: bool,
}

impl Queue {
    /// Returns a queue in which the first call needs a host; `None` when none does.
    pub(super) fn new(entries: Vec<Entry>) -> Option<Self> {
        let mut queue = Self {
            entries: entries.into(),
            failed: None,
        };
        queue.settle_known();
        (!queue.entries.is_empty()).then_some(queue)
    }

    /// Has the first call end like this, and none of the others be done.
    pub(super) fn refuse(mut self, outcome: Outcome) {
        if let Some(first) = self.entries.pop_front() {
            first.settle(outcome);
        }
    }

    /// Answers what needs no host, as long as it is first.
    fn settle_known(&mut self) {
        while let Some(entry) = self.entries.front() {
            if self.failed.is_some_and(|task| task != entry.task) {
                self.entries.clear();
                return;
            }
            if !matches!(entry.prepared.work, Work::Done(_)) {
                return;
            }
            let Some(entry) = self.entries.pop_front() else {
                return;
            };
            if let Work::Done(result) = &entry.prepared.work {
                let result = result.clone();
                self.settle(entry, &result);
            }
        }
    }

    fn settle(&mut self, entry: Entry, result: &TaskResult) {
        if result.failed && !entry.ignored {
            self.failed = Some(entry.task);
        }
        let outcome = done(result, entry.call().diff);
        entry.settle(outcome);
    }

    /// Returns a job that goes by itself, since its input is large.
    fn alone(&self, entry: &Entry, remote: &Remote, run: &Run) -> Job {
        Job {
            program: format!("{}{}", entry.prepared.environment, remote.whole(run)),
            input: run.input.clone(),
            timeout: entry.call().timeout.unwrap_or(remote.timeout),
        }
    }

    /// Returns the jobs that can be sent now, each with its number in the queue.
    fn jobs(&self, given: &mut crate::play::modules::Given) -> Vec<(Guarded, usize)> {
        let mut jobs = Vec::new();
        let mut looks = Vec::new();
        let mut bytes = 0;
        for (number, entry) in self.entries.iter().enumerate() {
            if self.failed.is_some_and(|task| task != entry.task) || bytes > BYTES {
                break;
            }
            let remote = match &entry.prepared.work {
                Work::Remote(remote) => remote,
                Work::Done(result) if result.failed && !entry.ignored => break,
                _ => continue,
            };
            let run = entry.run(remote);
            if !Shell::fits(&run.input) {
                break;
            }
            let lean = given.lean(remote, &run);
            let first = !run.second && entry.prepared.conduct.looks;
            let own_time = entry.call().timeout;
            let apart = remote.timeout > Remote::SHORT
                || own_time.is_some()
                || entry.call().args.contains_key("validate");
            bytes += lean.before.len() + lean.program.len() + run.input.len();
            let job = Guarded {
                probe: entry.prepared.conduct.probe(run.second),
                job: Job {
                    program: String::new(),
                    input: run.input,
                    timeout: own_time.unwrap_or(remote.timeout),
                },
                before: String::new(),
                changes: !entry.prepared.conduct.looks,
                task: entry.task,
                ignored: entry.ignored,
                reads_variable: run.second,
                apart,
            };
            jobs.push((job, number));
            looks.push((entry, remote, lean, first));
        }
        let sheet = given.sheet(
            looks
                .iter_mut()
                .filter(|(.., first)| *first)
                .map(|(_, remote, lean, _)| (&***remote, lean)),
        );
        for ((job, _), (entry, _, lean, _)) in jobs.iter_mut().zip(looks) {
            job.job.program = entry.prepared.environment.clone() + &lean.program;
            job.before = lean.before;
        }
        if let Some((first, _)) = jobs.first_mut() {
            first.before.push_str(&sheet);
        }
        jobs
    }

    /// Takes the reply for the entry of that number; returns how many entries were
    /// answered by it.
    fn take(
        &mut self,
        number: usize,
        reply: Result<Ran, TransportError>,
        looking: &mut Looking,
    ) -> Result<usize, ()> {
        let means = match (&reply, self.entries.get_mut(number)) {
            (_, None) => return Ok(0),
            (Err(error), _) => {
                self.settle_known();
                if let Some(entry) = self.entries.pop_front() {
                    entry.settle(ended(error));
                }
                return Err(());
            }
            (Ok(Ran::Skipped), _) => Means::Nothing,
            (Ok(Ran::Whole(reply)), Some(entry)) => entry.whole(reply),
            (Ok(Ran::Probed(reply)), Some(entry)) => entry.probed(reply, !looking.behind),
        };
        match means {
            Means::Nothing => {
                looking.behind = true;
                Ok(0)
            }
            Means::Again(run) => {
                looking.behind = true;
                if let Some(entry) = self.entries.get_mut(number) {
                    entry.run = Some(run);
                }
                Ok(0)
            }
            Means::Done(result) => {
                let before = self.entries.len();
                self.settle_known();
                if let Some(entry) = self.entries.pop_front() {
                    self.settle(entry, &result);
                }
                Ok(before - self.entries.len())
            }
            Means::Broken(message) => {
                let before = self.entries.len();
                self.settle_known();
                if let Some(entry) = self.entries.pop_front() {
                    if !entry.ignored {
                        self.failed = Some(entry.task);
                    }
                    entry.settle(failed(&message));
                }
                Ok(before - self.entries.len())
            }
        }
    }
}
