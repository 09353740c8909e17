//! Everything about a fleet that can be known without touching a host.
//!
//! Owns the checks that look across files: names that belong to nothing, files
//! that others can read, instances that collide. What is wrong with a single value
//! is found where it is typed. Must not know terminal or command line.

#[cfg(feature = "libvirt")]
mod documents;
mod permissions;
mod variable_files;

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use crate::{
    fleet::FleetDir,
    inventory::{Instance, Inventory, collisions, is_instance, share_warnings},
    plan::{Diagnostic, Diagnostics, FailureKind},
};

/// What is checked.
pub struct Subject<'a> {
    /// The inventory, loaded.
    pub inventory: &'a Inventory,
    /// The fleet directory.
    pub fleet: &'a FleetDir,
    /// Directories that may hold `group_vars/` and `host_vars/`.
    pub variable_roots: &'a [PathBuf],
    /// Files that hold a vault password.
    pub password_files: &'a [PathBuf],
    /// The user's home directory.
    pub home: Option<&'a Path>,
    /// The hosts whose variables are looked at; collisions are looked for in all.
    pub hosts: &'a [String],
}

/// What a check found.
pub struct Report {
    /// The instances among the hosts that were looked at.
    pub instances: Vec<Instance>,
    /// Errors and warnings.
    pub findings: Diagnostics,
}

/// Checks a fleet.
pub fn check(subject: &Subject<'_>) -> Report {
    let mut findings = subject.inventory.warnings().to_vec();
    if subject.inventory.hosts().next().is_none() {
        findings.push(
            Diagnostic::warning(None, "the inventory has no hosts")
                .hint("`swarmctl init DIR` writes an example of one"),
        );
    }
    let mut typed = Vec::new();
    let hosts: HashSet<&str> = subject.hosts.iter().map(String::as_str).collect();
    for host in subject.inventory.hosts() {
        let wanted = hosts.contains(host);
        let vars = subject.inventory.vars(host);
        if !is_instance(&vars) {
            continue;
        }
        let groups = subject.inventory.groups_of(host);
        let root = subject.fleet.root();
        match Instance::from_vars(host, &groups, vars, root, subject.home) {
            Ok((instance, warnings)) => {
                if wanted {
                    findings.extend(warnings);
                }
                typed.push(instance);
            }
            Err(errors) if wanted => findings.extend(errors.0),
            Err(_) => {}
        }
    }
    findings.extend(collisions(&typed).0);
    typed.retain(|instance| hosts.contains(instance.name.as_str()));
    for instance in &typed {
        findings.extend(share_warnings(instance, subject.fleet.root()));
        findings.extend(permissions::private_key(instance));
        findings.extend(pins(instance, subject.fleet));
    }
    #[cfg(feature = "libvirt")]
    findings.extend(documents::problems(&typed, subject.fleet));
    findings.extend(permissions::password_files(subject.password_files));
    findings.extend(variable_files::strays(
        subject.inventory,
        subject.variable_roots,
    ));
    // Several instances may share a key or a file; one line for each is enough.
    let mut once = Vec::with_capacity(findings.len());
    for finding in findings {
        if !once.contains(&finding) {
            once.push(finding);
        }
    }
    Report {
        instances: typed,
        findings: Diagnostics(once),
    }
}

/// Finds pinned host keys that can't be read.
fn pins(instance: &Instance, fleet: &FleetDir) -> Option<Diagnostic> {
    let known_hosts = fleet.state().known_hosts();
    let error = known_hosts.pins(&instance.name).err()?;
    let failure = crate::plan::Failure::from_error(FailureKind::Invalid, &error);
    let message = format!("the pinned host keys can't be used: failed to {failure}");
    Some(Diagnostic::error(None, message))
}
