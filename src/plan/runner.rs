use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use super::{Event, EventKind, EventSink, Failure, FailureKind, Journal, Outcome, Plan, Status};

/// Set by the first Ctrl-C: no new step begins, and waiting steps end early.
#[derive(Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks everything to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Returns true once a stop was asked for.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// What a running step may use to speak and to notice a stop.
pub struct StepContext<'a> {
    /// The instance.
    pub instance: &'a str,
    /// Receives progress and notes.
    pub sink: &'a dyn EventSink,
    /// Set when the user wants to stop.
    pub cancel: &'a Cancel,
}

impl StepContext<'_> {
    /// Reports how far the step is.
    pub fn progress(&self, done: u64, total: Option<u64>, unit: &'static str) {
        self.send(EventKind::Progress { done, total, unit });
    }

    /// Reports what the step is doing or waiting for.
    pub fn note(&self, text: impl Into<String>) {
        self.send(EventKind::Note { text: text.into() });
    }

    /// Reports something that the user should know.
    pub fn warn(&self, text: impl Into<String>) {
        self.send(EventKind::Warning { text: text.into() });
    }

    fn send(&self, event: EventKind) {
        self.sink.send(Event {
            instance: self.instance.to_owned(),
            event,
        });
    }
}

/// Carries out one action of a plan.
pub trait Executor<A>: Send + Sync {
    /// Checks the step's precondition and does it.
    ///
    /// # Errors
    /// Why it did not work; [`FailureKind::Refused`] when what was found is not
    /// what was planned for.
    fn execute(
        &self,
        action: &A,
        context: &StepContext<'_>,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// Runs the steps of `plan` in order, and stops at the first that fails.
pub async fn run<A, E>(
    plan: &Plan<A>,
    executor: &E,
    sink: &dyn EventSink,
    journal: Option<&Journal>,
    cancel: &Cancel,
) -> Outcome
where
    A: Sync,
    E: Executor<A>,
{
    let begun = Instant::now();
    let send = |event: EventKind| {
        let event = Event {
            instance: plan.instance.clone(),
            event,
        };
        if let Some(journal) = journal {
            journal.record(&event);
        }
        sink.send(event);
    };
    let mut outcome = Outcome::unchanged(&plan.instance);
    outcome.held.clone_from(&plan.held);
    send(EventKind::Planned {
        steps: plan.steps.len(),
    });
    let context = StepContext {
        instance: &plan.instance,
        sink,
        cancel,
    };
    for (i, step) in plan.steps.iter().enumerate() {
        if cancel.is_cancelled() {
            let stop = Failure::new(FailureKind::Interrupted, "interrupted before this step")
                .hint("run the same command again to go on");
            outcome.fail(Some(step.name), stop);
            break;
        }
        send(EventKind::StepStarted {
            index: i + 1,
            of: plan.steps.len(),
            name: step.name,
            what: step.what.clone(),
            why: step.why.clone(),
            undo: step.undo.clone(),
        });
        let started = Instant::now();
        match executor.execute(&step.action, &context).await {
            Ok(()) => {
                outcome.done.push(step.name.to_owned());
                outcome.status = Status::Changed;
                send(EventKind::StepDone {
                    index: i + 1,
                    name: step.name,
                    seconds: started.elapsed().as_secs_f64(),
                });
            }
            Err(failure) => {
                outcome.fail(Some(step.name), failure);
                break;
            }
        }
    }
    outcome.seconds = begun.elapsed().as_secs_f64();
    send(EventKind::Finished {
        outcome: outcome.clone(),
    });
    outcome
}
