use std::collections::HashSet;

use serde::Serialize;
use virt::sys;

use super::{
    DomainState, Hypervisor,
    bulk::{Record, all_domain_stats},
    connection::{Job, optional},
    error::HypervisorError,
};

/// What a list tells about one domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DomainSummary {
    /// Its name.
    pub name: String,
    /// Its UUID.
    pub uuid: String,
    /// What it is doing.
    pub state: DomainState,
    /// Whether it starts with its hypervisor.
    pub autostart: bool,
    /// Whether it stays defined when it is off.
    pub persistent: bool,
}

/// The size of one disk of a domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BlockStats {
    /// Its name in the guest, such as `vda`.
    pub target: String,
    /// Its path on the hypervisor.
    pub path: Option<String>,
    /// Its size for the guest, in bytes.
    pub capacity: Option<u64>,
    /// What it takes on the hypervisor, in bytes.
    pub allocation: Option<u64>,
}

/// The numbers of one domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DomainStats {
    /// Its name.
    pub name: String,
    /// Its UUID.
    pub uuid: String,
    /// What it is doing.
    pub state: DomainState,
    /// Whether it starts with its hypervisor.
    pub autostart: bool,
    /// The virtual CPUs it has.
    pub current_vcpus: Option<u32>,
    /// The most virtual CPUs it may have.
    pub vcpus: Option<u32>,
    /// The memory it has, in KiB.
    pub current_memory_kib: Option<u64>,
    /// The most memory it may have, in KiB.
    pub memory_kib: Option<u64>,
    /// Its disks.
    pub disks: Vec<BlockStats>,
}

/// The states that libvirt can list domains by, each with one call.
const STATES: [(u32, DomainState); 3] = [
    (sys::VIR_CONNECT_LIST_DOMAINS_RUNNING, DomainState::Running),
    (sys::VIR_CONNECT_LIST_DOMAINS_PAUSED, DomainState::Paused),
    (sys::VIR_CONNECT_LIST_DOMAINS_SHUTOFF, DomainState::ShutOff),
];

impl Job {
    pub(super) fn listed(&self, flags: u32) -> Result<Vec<virt::domain::Domain>, HypervisorError> {
        self.on_all("list the domains of", |connect| {
            connect.list_all_domains(flags)
        })
    }

    pub(super) fn listed_uuids(&self, flags: u32) -> Result<HashSet<String>, HypervisorError> {
        self.listed(flags)?
            .iter()
            .map(|domain| self.uuid(domain))
            .collect()
    }

    /// Returns a domain's UUID, which its handle holds: no call to the daemon.
    pub(super) fn uuid(&self, domain: &virt::domain::Domain) -> Result<String, HypervisorError> {
        self.read_handle(|| domain.get_uuid_string())
    }

    /// Reads the groups of numbers in `stats` of all domains, with one call.
    pub(super) fn records(&self, stats: u32) -> Result<Vec<Record>, HypervisorError> {
        self.on_all("read the statistics of", |connect| {
            // A domain that another job keeps busy tells less instead of blocking all.
            let flags = sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT;
            all_domain_stats(connect, stats, flags)
        })
    }

    fn summaries(&self) -> Result<Vec<(virt::domain::Domain, DomainSummary)>, HypervisorError> {
        let autostart = self.listed_uuids(sys::VIR_CONNECT_LIST_DOMAINS_AUTOSTART)?;
        let persistent = self.listed_uuids(sys::VIR_CONNECT_LIST_DOMAINS_PERSISTENT)?;
        let mut by_state = Vec::with_capacity(STATES.len());
        for (flag, state) in STATES {
            by_state.push((self.listed_uuids(flag)?, state));
        }
        let mut all = Vec::new();
        for domain in self.listed(0)? {
            let name = self.read_handle(|| domain.get_name())?;
            let uuid = self.uuid(&domain)?;
            let listed = by_state.iter().find(|(uuids, _)| uuids.contains(&uuid));
            let state = match listed {
                Some((_, state)) => *state,
                // Crashed, blocked or on its way down: rare, so asked one by one.
                None => match optional(self.state(&domain, &name))? {
                    Some(state) => state,
                    None => continue,
                },
            };
            let summary = DomainSummary {
                autostart: autostart.contains(&uuid),
                persistent: persistent.contains(&uuid),
                name,
                uuid,
                state,
            };
            all.push((domain, summary));
        }
        all.sort_by(|(_, a), (_, b)| a.name.cmp(&b.name));
        Ok(all)
    }
}

impl DomainState {
    /// Reads the state, when the record tells it.
    pub(super) fn of_record(record: &Record) -> Option<Self> {
        let state = u32::try_from(record.number("state.state")?).ok()?;
        Some(Self::from_virt(state))
    }
}

/// Reads the sizes of a domain's disks.
pub(super) fn disks(record: &Record) -> Vec<BlockStats> {
    let disk = |index: u64| {
        let key = |field: &str| format!("block.{index}.{field}");
        Some(BlockStats {
            target: record.text(&key("name"))?.to_owned(),
            path: record.text(&key("path")).map(str::to_owned),
            capacity: record.number(&key("capacity")),
            allocation: record.number(&key("allocation")),
        })
    };
    (0..record.number("block.count").unwrap_or(0))
        .filter_map(disk)
        .collect()
}

/// Reads the numbers of one domain.
fn numbers(record: &Record, autostart: &HashSet<String>) -> DomainStats {
    let small = |key: &str| record.number(key).and_then(|n| u32::try_from(n).ok());
    DomainStats {
        state: DomainState::of_record(record).unwrap_or(DomainState::Unknown),
        autostart: autostart.contains(&record.uuid),
        current_vcpus: small("vcpu.current"),
        vcpus: small("vcpu.maximum"),
        current_memory_kib: record.number("balloon.current"),
        memory_kib: record.number("balloon.maximum"),
        disks: disks(record),
        name: record.name.clone(),
        uuid: record.uuid.clone(),
    }
}

impl Hypervisor {
    /// Returns the names and states of all domains, sorted by name, with a number of
    /// calls that does not grow with the domains.
    ///
    /// # Errors
    /// `Unreachable`, `Denied`, `Other`.
    pub async fn domain_list(&self) -> Result<Vec<DomainSummary>, HypervisorError> {
        self.run(|job| Ok(job.summaries()?.into_iter().map(|(_, s)| s).collect()))
            .await
    }

    /// Returns the numbers of all domains, sorted by name, with two calls for any
    /// number of domains. What a domain that is off, or libvirt's driver, doesn't tell
    /// is `None`.
    ///
    /// # Errors
    /// `Unreachable`, `Denied`, `Other`.
    pub async fn domain_stats(&self) -> Result<Vec<DomainStats>, HypervisorError> {
        self.run(|job| {
            let autostart = job.listed_uuids(sys::VIR_CONNECT_LIST_DOMAINS_AUTOSTART)?;
            let stats = sys::VIR_DOMAIN_STATS_STATE
                | sys::VIR_DOMAIN_STATS_BALLOON
                | sys::VIR_DOMAIN_STATS_VCPU
                | sys::VIR_DOMAIN_STATS_BLOCK;
            let mut all: Vec<_> = job
                .records(stats)?
                .iter()
                .map(|record| numbers(record, &autostart))
                .collect();
            all.sort_by(|a, b| a.name.cmp(&b.name));
            Ok(all)
        })
        .await
    }
}
