use std::sync::Arc;

use minijinja::Value as Jinja;

use super::{Layer, Values, World, magic};
use crate::{
    inventory::Map,
    play::parse::{Play, RoleUse, Task},
};

/// What is around a task on a host.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// The play.
    pub play: &'a Play,
    /// Its magic variables.
    pub magic: &'a Arc<Values>,
    /// Its `vars_files`, the weakest first.
    pub vars_files: &'a [Arc<Map>],
    /// Roles whose variables the whole play sees, the weakest first.
    pub roles: &'a [Arc<RoleUse>],
    /// The task; without one only the play's own variables are seen.
    pub task: Option<&'a Task>,
}

/// Returns the variables that a task on `host` sees, the strongest first.
///
/// Source: ansible-core's VariableManager.get_vars, and "Understanding variable
/// precedence" of its documentation.
pub fn layers(frame: &Frame<'_>, host: &str, world: &Arc<World>) -> Vec<Layer> {
    let mut layers = Vec::with_capacity(24);
    let mut add = |layer: Layer| {
        if !layer.is_empty() {
            layers.push(layer);
        }
    };
    let written = |map: &Arc<Map>| Layer::Written(Arc::clone(map));
    let role = frame.task.and_then(|task| task.role.as_ref());

    add(Layer::Known(Arc::clone(frame.magic)));
    add(Layer::Known(Arc::new(magic::host_magic(world, host))));
    if let Some(role) = role {
        add(Layer::Known(Arc::new(magic::role_magic(role))));
    }
    add(written(world.extra()));
    if let Some(task) = frame.task {
        task.params.iter().rev().for_each(|map| add(written(map)));
    }
    if let Some(role) = role {
        add(written(&role.params));
        role.parents
            .iter()
            .rev()
            .for_each(|parent| add(written(&parent.params)));
    }
    world.learned(host).into_iter().for_each(&mut add);
    if let Some(task) = frame.task {
        task.vars.iter().rev().for_each(|map| add(written(map)));
    }
    if let Some(role) = role {
        add(written(&role.vars));
        add(written(&role.role.vars));
        dependencies(role)
            .into_iter()
            .rev()
            .for_each(|one| add(written(&one.role.vars)));
        for parent in role.parents.iter().rev() {
            add(written(&parent.role.vars));
            add(written(&parent.vars));
        }
    }
    for one in frame.roles.iter().rev() {
        add(written(&one.role.vars));
    }
    frame
        .vars_files
        .iter()
        .rev()
        .for_each(|map| add(written(map)));
    add(written(&frame.play.vars));
    add(written(&frame.play.import_vars));
    world.given(host).into_iter().for_each(&mut add);
    if let Some(role) = role {
        add(written(&role.role.defaults));
        role.parents
            .iter()
            .rev()
            .for_each(|parent| add(written(&parent.role.defaults)));
        dependencies(role)
            .into_iter()
            .rev()
            .for_each(|one| add(written(&one.role.defaults)));
    }
    for one in frame.roles.iter().rev() {
        add(written(&one.role.defaults));
    }
    // A host's address is its name unless the inventory says otherwise.
    let address = Values::from([("ansible_host".to_owned(), Jinja::from(host))]);
    add(Layer::Known(Arc::new(address)));
    layers
}

/// Returns all that a role depends on, the deepest first.
fn dependencies(role: &RoleUse) -> Vec<&Arc<RoleUse>> {
    let mut all = Vec::new();
    for one in &role.dependencies {
        all.extend(dependencies(one));
        all.push(one);
    }
    all
}
