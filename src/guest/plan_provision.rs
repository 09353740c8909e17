use crate::{
    inventory::Instance,
    plan::{Failure, FailureKind, Plan, Undo},
};

use super::{
    action::Action,
    desired::Desired,
    difference::{differences, reasons},
    observed::Observed,
    refusals::refuse_foreign,
};

/// What the user permits and asks for beyond the plain difference.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProvisionOptions {
    /// Make the disk anew, whatever is on it.
    pub rebuild: bool,
    /// Restart where a change needs it.
    pub restart: bool,
}

/// Says what to do so that the guest is as the inventory has it: a pure function
/// of what should be and what is.
///
/// The domain's metadata is the claim on everything else, so it is defined before
/// its disk exists and undefined after its disk is gone: whatever is found half
/// done belongs to a domain that says whose it is.
///
/// # Errors
/// Refused when something in the way isn't ours, or is protected; invalid when
/// the hypervisor has no such network or the address isn't in it.
pub fn plan_provision(
    instance: &Instance,
    desired: &Desired,
    observed: &Observed,
    options: ProvisionOptions,
) -> Result<Plan<Action>, Failure> {
    refuse_foreign(instance, desired, observed)?;
    if options.rebuild && instance.protected && observed.disk.is_some() {
        return Err(
            Failure::new(FailureKind::Refused, "the instance is protected").hint(format!(
                "set vm_protected: false for {} before rebuilding it",
                instance.name
            )),
        );
    }
    let mut planner = Planner {
        instance,
        desired,
        observed,
        options,
        plan: Plan::new(&instance.name),
    };
    planner.host();
    if observed.disk.is_none() || options.rebuild {
        planner.create()?;
    } else if observed.domain.is_none() {
        planner.adopt();
    } else {
        planner.adjust();
    }
    Ok(planner.plan)
}

pub(super) struct Planner<'a> {
    pub(super) instance: &'a Instance,
    pub(super) desired: &'a Desired,
    pub(super) observed: &'a Observed,
    pub(super) options: ProvisionOptions,
    pub(super) plan: Plan<Action>,
}

impl Planner<'_> {
    /// What the hypervisor itself needs.
    fn host(&mut self) {
        let mut pools = vec![&self.desired.seed_pool];
        if self.desired.disk_pool.name != self.desired.seed_pool.name {
            pools.push(&self.desired.disk_pool);
        }
        for pool in pools {
            let (name, path) = (pool.name.clone(), pool.path.clone());
            if !pool.exists {
                self.step(
                    Action::DefinePool {
                        name: name.clone(),
                        path: path.clone(),
                    },
                    format!("define storage pool {name} at {}", path.display()),
                    "no pool has that folder",
                    Undo::By(format!(
                        "virsh pool-destroy {name}; virsh pool-undefine {name}"
                    )),
                );
            } else if !pool.active {
                self.step(
                    Action::StartPool { name: name.clone() },
                    format!("start storage pool {name}"),
                    "it is not active",
                    Undo::By(format!("virsh pool-destroy {name}")),
                );
            }
        }
        let network = &self.instance.network;
        if self.observed.network.as_ref().is_some_and(|n| !n.active) {
            self.step(
                Action::StartNetwork,
                format!("start network {network}"),
                "it is not active",
                Undo::By(format!("virsh net-destroy {network}")),
            );
        }
    }

    /// A new disk: for a new instance, after a lost disk, or by `--rebuild`.
    fn create(&mut self) -> Result<(), Failure> {
        self.base()?;
        self.shares();
        if self.observed.is_active() {
            self.stop("its disk is made anew");
        }
        if let Some(disk) = &self.observed.disk {
            let size = gib(disk.capacity);
            self.plan.destructive = true;
            self.step(
                Action::DeleteDisk,
                format!("delete disk {} ({size})", self.desired.disk_path.display()),
                "--rebuild makes it anew",
                Undo::Cannot,
            );
        }
        if self.observed.domain.is_some() && self.options.rebuild {
            self.step(
                Action::Undefine,
                format!(
                    "undefine domain {}, with NVRAM and TPM state",
                    self.instance.domain
                ),
                "a new disk gets a new firmware state",
                Undo::By("defined again by a later step".to_owned()),
            );
        }
        let seed = self.seed_reason();
        let seeded = seed.is_some();
        if let Some(why) = seed {
            self.step(
                Action::UploadSeed,
                format!(
                    "mint and pin an SSH host key, upload seed {}",
                    self.desired.seed_volume
                ),
                why,
                Undo::By(format!("swarmctl destroy {}", self.instance.name)),
            );
        }
        let why = match &self.observed.domain {
            None => Some("it does not exist".to_owned()),
            Some(_) if self.options.rebuild => Some("it was undefined".to_owned()),
            Some(_) if seeded || !self.claims_seed() => Some("the seed is another one".to_owned()),
            Some(_) if self.image_changed() => Some("the base image is another one".to_owned()),
            Some(domain) => reasons(&differences(self.instance, self.desired, domain)),
        };
        if let Some(why) = why {
            self.define(&why, true);
        }
        let base = self
            .desired
            .base_volume
            .as_deref()
            .unwrap_or("the base image");
        self.step(
            Action::CreateDisk,
            format!(
                "create disk {}, {} over {base}",
                self.desired.disk_path.display(),
                gib(self.instance.disk_bytes)
            ),
            if self.options.rebuild && self.observed.disk.is_some() {
                "it was deleted"
            } else {
                "it does not exist"
            },
            Undo::By(format!("swarmctl destroy {}", self.instance.name)),
        );
        self.autostart();
        self.lease();
        if !seeded && let Some(seed) = &self.observed.seed_facts {
            self.pin(&seed.host_key);
        }
        self.start("it is not running");
        self.wait("it starts for the first time");
        Ok(())
    }

    /// A disk and a seed that `destroy --keep-disk` left behind get their domain back.
    fn adopt(&mut self) {
        self.shares();
        self.define(
            "its disk and seed were kept by an earlier destroy --keep-disk",
            true,
        );
        self.disk_size();
        self.autostart();
        self.lease();
        if let Some(seed) = &self.observed.seed_facts {
            self.pin(&seed.host_key);
        }
        self.start("it is not running");
        self.wait("it was started");
    }

    /// Why the seed must be made; what is in it counts, whatever a domain says of it.
    fn seed_reason(&self) -> Option<&'static str> {
        match &self.observed.seed_facts {
            None if self.observed.seed.is_none() => Some("the seed does not exist"),
            None => Some("the seed was not written to its end"),
            Some(seed) if seed.instance != self.instance.name => Some("the seed is another's"),
            Some(seed) if !seed.holds(&self.desired.seed_digest) => {
                Some("the cloud-init documents changed")
            }
            Some(_) => None,
        }
    }

    /// Whether the domain's metadata speaks of the seed that is there.
    fn claims_seed(&self) -> bool {
        match (self.observed.metadata(), &self.observed.seed_facts) {
            (Some(metadata), Some(seed)) => {
                metadata.host_key == seed.host_key && metadata.seed_digest == seed.shown_digest()
            }
            _ => false,
        }
    }
}

/// Returns a size as users write it: whole GiB where it is, else MiB.
pub fn gib(bytes: u64) -> String {
    const GIB: u64 = 1 << 30;
    if bytes.is_multiple_of(GIB) {
        format!("{} GiB", bytes / GIB)
    } else {
        format!("{} MiB", bytes >> 20)
    }
}
