use std::{
    path::Path,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{
    hypervisor::{DirectoryAccess, Hypervisor, HypervisorError, Reservation, VolumeFacts},
    inventory::Instance,
    plan::{Executor, Failure, FailureKind, StepContext},
};

use super::{
    action::Action,
    claim::first_claim,
    desired::Desired,
    env::GuestEnv,
    failures::{fleet_failure, hypervisor_failure},
    metadata::Metadata,
    observed::Observed,
    power::shut_down,
    upload_base::upload_base,
    wait_ready::wait_ready,
};

/// Carries out the steps of one instance's plan. Each looks again before it acts,
/// and refuses when what it finds is not what was planned for.
pub struct GuestExecutor<'a> {
    /// The instance.
    pub instance: &'a Instance,
    /// What should be.
    pub desired: &'a Desired,
    /// What was there when the plan was made.
    pub observed: &'a Observed,
    /// The hypervisor.
    pub hypervisor: &'a Hypervisor,
    /// The run.
    pub env: &'a GuestEnv,
    /// What the domain's metadata says, or shall say.
    pub claim: Mutex<Metadata>,
}

impl<'a> GuestExecutor<'a> {
    /// Returns an executor for a plan that was made from `observed`.
    pub fn new(
        instance: &'a Instance,
        desired: &'a Desired,
        observed: &'a Observed,
        hypervisor: &'a Hypervisor,
        env: &'a GuestEnv,
    ) -> Self {
        let fleet = env.fleet.root().display().to_string();
        let claim = first_claim(instance, desired, observed, &fleet);
        Self {
            instance,
            desired,
            observed,
            hypervisor,
            env,
            claim: Mutex::new(claim),
        }
    }

    /// Looks at a volume as it is now.
    pub(super) async fn volume(
        &self,
        pool: &str,
        name: &str,
    ) -> Result<Option<VolumeFacts>, Failure> {
        self.hypervisor.volume(pool, name).await.map_err(failed)
    }

    pub(super) fn claim(&self) -> Metadata {
        self.claim
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn set_claim(&self, change: impl FnOnce(&mut Metadata)) {
        change(&mut self.claim.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Tells a reservation that this instance left: by its MAC or its hostname.
    fn is_ours(&self) -> impl Fn(&Reservation) -> bool + Send + 'static {
        let (mac, name) = (self.instance.mac.clone(), self.instance.hostname.clone());
        move |entry| {
            entry.mac.eq_ignore_ascii_case(&mac) || entry.name.as_deref() == Some(name.as_str())
        }
    }

    fn reservation(&self) -> Reservation {
        Reservation {
            mac: self.instance.mac.clone(),
            ip: self.instance.ip.into(),
            name: Some(self.instance.hostname.clone()),
        }
    }
}

impl Executor<Action> for GuestExecutor<'_> {
    async fn execute(&self, action: &Action, context: &StepContext<'_>) -> Result<(), Failure> {
        let domain = &self.instance.domain;
        let hypervisor = self.hypervisor;
        match action {
            Action::DefinePool { name, path } => hypervisor
                .define_dir_pool(name, &shown(path), true)
                .await
                .map_err(failed),
            Action::StartPool { name } => hypervisor.start_pool(name).await.map_err(failed),
            Action::StartNetwork => hypervisor
                .start_network(&self.instance.network)
                .await
                .map_err(failed),
            Action::PullImage => self
                .env
                .images
                .pull(
                    &self.instance.image,
                    self.instance.image_checksum.as_ref(),
                    context,
                )
                .await
                .map(drop)
                .map_err(|e| e.failure()),
            Action::UploadBase => upload_base(self, context).await,
            Action::MakeShare { path } => hypervisor
                .ensure_directory(
                    &shown(path),
                    DirectoryAccess {
                        mode: Some(0o755),
                        owner: None,
                    },
                )
                .await
                .map(drop)
                .map_err(failed),
            Action::Stop => {
                self.domain_is_as_planned().await?;
                let timeout = self.env.stop_timeout;
                shut_down(hypervisor, domain, timeout, context)
                    .await
                    .map(drop)
            }
            Action::DeleteDisk => self.delete_disk().await,
            Action::UploadSeed => self.upload_seed().await,
            Action::PinHostKey { key } => self.env.pin(self.instance, key),
            Action::Define { anew } => self.define(*anew).await,
            Action::CreateDisk => self.create_disk().await,
            Action::GrowDisk => self.grow_disk().await,
            Action::SetMemory => hypervisor
                .set_memory_live(domain, self.instance.memory_mib * 1024)
                .await
                .map_err(failed),
            Action::SetAutostart => hypervisor
                .set_autostart(domain, self.instance.autostart)
                .await
                .map_err(failed),
            Action::ReserveLease => hypervisor
                .set_reservation(&self.instance.network, self.reservation(), self.is_ours())
                .await
                .map(drop)
                .map_err(failed),
            Action::Start => self.start(context).await,
            Action::WaitReady => wait_ready(self, context).await,
            Action::DeleteSeed => self.delete_seed().await,
            Action::ReleaseLease => hypervisor
                .remove_reservation(&self.instance.network, &self.reservation())
                .await
                .map(drop)
                .map_err(failed),
            Action::RemoveShare { path } => hypervisor
                .remove_empty_directory(&shown(path))
                .await
                .map(drop)
                .map_err(failed),
            Action::Unpin => self
                .env
                .fleet
                .state()
                .known_hosts()
                .unpin(&self.instance.name)
                .map(drop)
                .map_err(|e| fleet_failure(&e)),
            Action::Undefine => {
                self.domain_is_as_planned().await?;
                self.refuse_active("undefine it").await?;
                hypervisor.undefine(domain, false).await.map_err(failed)
            }
        }
    }
}

/// How often a waiting step looks again.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(500);

fn shown(path: &Path) -> String {
    path.display().to_string()
}

pub(super) fn failed(error: HypervisorError) -> Failure {
    hypervisor_failure(&error)
}

pub(super) fn changed(what: String) -> Failure {
    Failure::new(FailureKind::Refused, what).hint("run the same command again to plan anew")
}
