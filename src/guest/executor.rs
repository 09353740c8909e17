use std::{path::Path, sync::Mutex, time::Duration};

use crate::{
    hypervisor::{DirectoryAccess, DomainState, Hypervisor, Reservation, VolumeSpec},
    inventory::{DomainType, Instance},
    plan::{Executor, Failure, FailureKind, StepContext},
};

use super::{
    action::Action,
    desired::Desired,
    documents::Documents,
    domain_xml::{DomainInputs, domain_xml},
    env::GuestEnv,
    failures::{fleet_failure, hypervisor_failure},
    host_key::HostKey,
    kvm_fallback::fall_back,
    live_state::{LIVE_NAMESPACE, LiveState},
    metadata::Metadata,
    metadata_of,
    observed::Observed,
    seed::seed_image,
    seed_facts::SeedFacts,
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

    fn claim(&self) -> Metadata {
        self.claim
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }

    fn set_claim(&self, change: impl FnOnce(&mut Metadata)) {
        change(
            &mut self
                .claim
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        );
    }

    /// Looks at the domain again: it must still be ours, or still be missing.
    async fn domain_is_as_planned(&self) -> Result<(), Failure> {
        let domain = &self.instance.domain;
        let now = self.hypervisor.domain(domain).await.map_err(failed)?;
        match now {
            Some(facts)
                if metadata_of(&facts).is_some_and(|m| m.instance == self.instance.name) =>
            {
                Ok(())
            }
            Some(_) => Err(changed(format!(
                "a domain {domain:?} that swarmctl did not make appeared since the plan was made"
            ))),
            None => Ok(()),
        }
    }

    async fn define(&self, anew: bool) -> Result<(), Failure> {
        self.domain_is_as_planned().await?;
        if anew {
            let base = self.desired.base_volume.clone().unwrap_or_default();
            self.set_claim(|claim| claim.image = base);
        }
        self.define_as(self.desired.kvm).await
    }

    /// Defines the domain for KVM or for emulation.
    pub(super) async fn define_as(&self, kvm: bool) -> Result<(), Failure> {
        // A domain keeps its UUID, also over an undefine in the same plan.
        let now = self
            .hypervisor
            .domain(&self.instance.domain)
            .await
            .map_err(failed)?;
        let known = now.as_ref().or(self.observed.domain.as_ref());
        let uuid = known.map(|domain| domain.uuid.as_str());
        let xml = domain_document(
            self.env,
            self.instance,
            self.desired,
            uuid,
            kvm,
            &self.claim(),
        )?;
        self.hypervisor.define(&xml).await.map_err(failed)?;
        Ok(())
    }

    async fn upload_seed(&self) -> Result<(), Failure> {
        self.domain_is_as_planned().await?;
        let key =
            HostKey::mint().map_err(|e| super::failures::failed_to(FailureKind::Failed, &e))?;
        let documents = Documents::render(&self.env.engine, self.instance, Some(&key))
            .map_err(Failure::invalid)?;
        let facts = SeedFacts {
            instance: self.instance.name.clone(),
            digest: documents.digest().to_owned(),
            host_key: key.public.clone(),
            documents: documents.redacted().to_owned(),
        };
        let image = seed_image(&documents, &facts)
            .map_err(|e| super::failures::failed_to(FailureKind::Failed, &e))?;
        let (pool, volume) = (&self.desired.seed_pool.name, &self.desired.seed_volume);
        if self
            .hypervisor
            .volume(pool, volume)
            .await
            .map_err(failed)?
            .is_some()
        {
            self.hypervisor
                .delete_volume(pool, volume)
                .await
                .map_err(failed)?;
        }
        let bytes = image.len() as u64;
        let spec = VolumeSpec {
            name: volume.clone(),
            capacity: bytes,
            format: "raw".to_owned(),
            backing: None,
            // It holds the host's private key.
            mode: Some(0o600),
        };
        self.hypervisor
            .create_volume(pool, spec)
            .await
            .map_err(failed)?;
        self.hypervisor
            .upload(pool, volume, std::io::Cursor::new(image), bytes, |_| {})
            .await
            .map_err(failed)?;
        self.env.pin(self.instance, &key.public)?;
        self.set_claim(|claim| {
            claim.seed_digest = facts.digest;
            claim.host_key = key.public.clone();
        });
        Ok(())
    }

    async fn create_disk(&self) -> Result<(), Failure> {
        let (pool, volume) = (&self.desired.disk_pool.name, &self.desired.disk_volume);
        self.hypervisor.refresh_pool(pool).await.map_err(failed)?;
        if self
            .hypervisor
            .volume(pool, volume)
            .await
            .map_err(failed)?
            .is_some()
        {
            return Err(changed(format!(
                "the disk {} appeared since the plan was made",
                self.desired.disk_path.display()
            )));
        }
        let Some(base) = &self.desired.base_volume else {
            return Err(Failure::new(
                FailureKind::Failed,
                "the base image is unknown",
            ));
        };
        let seed_pool = &self.desired.seed_pool.name;
        let base = self
            .hypervisor
            .volume(seed_pool, base)
            .await
            .map_err(failed)?;
        let Some(base) = base else {
            return Err(changed(
                "the base image went away since the plan was made".to_owned(),
            ));
        };
        if base.capacity > self.instance.disk_bytes {
            return Err(Failure::new(
                FailureKind::Invalid,
                format!(
                    "the base image needs {}, vm_disk_size is {}",
                    super::plan_provision::gib(base.capacity),
                    super::plan_provision::gib(self.instance.disk_bytes)
                ),
            )
            .hint("raise vm_disk_size"));
        }
        let spec = VolumeSpec {
            name: volume.clone(),
            capacity: self.instance.disk_bytes,
            format: "qcow2".to_owned(),
            backing: Some((
                base.path.clone(),
                base.format.clone().unwrap_or_else(|| "qcow2".to_owned()),
            )),
            mode: Some(0o600),
        };
        self.hypervisor
            .create_volume(pool, spec)
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn delete_disk(&self) -> Result<(), Failure> {
        self.domain_is_as_planned().await?;
        let (pool, volume) = (&self.desired.disk_pool.name, &self.desired.disk_volume);
        self.hypervisor.refresh_pool(pool).await.map_err(failed)?;
        let now = self.hypervisor.volume(pool, volume).await.map_err(failed)?;
        match (now, &self.observed.disk) {
            (None, _) => Ok(()),
            (Some(now), Some(planned))
                if now.capacity == planned.capacity && now.backing_path == planned.backing_path =>
            {
                self.refuse_active("delete its disk").await?;
                self.hypervisor
                    .delete_volume(pool, volume)
                    .await
                    .map_err(failed)
            }
            (Some(_), _) => Err(changed(format!(
                "the disk {} is not the one that the plan was made for",
                self.desired.disk_path.display()
            ))),
        }
    }

    async fn delete_seed(&self) -> Result<(), Failure> {
        let (pool, volume) = (&self.desired.seed_pool.name, &self.desired.seed_volume);
        if self
            .hypervisor
            .volume(pool, volume)
            .await
            .map_err(failed)?
            .is_some()
        {
            self.refuse_active("delete its seed").await?;
            self.hypervisor
                .delete_volume(pool, volume)
                .await
                .map_err(failed)?;
        }
        Ok(())
    }

    async fn refuse_active(&self, what: &str) -> Result<(), Failure> {
        let now = self
            .hypervisor
            .domain(&self.instance.domain)
            .await
            .map_err(failed)?;
        if now.is_some_and(|facts| facts.state.is_active()) {
            return Err(changed(format!(
                "the domain was started since the plan was made; will not {what}"
            )));
        }
        Ok(())
    }

    async fn grow_disk(&self) -> Result<(), Failure> {
        let bytes = self.instance.disk_bytes;
        let now = self
            .hypervisor
            .domain(&self.instance.domain)
            .await
            .map_err(failed)?;
        if now.is_some_and(|facts| facts.state.is_active()) {
            self.hypervisor
                .resize_disk_live(&self.instance.domain, "vda", bytes)
                .await
                .map_err(failed)
        } else {
            let (pool, volume) = (&self.desired.disk_pool.name, &self.desired.disk_volume);
            self.hypervisor
                .resize_volume(pool, volume, bytes)
                .await
                .map_err(failed)
        }
    }

    async fn start(&self, context: &StepContext<'_>) -> Result<(), Failure> {
        let domain = &self.instance.domain;
        let now = self.hypervisor.domain(domain).await.map_err(failed)?;
        match now.map(|facts| facts.state) {
            Some(DomainState::Running) => return Ok(()),
            Some(DomainState::Paused) => {
                self.hypervisor.resume(domain).await.map_err(failed)?;
                return Ok(());
            }
            Some(_) => {}
            None => {
                return Err(changed(format!(
                    "the domain {domain:?} went away since the plan was made"
                )));
            }
        }
        self.power_on_or_emulate(context).await
    }

    /// Starts the domain; where it is open whether KVM works and it doesn't even
    /// start, goes on in emulation.
    async fn power_on_or_emulate(&self, context: &StepContext<'_>) -> Result<(), Failure> {
        let Err(failure) = self.power_on().await else {
            return Ok(());
        };
        let uri = &self.instance.hypervisor;
        let open = self.instance.domain_type == DomainType::Auto
            && self.env.learned(uri).is_none()
            && self.is_kvm().await?;
        if !open {
            return Err(failure);
        }
        context.warn(format!(
            "KVM does not work on {uri} ({failure}); going on in emulation, which is slower"
        ));
        fall_back(self, &failure.to_string()).await
    }

    async fn is_kvm(&self) -> Result<bool, Failure> {
        let facts = self
            .hypervisor
            .domain(&self.instance.domain)
            .await
            .map_err(failed)?;
        Ok(facts.is_some_and(|facts| facts.domain_type == "kvm"))
    }

    /// Starts the domain and notes the time in it.
    pub(super) async fn power_on(&self) -> Result<(), Failure> {
        self.hypervisor
            .start(&self.instance.domain)
            .await
            .map_err(failed)?;
        self.note_live(false).await
    }

    /// Notes in the running domain since when it runs and whether it was seen ready.
    pub(super) async fn note_live(&self, ready: bool) -> Result<(), Failure> {
        let domain = &self.instance.domain;
        let facts = self.hypervisor.domain(domain).await.map_err(failed)?;
        let before = facts
            .and_then(|facts| facts.xml_live)
            .map(|xml| LiveState::parse(&xml))
            .unwrap_or_default();
        let since = if ready { before.since } else { None };
        let state = LiveState {
            since: since.or_else(|| {
                Some(
                    jiff::Timestamp::now()
                        .round(jiff::Unit::Second)
                        .unwrap_or_default()
                        .to_string(),
                )
            }),
            ready,
        };
        self.hypervisor
            .set_metadata_live(domain, LIVE_NAMESPACE, "live", &state.to_xml())
            .await
            .map_err(failed)
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
                super::power::shut_down(hypervisor, domain, self.env.stop_timeout, context)
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

pub(super) fn failed(error: crate::hypervisor::HypervisorError) -> Failure {
    hypervisor_failure(&error)
}

/// Returns what the domain's metadata says, or shall say as far as it is known: of
/// the seed what the seed says of itself, of the image what the disk was made from.
pub(super) fn first_claim(
    instance: &Instance,
    desired: &Desired,
    observed: &Observed,
    fleet: &str,
) -> Metadata {
    let known = observed.metadata();
    let seed = observed.seed_facts.as_ref();
    let (seed_digest, host_key) = match (seed, &known) {
        (Some(seed), _) => (seed.digest.clone(), seed.host_key.clone()),
        (None, Some(known)) => (known.seed_digest.clone(), known.host_key.clone()),
        (None, None) => (desired.seed_digest.clone(), "<host key>".to_owned()),
    };
    Metadata {
        instance: instance.name.clone(),
        fleet: fleet.to_owned(),
        seed_digest,
        image: known.map_or_else(
            || desired.base_volume.clone().unwrap_or_default(),
            |known| known.image,
        ),
        host_key,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// Returns the document that libvirt is to define.
pub(super) fn domain_document(
    env: &GuestEnv,
    instance: &Instance,
    desired: &Desired,
    uuid: Option<&str>,
    kvm: bool,
    metadata: &Metadata,
) -> Result<String, Failure> {
    let inputs = DomainInputs {
        kvm,
        disk_path: &desired.disk_path,
        seed_path: &desired.seed_path,
        shares: &desired.shares,
        machine_uuid: uuid,
        metadata,
    };
    domain_xml(&env.engine, instance, &inputs).map_err(Failure::invalid)
}

fn changed(what: String) -> Failure {
    Failure::new(FailureKind::Refused, what).hint("run the same command again to plan anew")
}
