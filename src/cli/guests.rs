//! What the verbs on guests share: make the run's environment, prepare plans, show
//! them, ask, apply, recap.

use std::{path::PathBuf, sync::Arc, time::Duration};

use serde::Serialize;
use serde_json::json;

use super::{
    command_error::CommandError, context::Context, interrupt::block_on, loaded::Loaded, plans,
};
use crate::{
    guest::{GuestEnv, ImageStore, Power, Purpose, apply, prepare, unplanned},
    inventory::{Instance, collisions},
    plan::{Cancel, Diagnostics, Event, EventKind, EventSink as _, Exit, Failure, Outcome},
    report::{Drawer, Format, Painter, recap},
    template::Engine,
};

/// How long a guest may take until it is ready. In emulation on a busy machine a
/// boot took 105 s; an image that installs packages at first boot takes minutes.
const READY: Duration = Duration::from_secs(600);

/// How long an orderly shutdown may take; systemd gives a service 90 s.
const STOP: Duration = Duration::from_secs(120);

/// How long one call to a hypervisor may take.
const CALL: Duration = Duration::from_secs(30);

/// What a verb on guests is to do.
pub struct Task<'a> {
    /// Which instances.
    pub pattern: &'a str,
    /// What they shall become.
    pub purpose: Purpose,
    /// Only show the plan.
    pub check: bool,
    /// Show changed documents.
    pub diff: bool,
    /// The verb's name, for the locks' holder.
    pub verb: &'static str,
    /// What is asked before something is lost; whether by the instance's name.
    pub question: (&'static str, bool),
}

/// Returns what guest verbs need.
pub fn environment(context: &Context, loaded: &Loaded<'_>, verb: &str) -> Arc<GuestEnv> {
    let source = loaded.fleet.clone();
    Arc::new(GuestEnv {
        fleet: loaded.fleet.clone(),
        engine: Arc::new(Engine::new(move |name| source.file(name))),
        images: ImageStore::new(images(context)),
        ready_timeout: context.global.timeout_or(READY),
        stop_timeout: context.global.timeout_or(STOP),
        call_timeout: CALL,
        forks: context.global.forks(),
        ssh_agent: context.environment.ssh_agent.clone(),
        command: format!("swarmctl {verb}"),
    })
}

/// Returns where base images are kept on this machine: `$XDG_CACHE_HOME/swarmctl/images`.
pub fn images(context: &Context) -> PathBuf {
    context.environment.cache.join("swarmctl/images")
}

/// Plans, shows or applies, and reports.
///
/// # Errors
/// When the inventory or the pattern is invalid, or the user declines.
pub fn run(task: &Task<'_>, context: &Context) -> Result<Exit, CommandError> {
    let loaded = Loaded::new(context)?;
    let instances = loaded.instances(task.pattern)?;
    if matches!(task.purpose, Purpose::Provision(_)) {
        refuse_collisions(&loaded, &instances)?;
    }
    let env = environment(context, &loaded, task.verb);
    block_on(context, async |cancel| {
        work(task, context, instances, &env, &cancel).await
    })?
}

/// Starts, stops or restarts instances.
///
/// # Errors
/// When the inventory or the pattern is invalid.
pub fn power(
    pattern: &str,
    power: Power,
    verb: &'static str,
    context: &Context,
) -> Result<Exit, CommandError> {
    let task = Task {
        pattern,
        purpose: Purpose::Power(power),
        check: false,
        diff: false,
        verb,
        question: ("", false),
    };
    run(&task, context)
}

/// Shows rows as a table or a document, then the failures of hypervisors that could
/// not be asked.
///
/// # Errors
/// When the document can't be written.
pub fn show<T: Serialize>(
    context: &Context,
    rows: &[T],
    failures: Vec<Failure>,
    table: impl Fn(&[T], Painter) -> String,
    (schema, name): (&str, &str),
) -> Result<Exit, CommandError> {
    let output = &context.output;
    match output.format() {
        Format::Table => output.data(&table(rows, output.data_painter())),
        Format::Json | Format::Yaml => output.document(schema, &json!({ name: rows }))?,
    }
    let failed = |exit: Exit, failure| exit.worse(CommandError::from(failure).report(context));
    Ok(failures.into_iter().fold(Exit::Done, failed))
}

async fn work(
    task: &Task<'_>,
    context: &Context,
    instances: Vec<Instance>,
    env: &Arc<GuestEnv>,
    cancel: &Cancel,
) -> Result<Exit, CommandError> {
    let (mut ready, mut ended) = (Vec::new(), Vec::new());
    for result in prepare(instances, task.purpose, env, !task.check).await {
        match result {
            Ok(prepared) => ready.push(prepared),
            Err((name, failure)) => ended.push(blame(context, &name, failure)),
        }
    }
    tell(context, &ended);
    let exit = if task.check {
        let plans: Vec<_> = ready.into_iter().map(|prepared| prepared.plan).collect();
        plans::show(context, &plans, task.diff)?
    } else {
        let views: Vec<_> = ready.iter().map(|prepared| &prepared.plan).collect();
        plans::ask(context, &views, task.question.0, task.question.1)?;
        if task.diff {
            plans::show_diffs(context, &views);
        }
        let journal = env.fleet.state().journal().map(Arc::new).ok();
        let drawer = Arc::new(Drawer::new(Arc::clone(&context.output)));
        let outcomes = apply(ready, env, drawer, journal, cancel).await;
        ended.extend(outcomes);
        Exit::Done
    };
    if task.check && ended.is_empty() {
        return Ok(exit);
    }
    Ok(exit.worse(recap(&context.output, &ended)))
}

/// Tells programs of instances that could not be planned for, as the runner tells of
/// the others. With `--check` too: the plans do not hold them.
pub fn tell(context: &Context, ended: &[Outcome]) {
    if context.output.format() == Format::Table {
        return;
    }
    let drawer = Drawer::new(Arc::clone(&context.output));
    for outcome in ended {
        drawer.send(Event {
            instance: outcome.instance.clone(),
            event: EventKind::Finished {
                outcome: outcome.clone(),
            },
        });
    }
}

/// Shows the place in the input that a failure blames; the recap then only counts it.
pub fn blame(context: &Context, name: &str, failure: Failure) -> Outcome {
    let shown = match &failure.diagnostic {
        Some(diagnostic) => {
            let found = Diagnostics::from((**diagnostic).clone());
            context.output.diagnostics(&found, context.bases());
            true
        }
        None => false,
    };
    let mut outcome = unplanned(name, failure);
    // People have read it above; programs read it in the outcome.
    if shown && context.output.format() == Format::Table {
        (outcome.causes, outcome.hint) = (Vec::new(), None);
    }
    outcome
}

/// What must be unique in the fleet must be so before anything is made, for the
/// chosen instances at least.
pub fn refuse_collisions(loaded: &Loaded<'_>, chosen: &[Instance]) -> Result<(), CommandError> {
    let all = loaded.all_instances()?;
    let found = collisions(&all);
    if found.has_errors() && !chosen.is_empty() {
        return Err(found.into());
    }
    Ok(())
}

/// Runs `work` on the one instance called `name` with its environment.
///
/// # Errors
/// When the inventory or the name is invalid, or the work fails.
pub fn with_one<T>(
    context: &Context,
    name: &str,
    verb: &str,
    work: impl AsyncFnOnce(Instance, Arc<GuestEnv>, Cancel) -> Result<T, Failure>,
) -> Result<T, CommandError> {
    let loaded = Loaded::new(context)?;
    let instance = loaded.instance(name)?;
    let env = environment(context, &loaded, verb);
    let result = block_on(context, async |cancel| work(instance, env, cancel).await)?;
    result.map_err(CommandError::from)
}

#[cfg(test)]
mod tests {
    use super::{READY, STOP};
    use crate::cli::args::command;

    #[test]
    fn help_names_the_real_defaults() {
        for (verb, wait) in [("start", READY), ("stop", STOP)] {
            let command = command();
            let verb = command.find_subcommand(verb).unwrap();
            let about = verb.get_long_about().unwrap().to_string();
            let wanted = format!("default: {}", wait.as_secs());
            assert!(about.contains(&wanted), "{about}");
        }
    }
}
