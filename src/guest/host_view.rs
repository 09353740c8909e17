use std::collections::HashMap;

use crate::{
    hypervisor::{DomainFacts, Hypervisor, HypervisorError, NetworkFacts, PoolFacts},
    inventory::Instance,
};

use super::metadata_of;

/// What one hypervisor has: taken once for all instances on it.
#[derive(Clone, Debug, Default)]
pub struct HostView {
    /// Every domain.
    pub domains: Vec<DomainFacts>,
    /// Every pool.
    pub pools: Vec<PoolFacts>,
    /// The networks that the instances name; a missing one is missing here.
    pub networks: HashMap<String, NetworkFacts>,
    /// Whether the hypervisor says that it has KVM.
    pub kvm: bool,
    /// The names of the domains that swarmctl made, by instance. Reading this out of
    /// all documents again for each instance would take a square of the fleet's size.
    made: Option<HashMap<String, Vec<String>>>,
}

impl HostView {
    /// Looks at the hypervisor, at the networks in `networks`. The number of calls is
    /// constant but for the documents: one for each pool, each of these networks and
    /// each domain, and a second one for an active domain.
    ///
    /// # Errors
    /// When the hypervisor can't be asked.
    pub async fn take(hypervisor: &Hypervisor, networks: &[&str]) -> Result<Self, HypervisorError> {
        let networks = hypervisor.networks_named(networks).await?;
        let domains = hypervisor.domains().await?;
        let mut made: HashMap<String, Vec<String>> = HashMap::new();
        for domain in &domains {
            if let Some(metadata) = metadata_of(domain) {
                let names = made.entry(metadata.instance).or_default();
                names.push(domain.name.clone());
            }
        }
        Ok(Self {
            domains,
            made: Some(made),
            pools: hypervisor.pools().await?,
            networks: networks.into_iter().map(|n| (n.name.clone(), n)).collect(),
            kvm: hypervisor.supports_kvm().await?,
        })
    }

    /// Returns the domain of that name.
    pub fn domain(&self, name: &str) -> Option<&DomainFacts> {
        self.domains.iter().find(|domain| domain.name == name)
    }

    /// Returns the domain that swarmctl made for `instance` under another name
    /// than the inventory's.
    pub fn renamed(&self, instance: &Instance) -> Option<&DomainFacts> {
        match &self.made {
            Some(made) => {
                let mut names = made.get(&instance.name)?.iter();
                self.domain(names.find(|name| **name != instance.domain)?)
            }
            None => self.domains.iter().find(|domain| {
                domain.name != instance.domain
                    && metadata_of(domain).is_some_and(|m| m.instance == instance.name)
            }),
        }
    }

    /// Returns the names of the pools, for messages.
    pub fn pool_names(&self) -> String {
        let names: Vec<&str> = self.pools.iter().map(|pool| pool.name.as_str()).collect();
        if names.is_empty() {
            "(none is defined)".to_owned()
        } else {
            names.join(", ")
        }
    }
}
