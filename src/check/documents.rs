//! Cloud-init documents that can't be rendered.

use crate::{
    fleet::FleetDir, guest::Documents, inventory::Instance, plan::Diagnostic, template::Engine,
};

/// Returns what is wrong with the documents of each instance.
pub fn problems(instances: &[Instance], fleet: &FleetDir) -> Vec<Diagnostic> {
    let fleet = fleet.clone();
    let engine = Engine::new(move |name| fleet.file(name));
    instances
        .iter()
        .filter_map(|instance| Documents::render(&engine, instance, None).err())
        .collect()
}
