use std::path::{Path, PathBuf};

use super::Instance;
use crate::plan::Diagnostic;

/// Returns a warning for each share that would show the guest the fleet directory:
/// its inventory, secrets, pinned keys or mirrors.
///
/// Only shares of this machine's own hypervisor are looked at, since a path on
/// another one says nothing about this directory.
pub fn share_warnings(instance: &Instance, fleet_root: &Path) -> Vec<Diagnostic> {
    if !is_here(&instance.hypervisor) {
        return Vec::new();
    }
    let root = real(fleet_root);
    let mut warnings = Vec::new();
    for share in &instance.shares {
        let Some(source) = &share.source else {
            continue;
        };
        let real = real(source);
        let message = if root.starts_with(&real) {
            format!(
                "the share `{}` shows the guest the fleet directory with its inventory and secrets",
                share.tag
            )
        } else if real.starts_with(&root) {
            format!("the share `{}` lies within the fleet directory", share.tag)
        } else {
            continue;
        };
        let place = ["vm_virtiofs_source", "vm_virtiofs"]
            .iter()
            .find_map(|name| instance.places.get(*name))
            .cloned();
        warnings.push(Diagnostic::warning(place, message).hint(
            "share another folder, or unset vm_virtiofs_source to give the instance one of its own",
        ));
    }
    warnings
}

/// Returns whether a libvirt URI names this machine.
fn is_here(uri: &str) -> bool {
    uri.split_once("://")
        .is_some_and(|(_, rest)| rest.starts_with('/'))
}

/// Returns the path without symbolic links, as far as it exists.
fn real(path: &Path) -> PathBuf {
    let mut rest = PathBuf::new();
    for ancestor in path.ancestors() {
        if let Ok(real) = ancestor.canonicalize() {
            return if rest.as_os_str().is_empty() {
                real
            } else {
                real.join(rest)
            };
        }
        if let Some(name) = ancestor.file_name() {
            rest = if rest.as_os_str().is_empty() {
                PathBuf::from(name)
            } else {
                Path::new(name).join(rest)
            };
        }
    }
    path.to_owned()
}
