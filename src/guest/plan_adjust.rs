//! The plan for a guest that exists: what can be applied, and what is held back.

use crate::plan::{Need, Undo};

use super::{
    action::Action,
    difference::{Difference, differences, reasons},
    plan_provision::Planner,
};

impl Planner<'_> {
    /// A guest that exists: apply what can be applied, hold back what needs more.
    pub(super) fn adjust(&mut self) {
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
        if let Some(why) = reasons(&stored).filter(|_| may_define) {
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

    /// Differences that only a new disk can take up.
    fn hold_for_rebuild(&mut self) {
        let Some(metadata) = self.observed.metadata() else {
            return;
        };
        let same = match &self.observed.seed_facts {
            Some(seed) => seed.holds(&self.desired.seed_digest),
            // Secrets apart, the metadata tells.
            None => metadata.seed_digest == self.desired.shown_digest,
        };
        if !same {
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

    /// Less memory than the running guest was started with is given by its balloon.
    fn balloon_suffices(&self, live: &[Difference]) -> bool {
        let most = self.observed.domain.as_ref().map_or(0, |d| d.memory_kib);
        live.iter().any(|d| d.field == "memory") && self.instance.memory_mib * 1024 < most
    }

    fn moved_address(&self) -> bool {
        self.observed.is_running() && self.observed.lease.is_some_and(|ip| ip != self.instance.ip)
    }
}
