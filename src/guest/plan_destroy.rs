use crate::{
    inventory::Instance,
    plan::{Failure, FailureKind, Plan, Undo},
};

use super::{
    action::Action, desired::Desired, names::is_own_share, observed::Observed, plan_provision::gib,
    refusals::refuse_domain,
};

/// Says what to remove so that nothing of the guest is left, apart from the base
/// image and what is in its shared folders.
///
/// The domain goes last: its metadata is the claim on everything else.
///
/// # Errors
/// Refused when the instance is protected or the domain isn't ours.
pub fn plan_destroy(
    instance: &Instance,
    desired: &Desired,
    observed: &Observed,
    keep_disk: bool,
) -> Result<Plan<Action>, Failure> {
    refuse_domain(instance, observed)?;
    let ours = observed.domain.is_some();
    let mut plan = Plan::new(&instance.name);
    let mut step = |action: Action, what: String, why: &str, undo: Undo| {
        plan.add((action.name(), action), what, why, undo);
    };
    let again = || Undo::By(format!("swarmctl provision {}", instance.name));
    if observed.is_active() {
        step(
            Action::Stop,
            format!("shut domain {} down", instance.domain),
            "it is running",
            Undo::By(format!("swarmctl start {}", instance.name)),
        );
    }
    // Without our domain, a disk is ours when the seed beside it says so.
    let seed_ours = observed
        .seed_facts
        .as_ref()
        .is_some_and(|seed| seed.instance == instance.name);
    if let Some(disk) = &observed.disk
        && !keep_disk
        && (ours || seed_ours)
    {
        step(
            Action::DeleteDisk,
            format!(
                "delete disk {} ({}, {} MiB written)",
                desired.disk_path.display(),
                gib(disk.capacity),
                disk.allocation >> 20
            ),
            "the guest's data is on it",
            Undo::Cannot,
        );
    }
    if observed.seed.is_some() && !keep_disk {
        step(
            Action::DeleteSeed,
            format!("delete seed {}", desired.seed_path.display()),
            "it is of no use without the disk",
            again(),
        );
    }
    if observed.has_reservation(instance) {
        step(
            Action::ReleaseLease,
            format!(
                "take back the reservation of {} in network {}",
                instance.ip, instance.network
            ),
            "the network reserves it",
            again(),
        );
    }
    for (path, _) in desired.shares.iter().filter(|(path, _)| is_own_share(path)) {
        if ours && !observed.missing_shares.contains(path) {
            step(
                Action::RemoveShare { path: path.clone() },
                format!("remove the shared folder {} if it is empty", path.display()),
                "it was made for this instance",
                again(),
            );
        }
    }
    if observed.any_pin && !keep_disk {
        step(
            Action::Unpin,
            format!("forget the pinned host key of {}", instance.name),
            "the key dies with the seed",
            again(),
        );
    }
    if ours {
        step(
            Action::Undefine,
            format!(
                "undefine domain {}, with NVRAM and TPM state",
                instance.domain
            ),
            "it exists",
            again(),
        );
    }
    plan.destructive = !plan.steps.is_empty();
    if plan.destructive && instance.protected {
        return Err(
            Failure::new(FailureKind::Refused, "the instance is protected").hint(format!(
                "set vm_protected: false for {} before destroying it",
                instance.name
            )),
        );
    }
    Ok(plan)
}
