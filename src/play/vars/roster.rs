use indexmap::IndexMap;

use crate::{inventory::Inventory, select::Names};

/// Hosts and groups at one moment of a run: those of the inventory, and those that
/// tasks added.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    hosts: Vec<String>,
    groups: IndexMap<String, Vec<String>>,
}

impl Roster {
    /// Returns the hosts and groups of an inventory.
    pub fn new(inventory: &Inventory) -> Self {
        let groups = inventory
            .groups()
            .keys()
            .map(|name| {
                let hosts = inventory.group_hosts(name);
                (name.clone(), hosts.into_iter().map(str::to_owned).collect())
            })
            .collect();
        let hosts = Names::hosts(inventory);
        Self {
            hosts: hosts.into_iter().map(str::to_owned).collect(),
            groups,
        }
    }

    /// Adds a host; returns whether it is new.
    pub fn add_host(&mut self, host: &str) -> bool {
        if self.hosts.iter().any(|one| one == host) {
            return false;
        }
        self.hosts.push(host.to_owned());
        self.add_member("all", host);
        true
    }

    /// Makes a host a member of a group; returns whether that changed anything.
    pub fn add_member(&mut self, group: &str, host: &str) -> bool {
        let members = self.groups.entry(group.to_owned()).or_default();
        if members.iter().any(|one| one == host) {
            return false;
        }
        members.push(host.to_owned());
        true
    }

    /// Returns all groups with their hosts.
    pub fn groups(&self) -> &IndexMap<String, Vec<String>> {
        &self.groups
    }

    /// Returns the groups of a host, sorted and without `all`.
    pub fn groups_of(&self, host: &str) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .groups
            .iter()
            .filter(|(name, hosts)| *name != "all" && hosts.iter().any(|one| one == host))
            .map(|(name, _)| name.as_str())
            .collect();
        names.sort_unstable();
        names
    }
}

impl Names for Roster {
    fn hosts(&self) -> Vec<&str> {
        self.hosts.iter().map(String::as_str).collect()
    }

    fn host(&self, name: &str) -> Option<&str> {
        self.hosts
            .iter()
            .map(String::as_str)
            .find(|host| *host == name)
    }

    fn group(&self, name: &str) -> Option<Vec<&str>> {
        let hosts = self.groups.get(name)?;
        Some(hosts.iter().map(String::as_str).collect())
    }

    fn group_names(&self) -> Vec<&str> {
        self.groups.keys().map(String::as_str).collect()
    }
}
