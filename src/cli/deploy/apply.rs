use std::{collections::HashMap, slice, sync::Arc, time::Instant};

use super::{Deploy, STAGES, longer::Longer, watched};
use crate::{
    cli::{
        command_error::CommandError,
        guests::{blame, tell},
        plans,
        plays::Plays,
    },
    fleet::{FleetError, InstanceLock},
    guest::{apply, prepare},
    inventory::Instance,
    plan::{Cancel, Event, EventKind, EventSink, Exit, Failure, FailureKind, Outcome, Status},
    report::{Drawer, Format, PlayDrawer, Stage, Stages, recap},
};

impl Deploy<'_> {
    /// Does it.
    pub(super) async fn apply(
        &self,
        instances: Vec<Instance>,
        plays: Plays,
        cancel: &Cancel,
    ) -> Result<Exit, CommandError> {
        let (mut ready, mut ended) = (Vec::new(), Vec::new());
        for result in prepare(instances, self.purpose, &self.env, true).await {
            match result {
                Ok(prepared) => ready.push(prepared),
                Err((name, failure)) => ended.push(blame(self.context, &name, failure)),
            }
        }
        tell(self.context, &ended);
        let views: Vec<_> = ready.iter().map(|prepared| &prepared.plan).collect();
        let question = "Delete these disks and make them anew?";
        plans::ask(self.context, &views, question, false)?;
        if self.how.diff {
            plans::show_diffs(self.context, &views);
        }
        let steps: HashMap<String, usize> = views
            .iter()
            .map(|plan| (plan.instance.clone(), plan.steps.len()))
            .collect();
        let drawer: Arc<dyn EventSink> = Arc::new(Drawer::new(Arc::clone(&self.context.output)));
        let longer = Arc::new(Longer {
            sink: Arc::clone(&drawer),
            more: STAGES.len(),
        });
        let journal = self.fleet.state().journal().map(Arc::new).ok();
        let outcomes = apply(ready, &self.env, longer, journal, cancel).await;
        let (mut going, failed): (Vec<Outcome>, Vec<Outcome>) = outcomes
            .into_iter()
            .partition(|one| matches!(one.status, Status::Changed | Status::Unchanged));
        ended.extend(failed);
        self.play(&mut going, &steps, plays, &drawer, cancel)
            .await?;
        for outcome in &going {
            drawer.send(Event {
                instance: outcome.instance.clone(),
                event: EventKind::Finished {
                    outcome: outcome.clone(),
                },
            });
        }
        ended.extend(going);
        Ok(recap(&self.context.output, &ended))
    }

    /// Runs the playbooks on guests that run, and adds what became of it.
    async fn play(
        &self,
        going: &mut [Outcome],
        steps: &HashMap<String, usize>,
        plays: Plays,
        drawer: &Arc<dyn EventSink>,
        cancel: &Cancel,
    ) -> Result<(), CommandError> {
        let _locks = self.lock(going);
        let names = left(going);
        if names.is_empty() {
            return Ok(());
        }
        // Programs read what each task did; people can ask `install` for that.
        let output = &self.context.output;
        let tasks = (output.format() != Format::Table)
            .then(|| PlayDrawer::new(Arc::clone(output), self.how.diff));
        let stages = Arc::new(Stages::new(Arc::clone(drawer), tasks));
        for name in &names {
            let done = steps.get(name).copied().unwrap_or_default();
            stages.add(name, done, done + STAGES.len());
        }
        let limit = Some(names.join(","));
        let sink = Arc::clone(&stages);
        let runner = plays.runner(self.context, &self.how, limit, None, sink);
        let begun = Instant::now();
        for (stage, book) in STAGES.into_iter().zip(&self.books) {
            let names = left(going);
            if names.is_empty() {
                break;
            }
            stages.begin(stage, &names);
            let run = runner.run(slice::from_ref(book));
            let Some(finished) = watched(run, &stages, cancel).await else {
                interrupt(going, stage);
                break;
            };
            let mut failures = stages.end(&finished?.recap);
            for outcome in going.iter_mut() {
                if let Some(failure) = failures.remove(&outcome.instance) {
                    let again = format!(
                        "`swarmctl {} {}` shows each task; run the same command again to go on",
                        stage.name, outcome.instance
                    );
                    let failure = match failure.hint {
                        Some(_) => failure,
                        None => failure.hint(again),
                    };
                    outcome.fail(Some(stage.name), failure);
                }
            }
        }
        for outcome in going.iter_mut() {
            outcome.seconds += begun.elapsed().as_secs_f64();
            self.add_changes(outcome, &stages);
        }
        Ok(())
    }

    /// Adds to an outcome what its tasks changed.
    fn add_changes(&self, outcome: &mut Outcome, stages: &Stages) {
        let changes = stages.changes(&outcome.instance);
        for stage in STAGES {
            let own = || changes.iter().filter(|change| change.stage == stage.name);
            let count = own().count();
            if count == 0 {
                continue;
            }
            if outcome.failed_step.as_deref() != Some(stage.name) {
                outcome.done.push(stage.name.to_owned());
            }
            if outcome.status == Status::Unchanged {
                outcome.status = Status::Changed;
            }
            let tasks = crate::report::text::counted(count, "task");
            outcome
                .notes
                .push(format!("{} changed {tasks}", stage.name));
            for change in own() {
                if let (true, Some(diff)) = (self.how.diff, &change.diff) {
                    let (name, task) = (&outcome.instance, &change.task);
                    let text = format!("{name}: {}: {task}\n{diff}", stage.name);
                    self.context.output.talk(&text);
                }
            }
        }
    }

    /// Locks instances for the playbooks; what another run took meanwhile is left to it.
    fn lock(&self, going: &mut [Outcome]) -> Vec<InstanceLock> {
        let mut locks = Vec::new();
        for outcome in going {
            match self
                .fleet
                .state()
                .lock(&outcome.instance, "swarmctl deploy")
            {
                Ok(lock) => locks.push(lock),
                Err(error) => {
                    let kind = match error {
                        FleetError::Locked { .. } => FailureKind::Locked,
                        _ => FailureKind::Failed,
                    };
                    let mut failure = Failure::from_error(kind, &error);
                    failure.hint = error.hint();
                    outcome.fail(None, failure);
                }
            }
        }
        locks
    }
}

/// Returns the instances that did not fail.
fn left(going: &[Outcome]) -> Vec<String> {
    let well = |one: &&Outcome| matches!(one.status, Status::Changed | Status::Unchanged);
    let well = going.iter().filter(well);
    well.map(|one| one.instance.clone()).collect()
}

fn interrupt(going: &mut [Outcome], stage: Stage) {
    for outcome in going {
        if matches!(outcome.status, Status::Changed | Status::Unchanged) {
            let why = Failure::new(FailureKind::Interrupted, "interrupted during this step")
                .hint("run the same command again to go on");
            outcome.fail(Some(stage.name), why);
        }
    }
}
