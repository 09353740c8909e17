//! A model of a hypervisor for the planners' tests: it does what each action says
//! it does, and forgets what a killed process forgets.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use ipnet::IpNet;
use secrecy::ExposeSecret;

use crate::{
    hypervisor::{DomainFacts, DomainState, NetworkFacts, PoolFacts, Reservation, VolumeFacts},
    inventory::Instance,
    plan::{Failure, Plan},
};

use super::{
    action::Action,
    claim::first_claim,
    desired::Desired,
    documents::Documents,
    domain_xml::{DomainInputs, domain_xml},
    host_view::HostView,
    live_state::LiveState,
    metadata::Metadata,
    metadata_of,
    names::{base_mark, base_volume},
    observed::Observed,
    plan_destroy::plan_destroy,
    plan_provision::{ProvisionOptions, plan_provision},
    seed_facts::SeedFacts,
    testing::engine,
};

#[derive(Clone, Default)]
pub struct World {
    pub view: HostView,
    pub volumes: BTreeMap<(String, String), VolumeFacts>,
    pub seed: Option<SeedFacts>,
    pub pin: Option<String>,
    pub live: LiveState,
    pub shares: BTreeSet<PathBuf>,
    cached: bool,
    keys: u32,
}

impl World {
    pub fn new() -> Self {
        let mut world = Self::default();
        let network = NetworkFacts {
            name: "default".to_owned(),
            active: false,
            autostart: true,
            bridge: Some("virbr0".to_owned()),
            forward: Some("nat".to_owned()),
            address: Some("192.168.122.1/24".parse::<IpNet>().unwrap()),
            dhcp_range: None,
            reservations: Vec::new(),
        };
        world.view.networks.insert("default".to_owned(), network);
        world
    }

    pub fn look(&self, instance: &Instance) -> (Desired, Observed) {
        let checksum = instance.image_checksum.as_ref();
        let base = base_volume(&instance.image, checksum, None);
        let documents = Documents::render(&engine(), instance, None).unwrap();
        let desired =
            Desired::resolve(instance, &self.view, Some(false), &documents, base.clone()).unwrap();
        let base = base.unwrap();
        let in_pool = |pool: &str, name: &str| {
            let key = (pool.to_owned(), name.to_owned());
            self.volumes.get(&key).cloned()
        };
        let domain = self.view.domain(&instance.domain).cloned();
        let seed = in_pool(&desired.seed_pool.name, &desired.seed_volume);
        let own = |path: &PathBuf| !self.shares.contains(path);
        let observed = Observed {
            live: self.live.clone(),
            base: in_pool(&desired.seed_pool.name, &base),
            base_complete: in_pool(&desired.seed_pool.name, &base_mark(&base)).is_some(),
            image_cached: self.cached,
            disk: in_pool(&desired.disk_pool.name, &desired.disk_volume),
            seed_facts: self.seed.clone().filter(|_| seed.is_some()),
            seed,
            network: self.view.networks.get(&instance.network).cloned(),
            missing_shares: desired
                .shares
                .iter()
                .map(|(path, _)| path.clone())
                .filter(own)
                .collect(),
            pinned: self.pin.clone(),
            any_pin: self.pin.is_some(),
            renamed: self.view.renamed(instance).map(|d| d.name.clone()),
            domain,
            ..Observed::default()
        };
        (desired, observed)
    }

    pub fn plan(&self, instance: &Instance, options: ProvisionOptions) -> Plan<Action> {
        self.try_plan(instance, options).unwrap()
    }

    pub fn try_plan(
        &self,
        instance: &Instance,
        options: ProvisionOptions,
    ) -> Result<Plan<Action>, Failure> {
        let (desired, observed) = self.look(instance);
        plan_provision(instance, &desired, &observed, options)
    }

    /// Provisions, and is killed after `steps`. Returns how many there were.
    pub fn provision(
        &mut self,
        instance: &Instance,
        options: ProvisionOptions,
        steps: usize,
    ) -> usize {
        let (desired, observed) = self.look(instance);
        let plan = plan_provision(instance, &desired, &observed, options).unwrap();
        self.execute(&plan, instance, &desired, &observed, steps);
        plan.steps.len()
    }

    /// Destroys, and is killed after `steps`. Returns how many there were.
    pub fn destroy(&mut self, instance: &Instance, keep_disk: bool, steps: usize) -> usize {
        let (desired, observed) = self.look(instance);
        let plan = plan_destroy(instance, &desired, &observed, keep_disk).unwrap();
        self.execute(&plan, instance, &desired, &observed, steps);
        plan.steps.len()
    }

    fn execute(
        &mut self,
        plan: &Plan<Action>,
        instance: &Instance,
        desired: &Desired,
        observed: &Observed,
        steps: usize,
    ) {
        let mut claim = first_claim(instance, desired, observed, "/fleet");
        for step in plan.steps.iter().take(steps) {
            self.act(&step.action, instance, desired, &mut claim);
        }
    }

    fn act(
        &mut self,
        action: &Action,
        instance: &Instance,
        desired: &Desired,
        claim: &mut Metadata,
    ) {
        let disk = (desired.disk_pool.name.clone(), desired.disk_volume.clone());
        let seed = (desired.seed_pool.name.clone(), desired.seed_volume.clone());
        let in_seed_pool = |name: &str| (desired.seed_pool.name.clone(), name.to_owned());
        let base = desired.base_volume.clone().unwrap();
        match action {
            Action::DefinePool { name, path } => self.view.pools.push(PoolFacts {
                name: name.clone(),
                active: true,
                autostart: true,
                persistent: true,
                target_path: Some(path.display().to_string()),
                kind: "dir".to_owned(),
                capacity: 0,
                available: 0,
            }),
            Action::StartPool { .. } => unreachable!("pools are made active"),
            Action::StartNetwork => {
                let network = self.view.networks.get_mut(&instance.network);
                network.unwrap().active = true;
            }
            Action::PullImage => self.cached = true,
            Action::UploadBase => {
                assert!(self.cached, "uploads what it has");
                let path = desired.seed_pool.path.join(&base);
                let volume = volume(&path.display().to_string(), 2 << 30, None);
                self.volumes.insert(in_seed_pool(&base), volume.clone());
                self.volumes.insert(in_seed_pool(&base_mark(&base)), volume);
            }
            Action::MakeShare { path } => assert!(self.shares.insert(path.clone())),
            Action::Stop => {
                let domain = self.domain(instance);
                *domain = documents(&domain.xml_inactive, None, domain.autostart);
                self.live = LiveState::default();
            }
            Action::DeleteDisk => {
                assert!(!self.is_active(instance), "the disk of a running guest");
                assert!(self.volumes.remove(&disk).is_some());
            }
            Action::UploadSeed => {
                assert!(!self.is_active(instance), "the seed of a running guest");
                self.keys += 1;
                let key = format!("ssh-ed25519 key{}", self.keys);
                let text = Documents::render(&engine(), instance, None).unwrap();
                assert!(
                    text.user_data()
                        .expose_secret()
                        .starts_with("#cloud-config")
                );
                self.volumes.insert(seed, volume("seed", 1 << 20, None));
                let facts = SeedFacts::new(
                    &instance.name,
                    self.keys.to_string(),
                    text.digest(),
                    &key,
                    text.redacted(),
                );
                claim.seed_digest = facts.shown_digest();
                self.seed = Some(facts);
                self.pin = Some(key.clone());
                claim.host_key = key;
            }
            Action::PinHostKey { key } => self.pin = Some(key.clone()),
            Action::Define { anew } => self.define(*anew, instance, desired, claim),
            Action::CreateDisk => {
                let backing = desired.seed_pool.path.join(base).display().to_string();
                let path = desired.disk_path.display().to_string();
                let made = volume(&path, instance.disk_bytes, Some(backing));
                assert!(
                    self.volumes.insert(disk, made).is_none(),
                    "overwrote a disk"
                );
            }
            Action::GrowDisk => {
                let volume = self.volumes.get_mut(&disk).unwrap();
                assert!(
                    volume.capacity < instance.disk_bytes,
                    "a disk never shrinks"
                );
                volume.capacity = instance.disk_bytes;
            }
            Action::SetMemory => {
                let kib = instance.memory_mib * 1024;
                let domain = self.domain(instance);
                assert!(kib < domain.memory_kib, "a balloon only takes away");
                domain.current_memory_kib = kib;
            }
            Action::SetAutostart => self.domain(instance).autostart = instance.autostart,
            Action::ReserveLease => {
                let network = self.view.networks.get_mut(&instance.network).unwrap();
                let wanted = reservation(instance);
                network.reservations.retain(|r| !r.conflicts(&wanted));
                network.reservations.push(wanted);
            }
            Action::Start => {
                assert!(self.volumes.contains_key(&disk), "starts with a disk");
                assert!(self.volumes.contains_key(&seed), "starts with a seed");
                let domain = self.domain(instance);
                let xml = domain.xml_inactive.clone();
                *domain = documents(&xml, Some(&xml), domain.autostart);
                self.live = LiveState::default();
            }
            Action::WaitReady => {
                let metadata = metadata_of(self.domain(instance)).unwrap();
                assert_eq!(self.pin.as_ref(), Some(&metadata.host_key));
                assert_eq!(self.seed.as_ref().unwrap().host_key, metadata.host_key);
                self.live.ready = true;
            }
            Action::DeleteSeed => {
                self.volumes.remove(&seed);
                self.seed = None;
            }
            Action::ReleaseLease => {
                let network = self.view.networks.get_mut(&instance.network).unwrap();
                network.reservations.clear();
            }
            Action::RemoveShare { path } => assert!(self.shares.remove(path)),
            Action::Unpin => self.pin = None,
            Action::Undefine => {
                assert!(!self.is_active(instance));
                self.view.domains.retain(|d| d.name != instance.domain);
            }
        }
    }

    fn define(&mut self, anew: bool, instance: &Instance, desired: &Desired, claim: &mut Metadata) {
        if anew {
            claim.image = desired.base_volume.clone().unwrap();
        }
        let inputs = DomainInputs {
            kvm: desired.kvm,
            disk_path: &desired.disk_path,
            seed_path: &desired.seed_path,
            shares: &desired.shares,
            machine_uuid: None,
            metadata: claim,
        };
        let xml = domain_xml(&engine(), instance, &inputs).unwrap();
        let before = self.view.domain(&instance.domain).cloned();
        let mut made = documents(
            &xml,
            before.as_ref().and_then(|d| d.xml_live.as_deref()),
            before.as_ref().is_some_and(|d| d.autostart),
        );
        if let Some(before) = before.filter(|d| d.state.is_active()) {
            made.current_memory_kib = before.current_memory_kib;
        }
        self.view.domains.retain(|d| d.name != instance.domain);
        self.view.domains.push(made);
    }

    pub fn domain(&mut self, instance: &Instance) -> &mut DomainFacts {
        let mut domains = self.view.domains.iter_mut();
        domains.find(|d| d.name == instance.domain).unwrap()
    }

    fn is_active(&self, instance: &Instance) -> bool {
        self.view
            .domain(&instance.domain)
            .is_some_and(|domain| domain.state.is_active())
    }
}

pub fn reservation(instance: &Instance) -> Reservation {
    Reservation {
        mac: instance.mac.clone(),
        ip: instance.ip.into(),
        name: Some(instance.hostname.clone()),
    }
}

pub fn documents(inactive: &str, live: Option<&str>, autostart: bool) -> DomainFacts {
    let state = match live {
        Some(_) => DomainState::Running,
        None => DomainState::ShutOff,
    };
    let live = live.map(str::to_owned);
    DomainFacts::from_documents(state, autostart, inactive.to_owned(), live).unwrap()
}

pub fn volume(path: &str, capacity: u64, backing: Option<String>) -> VolumeFacts {
    VolumeFacts {
        name: String::new(),
        path: path.to_owned(),
        capacity,
        allocation: 0,
        format: Some("qcow2".to_owned()),
        backing_path: backing,
        kind: Some("file".to_owned()),
    }
}
