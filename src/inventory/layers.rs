use std::sync::Arc;

use super::Map;

/// What `group_vars/` or `host_vars/` hold for one group or host.
#[derive(Clone, Debug, Default)]
pub(super) struct FileVars {
    /// Next to each inventory source, in the order of the sources.
    pub sources: Vec<Vec<Arc<Map>>>,
    /// Below the fleet directory.
    pub fleet: Vec<Arc<Map>>,
}

impl FileVars {
    /// Returns the mappings next to the source with that number.
    pub(super) fn at_source(&self, source: usize) -> impl Iterator<Item = &Map> {
        self.sources
            .get(source)
            .into_iter()
            .flatten()
            .map(Arc::as_ref)
    }

    /// Returns the mappings next to all sources.
    pub(super) fn at_sources(&self) -> impl Iterator<Item = &Map> {
        self.sources.iter().flatten().map(Arc::as_ref)
    }

    /// Returns the mappings below the fleet directory.
    pub(super) fn at_fleet(&self) -> impl Iterator<Item = &Map> {
        self.fleet.iter().map(Arc::as_ref)
    }
}
