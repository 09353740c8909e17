use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use indexmap::IndexMap;

use super::{
    Group, Inventory, Map,
    build::Builder,
    extra_vars,
    files::Files,
    hosts::Host,
    layers::FileVars,
    source,
    vars_files::VarsFiles,
    vaulted::{self, Opener},
};
use crate::{
    plan::{Diagnostics, Place, Severity},
    secret::VaultPasswords,
};

/// What an inventory is loaded from.
#[derive(Clone, Copy, Debug)]
pub struct LoadOptions<'a> {
    /// Files, directories, or lists of hosts that end in or hold a comma; later
    /// ones win.
    pub sources: &'a [String],
    /// Where else `group_vars/` and `host_vars/` are looked for; Ansible's
    /// `--playbook-dir`.
    pub fleet_root: Option<&'a Path>,
    /// Variables that win over all others: `key=value`, a YAML mapping, or `@file`.
    pub extra_vars: &'a [String],
    /// Passwords for vaulted values and files.
    pub vault: &'a VaultPasswords,
}

pub(super) fn load(options: &LoadOptions<'_>) -> Result<Inventory, Diagnostics> {
    let mut files = Files::new(options.vault);
    let opener = Opener::new(options.vault);
    let mut builder = Builder::new();
    for source in options.sources.iter().filter(|source| !source.is_empty()) {
        source::read(source, &mut files, &mut builder);
    }
    builder.reconcile();
    open_sources(&mut builder, &files.encrypted, &opener);

    let bases: Vec<PathBuf> = options
        .sources
        .iter()
        .filter_map(|source| base(source))
        .collect();
    let mut vars_files = VarsFiles::new(&mut files, &opener);
    let mut file_vars = |kind: &str, name: &str| FileVars {
        sources: bases
            .iter()
            .map(|base| vars_files.load(base, kind, name))
            .collect(),
        fleet: options
            .fleet_root
            .map_or_else(Vec::new, |root| vars_files.load(root, kind, name)),
    };
    let group_files: Vec<FileVars> = builder
        .groups
        .keys()
        .map(|name| file_vars("group_vars", name))
        .collect();
    let host_files: Vec<FileVars> = builder
        .hosts
        .keys()
        .map(|name| file_vars("host_vars", name))
        .collect();
    let mut diagnostics = std::mem::take(&mut builder.diagnostics);
    diagnostics.0.append(&mut vars_files.diagnostics.0);
    let extra = extra_vars::read(options.extra_vars, &mut files, &opener, &mut diagnostics);
    for finding in &mut diagnostics.0 {
        let encrypted = |place: &Place| files.encrypted.contains(&place.file);
        finding.hide_line |= finding.place.as_ref().is_some_and(encrypted);
    }
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    diagnostics
        .0
        .retain(|finding| finding.severity == Severity::Warning);
    let encrypted = files.encrypted;
    Ok(assemble(
        builder,
        group_files,
        host_files,
        extra,
        diagnostics,
        encrypted,
    ))
}

/// The directory whose `group_vars/` and `host_vars/` belong to a source.
fn base(source: &str) -> Option<PathBuf> {
    let path = Path::new(source);
    if source.is_empty() || source.contains(',') && !path.exists() {
        return None;
    }
    if path.is_dir() {
        return Some(path.to_owned());
    }
    path.parent().map(Path::to_owned)
}

/// Opens the vaulted values that the sources themselves hold.
fn open_sources(builder: &mut Builder, encrypted: &HashSet<Arc<Path>>, opener: &Opener<'_>) {
    let mut diagnostics = Diagnostics::default();
    let groups = builder.groups.values_mut().map(|group| &mut group.vars);
    for vars in groups.chain(builder.hosts.values_mut().map(|host| &mut host.vars)) {
        if !encrypted.is_empty() {
            for entry in vars.values_mut() {
                if encrypted.contains(&entry.node.place.file) {
                    vaulted::seal_node(&mut entry.node);
                }
            }
        }
        opener.open(vars, &mut diagnostics);
    }
    builder.diagnostics.0.append(&mut diagnostics.0);
}

fn assemble(
    builder: Builder,
    group_files: Vec<FileVars>,
    host_files: Vec<FileVars>,
    extra: Map,
    warnings: Diagnostics,
    encrypted: HashSet<Arc<Path>>,
) -> Inventory {
    let depths = depths(&builder);
    let mut memberships = vec![Vec::new(); builder.hosts.len()];
    for (index, group) in builder.groups.values().enumerate() {
        for &host in &group.hosts {
            memberships[host].push(index);
        }
    }
    // Hosts of the same groups share the sorted list of all groups above them.
    let mut known: IndexMap<Vec<usize>, Arc<[usize]>> = IndexMap::new();
    let group_lists: Vec<Arc<[usize]>> = memberships
        .into_iter()
        .map(|direct| {
            let sorted = known.entry(direct).or_insert_with_key(|direct| {
                let mut all = builder.ancestors(direct);
                all.extend(direct);
                // `all` comes before every group, so it is merged by itself.
                all.remove(&0);
                let mut all: Vec<usize> = all.into_iter().collect();
                all.sort_unstable_by_key(|&index| {
                    let (name, group) = (builder.groups.get_index(index)).unzip();
                    (depths[index], group.map(|group| group.priority), name)
                });
                all.into()
            });
            Arc::clone(sorted)
        })
        .collect();

    let group_name = |index: &usize| {
        builder
            .groups
            .get_index(*index)
            .map(|(name, _)| name.clone())
    };
    let host_name = |index: &usize| {
        builder
            .hosts
            .get_index(*index)
            .map(|(name, _)| name.clone())
    };
    let groups = builder
        .groups
        .iter()
        .zip(&depths)
        .map(|((name, group), &depth)| {
            let group = Group {
                name: name.clone(),
                hosts: group.hosts.iter().filter_map(host_name).collect(),
                children: group.children.iter().filter_map(group_name).collect(),
                vars: group.vars.clone(),
                depth,
                priority: group.priority,
                place: group.place.clone(),
            };
            (name.clone(), group)
        })
        .collect();
    let hosts = builder
        .hosts
        .into_iter()
        .zip(group_lists.into_iter().zip(host_files))
        .map(|((name, host), (groups, files))| {
            let host = Host {
                place: host.place,
                vars: host.vars,
                groups,
                files,
            };
            (name, host)
        })
        .collect();
    Inventory::new(groups, hosts, group_files, extra, warnings, encrypted)
}

/// The longest way from `all` to each group.
fn depths(builder: &Builder) -> Vec<usize> {
    let mut depths = vec![0; builder.groups.len()];
    let mut waiting: Vec<usize> = builder
        .groups
        .values()
        .map(|group| group.parents.len())
        .collect();
    let mut ready: Vec<usize> = (0..waiting.len())
        .filter(|&index| waiting[index] == 0)
        .collect();
    while let Some(index) = ready.pop() {
        for &child in &builder.groups[index].children {
            depths[child] = depths[child].max(depths[index] + 1);
            waiting[child] -= 1;
            if waiting[child] == 0 {
                ready.push(child);
            }
        }
    }
    depths
}
