use std::{collections::HashMap, slice, sync::Arc};

use super::{Deploy, STAGES, watched};
use crate::{
    cli::{
        command_error::CommandError,
        guests::{blame, tell},
        plans,
        plays::Plays,
    },
    guest::{Action, prepare},
    inventory::Instance,
    plan::{Cancel, EventSink, Exit, Failure, Outcome, Plan, Silent, Step, Undo},
    report::{Drawer, Format, Stages, recap, text::counted},
};

/// Steps after which a guest is another one, or runs for the first time: what playbooks
/// would change on it can't be known before.
const NOT_YET: [&str; 4] = ["define", "create-disk", "start", "wait-ready"];

impl Deploy<'_> {
    /// Shows what would be done.
    pub(super) async fn check(
        &self,
        instances: Vec<Instance>,
        plays: Plays,
        cancel: &Cancel,
    ) -> Result<Exit, CommandError> {
        let (mut planned, mut ended) = (Vec::new(), Vec::new());
        for result in prepare(instances, self.purpose, &self.env, false).await {
            match result {
                Ok(prepared) => planned.push(prepared.plan),
                Err((name, failure)) => ended.push(blame(self.context, &name, failure)),
            }
        }
        let runs = |plan: &&Plan<Action>| {
            let not_yet = |step: &Step<Action>| NOT_YET.contains(&step.name);
            !plan.steps.iter().any(not_yet)
        };
        let names = planned.iter().filter(runs);
        let names: Vec<String> = names.map(|plan| plan.instance.clone()).collect();
        let drawer = Arc::new(Drawer::new(Arc::clone(&self.context.output)));
        let sink: Arc<dyn EventSink> = match self.context.output.format() {
            Format::Table => Arc::clone(&drawer) as _,
            Format::Json | Format::Yaml => Arc::new(Silent),
        };
        let stages = Arc::new(Stages::new(sink, None));
        let asked = self.ask(&names, plays, &stages, cancel).await;
        drawer.clear();
        let Some(failures) = asked? else {
            return Ok(Exit::Interrupted);
        };
        let mut shown = Vec::new();
        for plan in planned {
            let name = plan.instance.clone();
            match failures.get(&name) {
                Some((stage, failure)) => {
                    ended.push(Outcome::failed(name, Some(stage), failure.clone()));
                }
                None => shown.push(whole(plan, names.contains(&name), &stages)),
            }
        }
        tell(self.context, &ended);
        for plan in &shown {
            let count = stages.unpredicted(&plan.instance);
            if count > 0 {
                let tasks = counted(usize::try_from(count).unwrap_or(usize::MAX), "task");
                let text = format!("{}: {tasks} can't be predicted", plan.instance);
                self.context.output.talk(&text);
            }
        }
        let exit = plans::show(self.context, &shown, self.how.diff)?;
        if ended.is_empty() {
            return Ok(exit);
        }
        Ok(exit.worse(recap(&self.context.output, &ended)))
    }

    /// Asks running guests what the playbooks would change. Returns why instances
    /// failed, and at which stage; `None` when the user wants to stop.
    async fn ask(
        &self,
        names: &[String],
        plays: Plays,
        stages: &Arc<Stages>,
        cancel: &Cancel,
    ) -> Result<Option<HashMap<String, (&'static str, Failure)>>, CommandError> {
        let mut failures = HashMap::new();
        if names.is_empty() {
            return Ok(Some(failures));
        }
        for name in names {
            stages.add(name, 0, STAGES.len());
        }
        let limit = Some(names.join(","));
        let sink = Arc::clone(stages);
        let runner = plays.runner(self.context, &self.how, limit, None, sink);
        for (stage, book) in STAGES.into_iter().zip(&self.books) {
            let left = names.iter().filter(|name| !failures.contains_key(*name));
            stages.begin(stage, &left.cloned().collect::<Vec<_>>());
            let run = runner.run(slice::from_ref(book));
            let Some(finished) = watched(run, stages, cancel).await else {
                return Ok(None);
            };
            for (name, failure) in stages.end(&finished?.recap) {
                failures.insert(name, (stage.name, failure));
            }
        }
        Ok(Some(failures))
    }
}

/// Returns a guest's plan with what the playbooks would do behind it.
fn whole(plan: Plan<Action>, runs: bool, stages: &Stages) -> Plan<()> {
    let undo = || Undo::By(format!("swarmctl provision {} --rebuild", plan.instance));
    let later = |name, what: String, why: &str, diff| Step {
        action: (),
        name,
        what,
        why: why.to_owned(),
        undo: undo(),
        diff,
    };
    let more: Vec<Step<()>> = if runs {
        let changes = stages.changes(&plan.instance).into_iter();
        let step = |change: crate::report::Change| {
            let what = format!("{}: {}", change.stage, change.task);
            later(change.stage, what, "", change.diff)
        };
        changes.map(step).collect()
    } else {
        let why = "the guest has to run first, which then tells what is to do";
        let step = |stage: super::Stage| later(stage.name, stage.what.to_owned(), why, None);
        STAGES.into_iter().map(step).collect()
    };
    let steps = plan.steps.into_iter().map(|step| Step {
        action: (),
        name: step.name,
        what: step.what,
        why: step.why,
        undo: step.undo,
        diff: step.diff,
    });
    Plan {
        steps: steps.chain(more).collect(),
        instance: plan.instance,
        held: plan.held,
        held_diff: plan.held_diff,
        destructive: plan.destructive,
    }
}
