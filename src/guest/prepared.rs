use std::sync::Arc;

use crate::{
    fleet::InstanceLock,
    hypervisor::Hypervisor,
    inventory::Instance,
    plan::{Cancel, EventSink, Failure, FailureKind, Journal, Outcome, Plan, Step, fan_out, run},
};

use super::{
    action::Action,
    desired::Desired,
    env::GuestEnv,
    executor::GuestExecutor,
    failures::fleet_failure,
    local_image::local_image_problem,
    observed::Observed,
    plan_destroy::plan_destroy,
    plan_power::{Power, plan_power},
    plan_provision::{ProvisionOptions, plan_provision},
    survey::{Survey, look},
};

/// What a verb wants of the instances.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    /// They shall be as the inventory has them.
    Provision(ProvisionOptions),
    /// They shall be gone.
    Destroy {
        /// Leave disk and seed.
        keep_disk: bool,
    },
    /// They shall run, stop, or start anew.
    Power(Power),
}

/// One instance with its plan, ready to be shown and applied.
pub struct Prepared {
    /// The instance.
    pub instance: Instance,
    /// What is to be done.
    pub plan: Plan<Action>,
    desired: Desired,
    observed: Observed,
    hypervisor: Hypervisor,
    /// Held until the instance is finished; `None` for a plan that is only shown.
    _lock: Option<InstanceLock>,
}

/// Looks at every instance and plans. With `lock`, each instance is locked before
/// it is looked at, and stays so until its [`Prepared`] is gone.
///
/// The results are in the order of `instances`.
pub async fn prepare(
    instances: Vec<Instance>,
    purpose: Purpose,
    env: &Arc<GuestEnv>,
    lock: bool,
) -> Vec<Result<Prepared, (String, Failure)>> {
    // What another run still changes must not be looked at.
    let locks: Vec<_> = instances
        .iter()
        .map(|instance| lock.then(|| env.fleet.state().lock(&instance.name, &env.command)))
        .collect();
    let survey = Arc::new(Survey::take(&instances, env).await);
    let names: Vec<String> = instances.iter().map(|i| i.name.clone()).collect();
    let items = instances.into_iter().zip(locks).collect();
    let results = fan_out(items, env.forks, |(instance, lock): (Instance, _)| {
        let (env, survey) = (Arc::clone(env), Arc::clone(&survey));
        async move {
            let name = instance.name.clone();
            let lock = Option::transpose(lock).map_err(|e| (name.clone(), fleet_failure(&e)))?;
            prepare_one(instance, purpose, &env, &survey, lock)
                .await
                .map_err(|failure| (name, failure))
        }
    })
    .await;
    let results = results.into_iter().zip(names);
    results
        .map(|(result, name)| result.unwrap_or_else(|| Err((name, own_fault()))))
        .collect()
}

async fn prepare_one(
    instance: Instance,
    purpose: Purpose,
    env: &GuestEnv,
    survey: &Survey,
    lock: Option<InstanceLock>,
) -> Result<Prepared, Failure> {
    let (hypervisor, view) = survey.host(&instance)?;
    let (desired, observed) = look(&instance, &hypervisor, &view, env).await?;
    let mut plan = match purpose {
        Purpose::Provision(options) => plan_provision(&instance, &desired, &observed, options)?,
        Purpose::Destroy { keep_disk } => plan_destroy(&instance, &desired, &observed, keep_disk)?,
        Purpose::Power(power) => plan_power(&instance, &observed, power)?,
    };
    let makes = |step: &Step<Action>| matches!(step.name, "upload-base" | "create-disk");
    if plan.steps.iter().any(makes)
        && let Some(problem) = local_image_problem(&instance)
    {
        return Err(Failure::invalid(problem));
    }
    super::plan_diff::add_diffs(&mut plan, &instance, &desired, &observed, env)?;
    Ok(Prepared {
        instance,
        plan,
        desired,
        observed,
        hypervisor,
        _lock: lock,
    })
}

/// Applies the plans side by side, at most `forks` at once. The outcomes are in
/// the order of `prepared`.
pub async fn apply(
    prepared: Vec<Prepared>,
    env: &Arc<GuestEnv>,
    sink: Arc<dyn EventSink>,
    journal: Option<Arc<Journal>>,
    cancel: &Cancel,
) -> Vec<Outcome> {
    let names: Vec<String> = prepared.iter().map(|p| p.instance.name.clone()).collect();
    let outcomes = fan_out(prepared, env.forks, |prepared| {
        let (env, sink, journal, cancel) = (
            Arc::clone(env),
            Arc::clone(&sink),
            journal.clone(),
            cancel.clone(),
        );
        async move {
            // Whole, or the lock would not be taken along and be free at once.
            let prepared = prepared;
            let executor = GuestExecutor::new(
                &prepared.instance,
                &prepared.desired,
                &prepared.observed,
                &prepared.hypervisor,
                &env,
            );
            run(
                &prepared.plan,
                &executor,
                sink.as_ref(),
                journal.as_deref(),
                &cancel,
            )
            .await
        }
    })
    .await;
    let outcomes = outcomes.into_iter().zip(names);
    outcomes
        .map(|(outcome, name)| outcome.unwrap_or_else(|| unplanned(&name, own_fault())))
        .collect()
}

/// A task that panicked: the others went on.
fn own_fault() -> Failure {
    Failure::new(FailureKind::Failed, "swarmctl itself failed here")
        .hint("run the same command again to go on; please report this")
}

/// Returns the outcome of an instance that could not even be planned for.
pub fn unplanned(name: &str, failure: Failure) -> Outcome {
    let step = (failure.kind != FailureKind::Locked).then_some("plan");
    Outcome::failed(name, step, failure)
}
