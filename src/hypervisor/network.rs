use std::collections::HashSet;

use virt::{network::Network, sys};

use super::{
    Hypervisor, NetworkFacts,
    connection::{Job, optional},
    error::{HypervisorError, Kind},
};

impl Job {
    /// Looks a network up by its name.
    pub(super) fn network(&self, name: &str) -> Result<Network, HypervisorError> {
        self.on("find", Kind::Network, name, || {
            Network::lookup_by_name(self.connect(), name)
        })
    }

    pub(super) fn on_network<T>(
        &self,
        verb: &str,
        name: &str,
        call: impl FnOnce() -> Result<T, virt::error::Error>,
    ) -> Result<T, HypervisorError> {
        self.on(verb, Kind::Network, name, call)
    }

    fn listed_networks(&self, flags: u32) -> Result<Vec<Network>, HypervisorError> {
        self.on_all("list the networks of", |connect| {
            connect.list_all_networks(flags)
        })
    }

    fn network_names(&self, flags: u32) -> Result<HashSet<String>, HypervisorError> {
        let networks = self.listed_networks(flags)?;
        let name = |network: &Network| self.read_handle(|| network.get_name());
        networks.iter().map(name).collect()
    }

    fn networks(
        &self,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<NetworkFacts>, HypervisorError> {
        let active = self.network_names(sys::VIR_CONNECT_LIST_NETWORKS_ACTIVE)?;
        let autostart = self.network_names(sys::VIR_CONNECT_LIST_NETWORKS_AUTOSTART)?;
        let mut all = Vec::new();
        for network in self.listed_networks(0)? {
            let name = self.read_handle(|| network.get_name())?;
            if !wanted(&name) {
                continue;
            }
            let xml = self.on_network("look at", &name, || network.get_xml_desc(0));
            // It may be undefined between two of these calls.
            let Some(xml) = optional(xml)? else { continue };
            let (active, autostart) = (active.contains(&name), autostart.contains(&name));
            all.push(NetworkFacts::read(&xml, active, autostart)?);
        }
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    fn network_facts(&self, network: &Network) -> Result<NetworkFacts, HypervisorError> {
        let name = self.read_handle(|| network.get_name())?;
        let look = "look at";
        let active = self.on_network(look, &name, || network.is_active())?;
        // A transient network has no autostart, and asking for it is an error.
        let autostart = self
            .on_network(look, &name, || network.get_autostart())
            .unwrap_or(false);
        // Without a flag it is the document in force, or the defined one if none is.
        let xml = self.on_network(look, &name, || network.get_xml_desc(0))?;
        NetworkFacts::read(&xml, active, autostart)
    }
}

impl Hypervisor {
    /// Returns what is known about a network.
    ///
    /// # Errors
    /// `Unreachable`, `Denied`, `Other`.
    pub async fn network(&self, name: &str) -> Result<Option<NetworkFacts>, HypervisorError> {
        let name = name.to_owned();
        self.run(move |job| match optional(job.network(&name))? {
            Some(network) => optional(job.network_facts(&network)),
            None => Ok(None),
        })
        .await
    }

    /// Returns what is known about every network, sorted by name: three calls for all,
    /// and one for the document of each.
    ///
    /// # Errors
    /// `Unreachable`, `Denied`, `Other`.
    pub async fn networks(&self) -> Result<Vec<NetworkFacts>, HypervisorError> {
        self.run(|job| job.networks(|_| true)).await
    }

    /// Returns what is known about the networks in `names`, sorted by name; a missing
    /// one is missing. Three calls, and one for the document of each.
    ///
    /// # Errors
    /// `Unreachable`, `Denied`, `Other`.
    pub async fn networks_named(
        &self,
        names: &[&str],
    ) -> Result<Vec<NetworkFacts>, HypervisorError> {
        let names: HashSet<String> = names.iter().map(|name| (*name).to_owned()).collect();
        self.run(move |job| job.networks(|name| names.contains(name)))
            .await
    }

    /// Defines a network.
    ///
    /// # Errors
    /// `Rejected`, `Exists`.
    pub async fn define_network(&self, xml: &str) -> Result<(), HypervisorError> {
        let xml = xml.to_owned();
        self.run(move |job| {
            let name = super::domain::name_in(&xml);
            if xml.contains('\0') {
                return Err(job
                    .attempt("define", Kind::Network, &name)
                    .rejected("its document contains a NUL character"));
            }
            job.on_network("define", &name, || Network::define_xml(job.connect(), &xml))
                .map(drop)
        })
        .await
    }

    /// Makes a network active.
    ///
    /// # Errors
    /// `NoSuch`; `WrongState` when it is active already; `Other` when its addresses
    /// are taken.
    pub async fn start_network(&self, name: &str) -> Result<(), HypervisorError> {
        let name = name.to_owned();
        self.run(move |job| {
            let network = job.network(&name)?;
            job.on_network("start", &name, || network.create())
                .map(drop)
        })
        .await
    }

    /// Makes a network inactive and removes its definition.
    ///
    /// # Errors
    /// `NoSuch`.
    pub async fn undefine_network(&self, name: &str) -> Result<(), HypervisorError> {
        let name = name.to_owned();
        self.run(move |job| {
            let network = job.network(&name)?;
            let persistent = job.on_network("look at", &name, || network.is_persistent())?;
            if job.on_network("look at", &name, || network.is_active())? {
                job.on_network("stop", &name, || network.destroy())?;
            }
            if persistent {
                job.on_network("undefine", &name, || network.undefine())?;
            }
            Ok(())
        })
        .await
    }
}
