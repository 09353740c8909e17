//! What tests of documents need: the repository's own templates, and instances.

use std::{path::Path, sync::Arc};

use crate::{
    inventory::{Instance, instance_testing::vars},
    template::Engine,
};

/// Returns an engine over the templates at the repository's root.
pub fn engine() -> Engine {
    Engine::new(|name| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let text = std::fs::read_to_string(path).ok()?;
        Some((Arc::from(Path::new(name)), text))
    })
}

/// Returns an instance with a key and the variables of a YAML text.
pub fn instance(name: &str, text: &str) -> Instance {
    let text = format!(
        "{text}\nvm_ssh_keys: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ a@b\n"
    );
    Instance::from_vars(name, &[], vars(&text), Path::new("/fleet"), None)
        .unwrap()
        .0
}
