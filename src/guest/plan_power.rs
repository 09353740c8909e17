use crate::{
    inventory::Instance,
    plan::{Failure, FailureKind, Plan, Undo},
};

use super::{action::Action, observed::Observed, refusals::refuse_domain};

/// What shall become of a guest's power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// It shall run and be ready.
    Start,
    /// It shall be off.
    Stop,
    /// It shall stop, if it runs, and run again.
    Restart,
}

/// Says what to do to start, stop or restart the guest.
///
/// # Errors
/// Failed when there is no such domain, refused when it isn't ours.
pub fn plan_power(
    instance: &Instance,
    observed: &Observed,
    power: Power,
) -> Result<Plan<Action>, Failure> {
    refuse_domain(instance, observed)?;
    if observed.domain.is_none() {
        return Err(
            Failure::new(FailureKind::Failed, "the instance does not exist").hint(format!(
                "make it with `swarmctl provision {}`",
                instance.name
            )),
        );
    }
    let mut plan = Plan::new(&instance.name);
    let mut step = |action: Action, what: String, why: &str, undo: String| {
        plan.add((action.name(), action), what, why, Undo::By(undo));
    };
    let name = &instance.name;
    let stop = observed.is_active() && power != Power::Start;
    if stop {
        step(
            Action::Stop,
            format!("shut domain {} down", instance.domain),
            if power == Power::Stop {
                "it is running"
            } else {
                "it shall start anew"
            },
            format!("swarmctl start {name}"),
        );
    }
    if power != Power::Stop && (stop || !observed.is_running()) {
        step(
            Action::Start,
            format!("start domain {}", instance.domain),
            if stop {
                "it was stopped"
            } else {
                "it is not running"
            },
            format!("swarmctl stop {name}"),
        );
    }
    if power != Power::Stop && (stop || !observed.is_running() || !observed.live.ready) {
        step(
            Action::WaitReady,
            format!(
                "wait until {} answers by SSH and cloud-init has ended",
                instance.connection.host
            ),
            "nobody has seen it ready since it was started",
            "nothing to undo".to_owned(),
        );
    }
    Ok(plan)
}
