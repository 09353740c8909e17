use std::sync::Arc;

use minijinja::{
    Value as Jinja,
    value::{Enumerator, Object},
};

use super::World;
use crate::select::Names as _;

/// `hostvars`: the variables of every host.
#[derive(Debug)]
pub(super) struct HostVars(pub(super) Arc<World>);

impl Object for HostVars {
    fn get_value(self: &Arc<Self>, key: &Jinja) -> Option<Jinja> {
        let host = key.as_str()?;
        let known = self.0.roster().host(host).is_some();
        if !known && !crate::play::LOCAL.contains(&host) {
            return None;
        }
        Some(World::host_scope(&self.0, host).context())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let roster = self.0.roster();
        Enumerator::Values(roster.hosts().into_iter().map(Jinja::from).collect())
    }
}
