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
}

impl HostView {
    /// Looks at the hypervisor, at the networks in `networks`.
    ///
    /// # Errors
    /// When the hypervisor can't be asked.
    pub async fn take(hypervisor: &Hypervisor, networks: &[&str]) -> Result<Self, HypervisorError> {
        let mut view = Self {
            domains: hypervisor.domains().await?,
            pools: hypervisor.pools().await?,
            kvm: hypervisor.supports_kvm().await?,
            ..Self::default()
        };
        for name in networks {
            if let Some(facts) = hypervisor.network(name).await? {
                view.networks.insert((*name).to_owned(), facts);
            }
        }
        Ok(view)
    }

    /// Returns the domain of that name.
    pub fn domain(&self, name: &str) -> Option<&DomainFacts> {
        self.domains.iter().find(|domain| domain.name == name)
    }

    /// Returns the domain that swarmctl made for `instance` under another name
    /// than the inventory's.
    pub fn renamed(&self, instance: &Instance) -> Option<&DomainFacts> {
        self.domains.iter().find(|domain| {
            domain.name != instance.domain
                && metadata_of(domain).is_some_and(|m| m.instance == instance.name)
        })
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
