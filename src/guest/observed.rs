use std::{net::IpAddr, path::PathBuf};

use crate::{
    hypervisor::{DomainFacts, DomainState, NetworkFacts, VolumeFacts},
    inventory::Instance,
};

use super::{live_state::LiveState, metadata::Metadata, metadata_of, seed_facts::SeedFacts};

/// What is there for one instance: the planner's only view of the world.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// The domain of the wanted name, whoever made it.
    pub domain: Option<DomainFacts>,
    /// What swarmctl noted in the running domain.
    pub live: LiveState,
    /// A domain that swarmctl made for this instance under another name.
    pub renamed: Option<String>,
    /// Another domain that has the wanted disk.
    pub disk_user: Option<String>,
    /// Another domain on the network that has the wanted MAC.
    pub mac_user: Option<String>,
    /// The base image's volume.
    pub base: Option<VolumeFacts>,
    /// Whether the mark says that the base image was uploaded whole.
    pub base_complete: bool,
    /// Whether the base image is in the cache of this machine.
    pub image_cached: bool,
    /// The overlay.
    pub disk: Option<VolumeFacts>,
    /// The seed.
    pub seed: Option<VolumeFacts>,
    /// What the seed says of itself; read only where the plan depends on it.
    pub seed_facts: Option<SeedFacts>,
    /// The network.
    pub network: Option<NetworkFacts>,
    /// The address that the guest was given last.
    pub lease: Option<IpAddr>,
    /// Folders to share that don't exist; empty where that can't be known.
    pub missing_shares: Vec<PathBuf>,
    /// The key that is pinned for the wanted address.
    pub pinned: Option<String>,
    /// Whether any key is pinned for the instance.
    pub any_pin: bool,
}

impl Observed {
    /// Returns the metadata, when swarmctl made the domain.
    pub fn metadata(&self) -> Option<Metadata> {
        self.domain.as_ref().and_then(metadata_of)
    }

    /// Returns true when the domain runs, paused or not.
    pub fn is_active(&self) -> bool {
        self.domain.as_ref().is_some_and(|d| d.state.is_active())
    }

    /// Returns true when the domain runs and isn't paused.
    pub fn is_running(&self) -> bool {
        self.domain
            .as_ref()
            .is_some_and(|d| d.state == DomainState::Running)
    }

    /// Returns true when the running guest's balloon leaves it `mib` MiB.
    pub fn balloon_is(&self, mib: u64) -> bool {
        self.domain
            .as_ref()
            .is_some_and(|domain| domain.current_memory_kib / 1024 == mib)
    }

    /// Returns true when the network reserves the wanted address for the wanted MAC.
    pub fn has_reservation(&self, instance: &Instance) -> bool {
        self.network.as_ref().is_some_and(|network| {
            network.reservations.iter().any(|r| {
                r.mac.eq_ignore_ascii_case(&instance.mac)
                    && r.ip == instance.ip
                    && r.name.as_deref() == Some(instance.hostname.as_str())
            })
        })
    }

    /// Returns why the network needs a reservation, given that it has not the wanted one.
    pub fn reservation_differs(&self, instance: &Instance) -> String {
        let own = self.network.as_ref().and_then(|network| {
            let mut reservations = network.reservations.iter();
            reservations.find(|r| r.mac.eq_ignore_ascii_case(&instance.mac))
        });
        match own {
            Some(own) if own.ip != instance.ip => {
                format!("the network reserves {} for this MAC address", own.ip)
            }
            Some(own) => match &own.name {
                Some(name) => format!("the network's reservation names the host {name}"),
                None => "the network's reservation names no host".to_owned(),
            },
            None => "the network has no such reservation".to_owned(),
        }
    }
}
