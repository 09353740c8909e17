//! Cloud-init documents that can't be rendered, images that no disk can be made from.

use crate::{
    fleet::FleetDir,
    guest::{Documents, local_image_problem},
    inventory::Instance,
    plan::Diagnostic,
    template::Engine,
};

/// Returns what is wrong with the documents of each instance.
pub fn problems(instances: &[Instance], fleet: &FleetDir) -> Vec<Diagnostic> {
    let fleet = fleet.clone();
    let engine = Engine::new(move |name| fleet.file(name));
    instances
        .iter()
        .flat_map(|instance| {
            let unrendered = Documents::render(&engine, instance, None).err();
            unrendered.into_iter().chain(local_image_problem(instance))
        })
        .collect()
}
