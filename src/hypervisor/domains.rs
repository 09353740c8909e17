//! What is known about every domain, read with as few calls as libvirt allows.

use std::collections::HashMap;

use virt::sys;

use super::{
    DomainFacts, DomainState, Hypervisor,
    bulk::Record,
    connection::{Job, optional},
    domain_facts::Around,
    error::{HypervisorError, Kind},
    stats::disks,
};

impl Job {
    fn all_facts(&self) -> Result<Vec<DomainFacts>, HypervisorError> {
        let stats = sys::VIR_DOMAIN_STATS_STATE | sys::VIR_DOMAIN_STATS_BLOCK;
        let told: HashMap<String, Record> = match self.records(stats) {
            Ok(records) => records.into_iter().map(|r| (r.uuid.clone(), r)).collect(),
            // A driver without the call is asked for each domain's state.
            Err(HypervisorError::Unsupported { .. }) => HashMap::new(),
            Err(error) => return Err(error),
        };
        let autostart = self.listed_uuids(sys::VIR_CONNECT_LIST_DOMAINS_AUTOSTART)?;
        let persistent = self.listed_uuids(sys::VIR_CONNECT_LIST_DOMAINS_PERSISTENT)?;
        let mut all = Vec::new();
        for domain in self.listed(0)? {
            let name = self.read_handle(|| domain.get_name())?;
            let uuid = self.uuid(&domain)?;
            let record = told.get(&uuid);
            let state = match record.and_then(DomainState::of_record) {
                Some(state) => Some(state),
                // Defined since the statistics were read, or not told of by the driver.
                None => optional(self.state(&domain, &name))?,
            };
            let Some(state) = state else { continue };
            let around = Around {
                state,
                persistent: persistent.contains(&uuid),
                autostart: autostart.contains(&uuid),
            };
            // It may be undefined between two of these calls.
            let Some(mut facts) = optional(self.documents(&domain, &name, around))? else {
                continue;
            };
            let sizes = record.map(disks).unwrap_or_default();
            let told_by_qemu = facts.domain_type != "test";
            for disk in &mut facts.disks {
                let size = sizes.iter().find(|size| size.target == disk.target);
                disk.capacity = size.and_then(|size| size.capacity);
                // Of a domain that is busy, as while it starts, the statistics are left
                // out, since they are not waited for; its disks can still be asked for.
                if disk.capacity.is_none() && state.is_active() && told_by_qemu {
                    let info = self.on("look at", Kind::Domain, &name, || {
                        domain.get_block_info(&disk.target, 0)
                    });
                    disk.capacity = info.ok().map(|info| info.capacity);
                }
            }
            all.push(facts);
        }
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }
}

impl Hypervisor {
    /// Returns what is known about every domain, sorted by name.
    ///
    /// Four calls tell the states, the autostart, the persistence and the sizes of the
    /// disks of all domains. libvirt has no call for several documents, so that these
    /// cost one call for a domain that is off and two for an active one.
    ///
    /// A disk's size is `None` where libvirt's statistics don't tell it, as those of
    /// the test driver.
    ///
    /// # Errors
    /// `Unreachable`, `Denied`, `Other`.
    pub async fn domains(&self) -> Result<Vec<DomainFacts>, HypervisorError> {
        self.run(Job::all_facts).await
    }
}
