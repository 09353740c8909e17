//! Opens the vaulted values of a tree.

use std::{cell::RefCell, collections::HashMap};

use secrecy::{ExposeSecret, SecretString};

use super::{Map, Node, Value, Vault, files::closed};
use crate::{
    plan::{Diagnostics, Place},
    secret::{VaultError, VaultPasswords},
};

/// Opens `!vault` values with the passwords at hand, each ciphertext once.
pub(super) struct Opener<'v> {
    passwords: &'v VaultPasswords,
    opened: RefCell<HashMap<String, SecretString>>,
}

impl<'v> Opener<'v> {
    pub(super) fn new(passwords: &'v VaultPasswords) -> Self {
        Self {
            passwords,
            opened: RefCell::default(),
        }
    }

    /// Opens every vaulted value of the mapping. Without any password they stay
    /// closed; one that no password fits becomes an error that names the variable.
    pub(super) fn open(&self, map: &mut Map, diagnostics: &mut Diagnostics) {
        if self.passwords.is_empty() {
            return;
        }
        for (name, entry) in map {
            let at = entry.key_place.clone();
            self.node(&mut entry.node, name, &at, diagnostics);
        }
    }

    fn node(&self, node: &mut Node, name: &str, at: &Place, diagnostics: &mut Diagnostics) {
        match &mut node.value {
            Value::Vault(vault) if vault.plaintext.is_none() => {
                match self.decrypt(&vault.ciphertext) {
                    Ok(plaintext) => vault.plaintext = Some(plaintext),
                    Err(error) => {
                        diagnostics.push(closed(at.clone(), &format!("variable {name:?}"), &error));
                    }
                }
            }
            Value::Seq(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    let at = item.place.clone();
                    self.node(item, &format!("{name}[{index}]"), &at, diagnostics);
                }
            }
            Value::Map(map) => {
                for (key, entry) in map {
                    let at = entry.key_place.clone();
                    self.node(&mut entry.node, &format!("{name}.{key}"), &at, diagnostics);
                }
            }
            _ => {}
        }
    }

    fn decrypt(&self, ciphertext: &str) -> Result<SecretString, VaultError> {
        if let Some(known) = self.opened.borrow().get(ciphertext) {
            return Ok(known.clone());
        }
        let plaintext = self.passwords.decrypt(ciphertext)?;
        self.opened
            .borrow_mut()
            .insert(ciphertext.to_owned(), plaintext.clone());
        Ok(plaintext)
    }
}

/// Makes each string of a file that was encrypted as a whole a vaulted value with
/// an empty ciphertext, so that no output can show it by accident.
pub(super) fn seal(map: &mut Map) {
    map.values_mut()
        .for_each(|entry| seal_node(&mut entry.node));
}

/// As [`seal`], for one value.
pub(super) fn seal_node(node: &mut Node) {
    match &mut node.value {
        Value::Str(text) | Value::Unsafe(text) => {
            node.value = Value::Vault(Vault {
                ciphertext: String::new(),
                plaintext: Some(std::mem::take(text).into()),
            });
        }
        Value::Seq(items) => items.iter_mut().for_each(seal_node),
        Value::Map(map) => seal(map),
        _ => {}
    }
}

/// Calls `found` with each plaintext in the tree.
pub(super) fn plaintexts(node: &Node, found: &mut dyn FnMut(&str)) {
    match &node.value {
        Value::Vault(Vault {
            plaintext: Some(secret),
            ..
        }) => found(secret.expose_secret()),
        Value::Seq(items) => items.iter().for_each(|item| plaintexts(item, found)),
        Value::Map(map) => map
            .values()
            .for_each(|entry| plaintexts(&entry.node, found)),
        _ => {}
    }
}
