//! The single steps of a plan, each with its reason and its undo.

use crate::{
    inventory::{ImageSource, Instance},
    plan::{Failure, FailureKind, Held, Need, Undo},
};

use super::{
    action::Action,
    plan_provision::{Planner, gib},
};

impl Planner<'_> {
    pub(super) fn base(&mut self) -> Result<(), Failure> {
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

    pub(super) fn shares(&mut self) {
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

    pub(super) fn stop(&mut self, why: &str) {
        self.step(
            Action::Stop,
            format!("shut domain {} down", self.instance.domain),
            why,
            Undo::By(format!("swarmctl start {}", self.instance.name)),
        );
    }

    pub(super) fn define(&mut self, why: &str, anew: bool) {
        self.step(
            Action::Define { anew },
            format!("define domain {}", self.instance.domain),
            why,
            Undo::By(format!("swarmctl destroy {}", self.instance.name)),
        );
    }

    pub(super) fn start(&mut self, why: &str) {
        self.step(
            Action::Start,
            format!("start domain {}", self.instance.domain),
            why,
            Undo::By(format!("swarmctl stop {}", self.instance.name)),
        );
    }

    pub(super) fn wait(&mut self, why: &str) {
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

    pub(super) fn pin(&mut self, key: &str) {
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

    pub(super) fn autostart(&mut self) {
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

    pub(super) fn lease(&mut self) {
        if !self.observed.has_reservation(self.instance) {
            let Instance {
                mac, ip, network, ..
            } = self.instance;
            self.step(
                Action::ReserveLease,
                format!("reserve {ip} for {mac} in network {network}"),
                self.observed.reservation_differs(self.instance),
                Undo::By(format!("swarmctl destroy {}", self.instance.name)),
            );
        }
    }

    pub(super) fn disk_size(&mut self) {
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

    pub(super) fn image_changed(&self) -> bool {
        match (&self.desired.base_volume, self.observed.metadata()) {
            (Some(base), Some(metadata)) => &metadata.image != base,
            _ => false,
        }
    }

    pub(super) fn image_name(&self) -> String {
        match &self.instance.image {
            ImageSource::Url(url) => url.clone(),
            ImageSource::File(path) => path.display().to_string(),
        }
    }

    pub(super) fn hold(&mut self, what: String, need: Need) {
        self.plan.held.push(Held { what, need });
    }

    pub(super) fn step(
        &mut self,
        action: Action,
        what: String,
        why: impl Into<String>,
        undo: Undo,
    ) {
        self.plan.add((action.name(), action), what, why, undo);
    }
}
