use std::{
    collections::{HashSet, VecDeque},
    path::Path,
    sync::Arc,
};

use indexmap::IndexMap;

use super::{Entry, Group, LoadOptions, Map, layers::FileVars, load, vaulted};
use crate::{
    plan::{Diagnostic, Diagnostics, Place},
    secret::Redactor,
    select::Names,
};

/// Hosts, groups and variables, as Ansible would see them.
#[derive(Clone, Debug)]
pub struct Inventory {
    pub(super) groups: IndexMap<String, Group>,
    pub(super) hosts: IndexMap<String, Host>,
    /// For each group what `group_vars/` hold.
    pub(super) group_files: Vec<FileVars>,
    extra: Map,
    /// All hosts in the order of the group `all`.
    order: Vec<String>,
    warnings: Diagnostics,
    /// Files that are vault-encrypted as a whole: none of their values is shown.
    pub(super) encrypted: HashSet<Arc<Path>>,
}

/// A host.
#[derive(Clone, Debug)]
pub(super) struct Host {
    pub place: Place,
    pub vars: Map,
    /// All groups but `all`, in the order they are merged.
    pub groups: Arc<[usize]>,
    pub files: FileVars,
}

impl Inventory {
    /// Loads an inventory from its sources and the variables files next to them.
    ///
    /// # Errors
    /// All that is wrong with the input, each with its place.
    pub fn load(options: &LoadOptions<'_>) -> Result<Self, Diagnostics> {
        load::load(options)
    }

    pub(super) fn new(
        groups: IndexMap<String, Group>,
        hosts: IndexMap<String, Host>,
        group_files: Vec<FileVars>,
        extra: Map,
        warnings: Diagnostics,
        encrypted: HashSet<Arc<Path>>,
    ) -> Self {
        let mut inventory = Self {
            groups,
            hosts,
            group_files,
            extra,
            order: Vec::new(),
            warnings,
            encrypted,
        };
        inventory.order = inventory
            .group_hosts("all")
            .into_iter()
            .map(str::to_owned)
            .collect();
        inventory
    }

    /// Returns the names of all hosts, in Ansible's order: as the groups below
    /// `all` bring them, level by level.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        self.order.iter().map(String::as_str)
    }

    /// Returns whether there is a host of that name.
    pub fn has_host(&self, name: &str) -> bool {
        self.hosts.contains_key(name)
    }

    /// Returns all groups by name, `all` and `ungrouped` first.
    pub fn groups(&self) -> &IndexMap<String, Group> {
        &self.groups
    }

    /// Returns the hosts of a group and its descendants, each once; none when
    /// there is no such group.
    pub fn group_hosts(&self, group: &str) -> Vec<&str> {
        let mut names = Vec::new();
        let mut seen = HashSet::new();
        let mut visited = HashSet::new();
        let mut left: VecDeque<&str> = VecDeque::from([group]);
        while let Some(name) = left.pop_front() {
            let Some(group) = self.groups.get(name).filter(|_| visited.insert(name)) else {
                continue;
            };
            names.extend(
                group
                    .hosts
                    .iter()
                    .map(String::as_str)
                    .filter(|host| seen.insert(*host)),
            );
            left.extend(group.children.iter().map(String::as_str));
        }
        names
    }

    /// Returns the groups that a host is in, by itself or through others, sorted
    /// and without `all`: Ansible's `group_names`.
    pub fn groups_of(&self, host: &str) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .hosts
            .get(host)
            .into_iter()
            .flat_map(|host| host.groups.iter())
            .filter_map(|&index| self.groups.get_index(index))
            .map(|(name, _)| name.as_str())
            .collect();
        names.sort_unstable();
        names
    }

    /// Returns a host's variables, merged in Ansible's order, extra variables last.
    /// Magic variables (`inventory_hostname`, `groups` and so on) are not among
    /// them. Empty when there is no such host.
    pub fn vars(&self, host: &str) -> Map {
        self.merged(host)
            .into_iter()
            .map(|(name, entry)| (name.to_owned(), entry.clone()))
            .collect()
    }

    /// As [`Self::vars`], without copying.
    pub(super) fn merged(&self, host: &str) -> IndexMap<&str, &Entry> {
        let mut merged = IndexMap::new();
        if let Some(host) = self.hosts.get(host) {
            self.each_layer(host, &mut |layer| {
                merged.extend(layer.iter().map(|(name, entry)| (name.as_str(), entry)));
            });
        }
        merged
    }

    /// Hands out the mappings that make a host's variables, the weakest first.
    fn each_layer<'a>(&'a self, host: &'a Host, take: &mut dyn FnMut(&'a Map)) {
        let groups = || host.groups.iter().copied();
        let vars = |index: usize| self.groups.get_index(index).map(|(_, group)| &group.vars);
        vars(0).into_iter().for_each(&mut *take);
        groups().filter_map(vars).for_each(&mut *take);
        if let Some(all) = self.group_files.first() {
            all.at_sources().for_each(&mut *take);
            all.at_fleet().for_each(&mut *take);
        }
        // One source after the other, and all groups of each.
        for source in 0..host.files.sources.len() {
            for files in groups().filter_map(|index| self.group_files.get(index)) {
                files.at_source(source).for_each(&mut *take);
            }
        }
        for files in groups().filter_map(|index| self.group_files.get(index)) {
            files.at_fleet().for_each(&mut *take);
        }
        take(&host.vars);
        host.files.at_sources().for_each(&mut *take);
        host.files.at_fleet().for_each(&mut *take);
        take(&self.extra);
    }

    /// Returns the extra variables, which win over all others.
    pub fn extra_vars(&self) -> &Map {
        &self.extra
    }

    /// Returns where a host was first named.
    pub fn host_place(&self, host: &str) -> Option<&Place> {
        self.hosts.get(host).map(|host| &host.place)
    }

    /// Returns what is odd about the files, though Ansible reads them.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings.0
    }

    /// Teaches a redactor every decrypted value of the inventory.
    pub fn teach(&self, redactor: &mut Redactor) {
        let mut learn = |map: &Map| {
            for entry in map.values() {
                vaulted::plaintexts(&entry.node, &mut |secret| redactor.add(secret));
            }
        };
        learn(&self.extra);
        self.groups.values().for_each(|group| learn(&group.vars));
        self.hosts.values().for_each(|host| learn(&host.vars));
        for files in self
            .group_files
            .iter()
            .chain(self.hosts.values().map(|host| &host.files))
        {
            files
                .at_sources()
                .chain(files.at_fleet())
                .for_each(&mut learn);
        }
    }
}

impl Names for Inventory {
    fn hosts(&self) -> Vec<&str> {
        // Patterns are matched in the order hosts were added, which differs from
        // the order of `all`.
        self.hosts.keys().map(String::as_str).collect()
    }

    fn host(&self, name: &str) -> Option<&str> {
        self.hosts
            .get_key_value(name)
            .map(|(name, _)| name.as_str())
    }

    fn group(&self, name: &str) -> Option<Vec<&str>> {
        self.groups
            .contains_key(name)
            .then(|| self.group_hosts(name))
    }

    fn group_names(&self) -> Vec<&str> {
        self.groups.keys().map(String::as_str).collect()
    }
}
