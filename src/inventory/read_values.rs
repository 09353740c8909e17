use std::{path::Path, sync::Arc};

use secrecy::ExposeSecret as _;

use super::{
    Node, Value,
    files::closed,
    vaulted::{self, Opener},
    yaml::parse_yaml,
};
use crate::{
    plan::{Diagnostics, Place},
    secret::{VaultPasswords, is_vault},
};

/// Parses a file of variables or tasks with vaulted values opened, and the file
/// itself decrypted when it is vaulted as a whole. `learn` is called with every
/// secret, for the redactor.
///
/// # Errors
/// When it is malformed, or a password is missing or wrong.
pub fn read_values(
    text: &str,
    file: &Arc<Path>,
    vault: &VaultPasswords,
    learn: &mut dyn FnMut(&str),
) -> Result<Node, Diagnostics> {
    let mut node = if is_vault(text) {
        let start = Place::new(file, 1, 1);
        let plain = vault
            .decrypt(text)
            .map_err(|error| closed(start, "this encrypted file", &error))?;
        let mut node = parse_yaml(plain.expose_secret(), file).map_err(|mut errors| {
            errors.0.iter_mut().for_each(|one| one.hide_line = true);
            errors
        })?;
        vaulted::seal_node(&mut node);
        node
    } else {
        parse_yaml(text, file)?
    };
    let mut found = Diagnostics::default();
    let opener = Opener::new(vault);
    match &mut node.value {
        Value::Map(map) => opener.open(map, &mut found),
        Value::Seq(items) => items
            .iter_mut()
            .for_each(|item| open(item, &opener, &mut found)),
        _ => {}
    }
    if found.has_errors() {
        return Err(found);
    }
    vaulted::plaintexts(&node, learn);
    Ok(node)
}

fn open(node: &mut Node, opener: &Opener<'_>, found: &mut Diagnostics) {
    match &mut node.value {
        Value::Map(map) => opener.open(map, found),
        Value::Seq(items) => items.iter_mut().for_each(|item| open(item, opener, found)),
        _ => {}
    }
}
