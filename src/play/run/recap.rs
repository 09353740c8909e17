use indexmap::IndexMap;

use super::Cost;

/// What became of one host's tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tasks that went well, with or without a change.
    pub ok: u64,
    /// Tasks that changed something.
    pub changed: u64,
    /// Times the host could not be reached.
    pub unreachable: u64,
    /// Tasks that failed.
    pub failed: u64,
    /// Tasks that were skipped.
    pub skipped: u64,
    /// Tasks that failed, and a `rescue` took over.
    pub rescued: u64,
    /// Tasks that failed, and `ignore_errors` let it be.
    pub ignored: u64,
    /// Tasks that check mode could not predict; they count as skipped, too.
    pub unpredicted: u64,
}

/// The counts of every host that any play was for.
#[derive(Clone, Debug, Default)]
pub struct Recap(IndexMap<String, Counts>, IndexMap<String, Cost>);

impl Recap {
    /// Changes a host's counts.
    pub(super) fn count(&mut self, host: &str, change: impl FnOnce(&mut Counts)) {
        change(self.0.entry(host.to_owned()).or_default());
    }

    /// Changes what a host cost.
    pub(super) fn charge(&mut self, host: &str, change: impl FnOnce(&mut Cost)) {
        change(self.1.entry(host.to_owned()).or_default());
    }

    /// Returns what a host cost.
    pub fn cost(&self, host: &str) -> Cost {
        self.1.get(host).copied().unwrap_or_default()
    }

    /// Returns a host's counts.
    pub fn of(&self, host: &str) -> Counts {
        self.0.get(host).copied().unwrap_or_default()
    }

    /// Returns all hosts with their counts, sorted by name as in Ansible's recap.
    pub fn hosts(&self) -> Vec<(&str, Counts)> {
        let mut hosts: Vec<(&str, Counts)> = self
            .0
            .iter()
            .map(|(host, counts)| (host.as_str(), *counts))
            .collect();
        hosts.sort_unstable_by_key(|(host, _)| *host);
        hosts
    }
}
