use std::{path::PathBuf, sync::Arc, time::Duration};

use crate::{fleet::FleetDir, inventory::Instance, plan::Failure, template::Engine};

use super::{failures::fleet_failure, image_store::ImageStore};

/// What every verb on guests needs, made once for each run.
pub struct GuestEnv {
    /// The fleet directory.
    pub fleet: FleetDir,
    /// Templates of the fleet.
    pub engine: Arc<Engine>,
    /// Base images on this machine.
    pub images: ImageStore,
    /// How long a guest may take until it is ready.
    pub ready_timeout: Duration,
    /// How long an orderly shutdown may take before force.
    pub stop_timeout: Duration,
    /// How long a connection to a hypervisor or one call may take.
    pub call_timeout: Duration,
    /// Instances at once.
    pub forks: usize,
    /// The socket of the SSH agent.
    pub ssh_agent: Option<PathBuf>,
    /// What this run does, for the lock's holder ("swarmctl provision").
    pub command: String,
}

impl GuestEnv {
    /// Returns the host key that is pinned for the instance's present address.
    ///
    /// # Errors
    /// When the pins can't be read.
    pub fn pinned(&self, instance: &Instance) -> Result<Option<String>, Failure> {
        let wanted = host_names(instance)?;
        let pins = self
            .fleet
            .state()
            .known_hosts()
            .pins(&instance.name)
            .map_err(|e| fleet_failure(&e))?;
        Ok(pins
            .into_iter()
            .find(|pin| {
                wanted
                    .iter()
                    .all(|name| pin.hosts.contains(&name.to_string()))
            })
            .map(|pin| pin.public_key))
    }

    /// Returns true when any host key is pinned for the instance.
    ///
    /// # Errors
    /// When the pins can't be read.
    pub fn any_pin(&self, instance: &Instance) -> Result<bool, Failure> {
        let pins = self.fleet.state().known_hosts().pins(&instance.name);
        pins.map(|pins| !pins.is_empty())
            .map_err(|e| fleet_failure(&e))
    }

    /// Pins `key` for the instance's present address, in place of any other.
    ///
    /// # Errors
    /// When the pins can't be written.
    pub fn pin(&self, instance: &Instance, key: &str) -> Result<(), Failure> {
        let names = host_names(instance)?;
        self.fleet
            .state()
            .known_hosts()
            .pin(&instance.name, &names, &[key])
            .map(drop)
            .map_err(|e| fleet_failure(&e))
    }

    /// Returns whether KVM was found to work on the hypervisor at `uri`, if an
    /// earlier run found out.
    pub fn learned(&self, uri: &str) -> Option<bool> {
        let learned = self.fleet.state().hypervisors().domain_type(uri);
        learned.map(|learned| learned.domain_type == "kvm")
    }

    /// Notes whether KVM works on the hypervisor at `uri`, and how that was found.
    ///
    /// # Errors
    /// When the fleet's notes can't be written.
    pub fn learn(&self, uri: &str, kvm: bool, why: &str) -> Result<(), Failure> {
        let domain_type = if kvm { "kvm" } else { "qemu" };
        self.fleet
            .state()
            .hypervisors()
            .learn(uri, domain_type, why)
            .map_err(|e| fleet_failure(&e))
    }
}

/// The names that SSH looks the instance up by.
fn host_names(instance: &Instance) -> Result<Vec<crate::fleet::HostName>, Failure> {
    let port = instance.connection.port.unwrap_or(22);
    let mut names = vec![instance.connection.host.clone()];
    let ip = instance.ip.to_string();
    if !names.contains(&ip) {
        names.push(ip);
    }
    names
        .iter()
        .map(|name| crate::fleet::HostName::new(name, port).map_err(|e| fleet_failure(&e)))
        .collect()
}
