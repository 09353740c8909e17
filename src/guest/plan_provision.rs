use crate::{
    inventory::Instance,
    plan::{Failure, FailureKind, Held, Need, Plan, Step, Undo},
};

use super::{
    action::Action,
    desired::Desired,
    difference::{Difference, differences},
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

struct Planner<'a> {
    instance: &'a Instance,
    desired: &'a Desired,
    observed: &'a Observed,
    options: ProvisionOptions,
    plan: Plan<Action>,
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
            Some(domain) => all(&differences(self.instance, self.desired, domain)),
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

    /// A guest that exists: apply what can be applied, hold back what needs more.
    fn adjust(&mut self) {
        let Some(domain) = &self.observed.domain else {
            return;
        };
        let running = self.observed.is_active();
        let stored = differences(self.instance, self.desired, &domain.as_defined());
        let live = if running {
            differences(self.instance, self.desired, domain)
        } else {
            Vec::new()
        };
        let balloon = running && self.balloon_suffices(&live);
        let by_restart =
            |d: &&Difference| d.need == Need::Restart && !(balloon && d.field == "memory");
        let live_restart: Vec<&Difference> = live.iter().filter(by_restart).collect();
        let may_define = !running || self.options.restart || live_restart.is_empty();
        let needs_restart = |d: &&Difference| d.need == Need::Restart;

        for difference in stored.iter().filter(|d| d.need == Need::Rebuild) {
            self.hold(difference.describe(), Need::Rebuild);
        }
        self.hold_for_rebuild();
        if !may_define {
            for difference in live.iter().filter(needs_restart) {
                self.hold(difference.describe(), Need::Restart);
            }
        }

        let moved = self.moved_address();
        let stop = running && self.options.restart && (!live_restart.is_empty() || moved);
        if stop {
            self.stop("a change needs a restart");
        }
        self.shares();
        let stored: Vec<Difference> = stored.into_iter().filter(|d| needs_restart(&d)).collect();
        if let Some(why) = all(&stored).filter(|_| may_define) {
            self.define(&why, false);
        }
        if balloon && may_define && !stop && !self.observed.balloon_is(self.instance.memory_mib) {
            self.step(
                Action::SetMemory,
                format!(
                    "set the running guest's memory to {} MiB",
                    self.instance.memory_mib
                ),
                "the inventory wants less than it has",
                Undo::By("set vm_memory_mib back and provision".to_owned()),
            );
        }
        self.disk_size();
        self.autostart();
        self.lease();
        if let Some(metadata) = self.observed.metadata() {
            self.pin(&metadata.host_key);
        }
        if moved && running && !self.options.restart {
            self.hold(
                format!(
                    "the guest still has address {}, wanted {}",
                    self.observed
                        .lease
                        .map_or_else(String::new, |ip| ip.to_string()),
                    self.instance.ip
                ),
                Need::Restart,
            );
        }
        if stop || !self.observed.is_running() {
            self.start(if stop {
                "it was stopped"
            } else {
                "it is not running"
            });
            self.wait("it was started");
        } else if !(self.observed.live.ready || moved) {
            self.wait("nobody has seen it ready since it was started");
        }
    }

    fn base(&mut self) -> Result<(), Failure> {
        let complete = self.observed.base.is_some() && self.observed.base_complete;
        if complete {
            return Ok(());
        }
        let Some(base) = self.desired.base_volume.clone() else {
            return Err(Failure::new(FailureKind::Invalid, "the base image is not there").hint(
                "build one with `swarmctl image build`, or set vm_image to a URL or another file",
            ));
        };
        if !self.observed.image_cached {
            self.step(
                Action::PullImage,
                format!("fetch and verify {}", self.image_name()),
                "it is not in the cache",
                Undo::By("remove it from the image cache".to_owned()),
            );
        }
        let why = if self.observed.base.is_some() {
            "an earlier upload did not end"
        } else {
            "it is not in the pool"
        };
        let pool = self.desired.seed_pool.name.clone();
        self.step(
            Action::UploadBase,
            format!("upload base image {base} to pool {pool}"),
            why,
            Undo::By(format!("virsh vol-delete {base} --pool {pool}")),
        );
        Ok(())
    }

    fn shares(&mut self) {
        for path in &self.observed.missing_shares {
            let shown = path.display().to_string();
            self.step(
                Action::MakeShare { path: path.clone() },
                format!("make the shared folder {shown}"),
                "it does not exist",
                Undo::By(format!("rmdir {shown}")),
            );
        }
    }

    fn stop(&mut self, why: &str) {
        self.step(
            Action::Stop,
            format!("shut domain {} down", self.instance.domain),
            why,
            Undo::By(format!("swarmctl start {}", self.instance.name)),
        );
    }

    fn define(&mut self, why: &str, anew: bool) {
        self.step(
            Action::Define { anew },
            format!("define domain {}", self.instance.domain),
            why,
            Undo::By(format!("swarmctl destroy {}", self.instance.name)),
        );
    }

    fn start(&mut self, why: &str) {
        self.step(
            Action::Start,
            format!("start domain {}", self.instance.domain),
            why,
            Undo::By(format!("swarmctl stop {}", self.instance.name)),
        );
    }

    fn wait(&mut self, why: &str) {
        self.step(
            Action::WaitReady,
            format!(
                "wait until {} answers by SSH and cloud-init has ended",
                self.instance.connection.host
            ),
            why,
            Undo::By("nothing to undo".to_owned()),
        );
    }

    fn pin(&mut self, key: &str) {
        if self.observed.pinned.as_deref() != Some(key) {
            self.step(
                Action::PinHostKey {
                    key: key.to_owned(),
                },
                format!("pin the host key of {}", self.instance.connection.host),
                "it is not pinned for this address",
                Undo::By(format!("swarmctl destroy {}", self.instance.name)),
            );
        }
    }

    fn autostart(&mut self) {
        let has = self
            .observed
            .domain
            .as_ref()
            .filter(|_| !self.options.rebuild)
            .is_some_and(|domain| domain.autostart);
        if has != self.instance.autostart {
            let (on, back) = if self.instance.autostart {
                ("on", "true")
            } else {
                ("off", "false")
            };
            self.step(
                Action::SetAutostart,
                format!("switch autostart {on}"),
                format!("vm_autostart is {back}"),
                Undo::By("set vm_autostart back and provision".to_owned()),
            );
        }
    }

    fn lease(&mut self) {
        if !self.observed.has_reservation(self.instance) {
            let Instance {
                mac, ip, network, ..
            } = self.instance;
            self.step(
                Action::ReserveLease,
                format!("reserve {ip} for {mac} in network {network}"),
                "the network has no such reservation",
                Undo::By(format!("swarmctl destroy {}", self.instance.name)),
            );
        }
    }

    fn disk_size(&mut self) {
        let Some(disk) = &self.observed.disk else {
            return;
        };
        let (have, want) = (disk.capacity, self.instance.disk_bytes);
        if have < want {
            self.step(
                Action::GrowDisk,
                format!("grow the disk from {} to {}", gib(have), gib(want)),
                "vm_disk_size is larger",
                Undo::Cannot,
            );
        } else if have > want {
            self.hold(
                format!(
                    "disk size {}, wanted {}: a disk never shrinks",
                    gib(have),
                    gib(want)
                ),
                Need::Impossible,
            );
        }
    }

    /// Differences that only a new disk can take up.
    fn hold_for_rebuild(&mut self) {
        let Some(metadata) = self.observed.metadata() else {
            return;
        };
        if metadata.seed_digest != self.desired.seed_digest {
            self.hold(
                "the cloud-init documents are not the ones that the guest was made with".to_owned(),
                Need::Rebuild,
            );
        }
        if self.image_changed() {
            let want = self.desired.base_volume.clone().unwrap_or_default();
            self.hold(
                format!("base image {}, wanted {want}", metadata.image),
                Need::Rebuild,
            );
        }
    }

    fn image_changed(&self) -> bool {
        match (&self.desired.base_volume, self.observed.metadata()) {
            (Some(base), Some(metadata)) => &metadata.image != base,
            _ => false,
        }
    }

    /// Why the seed must be made; what is in it counts, whatever a domain says of it.
    fn seed_reason(&self) -> Option<&'static str> {
        match &self.observed.seed_facts {
            None if self.observed.seed.is_none() => Some("the seed does not exist"),
            None => Some("the seed was not written to its end"),
            Some(seed) if seed.instance != self.instance.name => Some("the seed is another's"),
            Some(seed) if seed.digest != self.desired.seed_digest => {
                Some("the cloud-init documents changed")
            }
            Some(_) => None,
        }
    }

    /// Whether the domain's metadata speaks of the seed that is there.
    fn claims_seed(&self) -> bool {
        match (self.observed.metadata(), &self.observed.seed_facts) {
            (Some(metadata), Some(seed)) => {
                metadata.host_key == seed.host_key && metadata.seed_digest == seed.digest
            }
            _ => false,
        }
    }

    /// Less memory than the running guest was started with is given by its balloon.
    fn balloon_suffices(&self, live: &[Difference]) -> bool {
        let most = self.observed.domain.as_ref().map_or(0, |d| d.memory_kib);
        live.iter().any(|d| d.field == "memory") && self.instance.memory_mib * 1024 < most
    }

    fn moved_address(&self) -> bool {
        self.observed.is_running() && self.observed.lease.is_some_and(|ip| ip != self.instance.ip)
    }

    fn image_name(&self) -> String {
        match &self.instance.image {
            crate::inventory::ImageSource::Url(url) => url.clone(),
            crate::inventory::ImageSource::File(path) => path.display().to_string(),
        }
    }

    fn hold(&mut self, what: String, need: Need) {
        self.plan.held.push(Held { what, need });
    }

    fn step(&mut self, action: Action, what: String, why: impl Into<String>, undo: Undo) {
        self.plan.steps.push(Step {
            name: action.name(),
            action,
            what,
            why: why.into(),
            undo,
            diff: None,
        });
    }
}

fn all(differences: &[Difference]) -> Option<String> {
    if differences.is_empty() {
        return None;
    }
    let texts: Vec<String> = differences.iter().map(Difference::describe).collect();
    Some(texts.join("; "))
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
