use std::path::Path;

use minijinja::Value as Jinja;

use super::{Values, World};
use crate::play::parse::{Play, RoleUse};

/// The version of Ansible whose language is followed.
const VERSION: (u8, u8, u8) = (2, 19, 0);

/// Returns the magic variables of a host that no play is needed for.
pub(super) fn host_magic(world: &World, host: &str) -> Values {
    let short = host.split('.').next().unwrap_or(host);
    let groups: Vec<String> = world
        .roster()
        .groups_of(host)
        .into_iter()
        .map(str::to_owned)
        .collect();
    let mut values = Values::new();
    let mut set = |name: &str, value: Jinja| {
        values.insert(name.to_owned(), value);
    };
    set("inventory_hostname", Jinja::from(host));
    // An address is not cut at its dots.
    let is_address = host.parse::<std::net::IpAddr>().is_ok();
    let short = if is_address { host } else { short };
    set("inventory_hostname_short", Jinja::from(short));
    set("group_names", Jinja::from(groups));
    let controller = &world.controller;
    if let Some(source) = controller.inventory_sources.first() {
        set("inventory_file", shown(source));
        set("inventory_dir", shown(source.parent().unwrap_or(source)));
    }
    set("ansible_check_mode", Jinja::from(controller.check));
    set("ansible_diff_mode", Jinja::from(controller.diff));
    set("ansible_verbosity", Jinja::from(controller.verbosity));
    set("ansible_forks", Jinja::from(controller.forks));
    let run_tags = match controller.run_tags.as_slice() {
        [] => vec!["all".to_owned()],
        tags => tags.to_vec(),
    };
    set("ansible_run_tags", Jinja::from(run_tags));
    set(
        "ansible_skip_tags",
        Jinja::from(controller.skip_tags.clone()),
    );
    if let Some(limit) = &controller.limit {
        set("ansible_limit", Jinja::from(limit.as_str()));
    }
    let (major, minor, revision) = VERSION;
    let text = format!("{major}.{minor}.{revision}");
    set(
        "ansible_version",
        Jinja::from_pairs([
            ("full", Jinja::from(text.as_str())),
            ("string", Jinja::from(text.as_str())),
            ("major", Jinja::from(major)),
            ("minor", Jinja::from(minor)),
            ("revision", Jinja::from(revision)),
        ]),
    );
    values
}

/// Returns the magic variables of a play: its hosts, those of the batch at hand, and
/// those that are out of it by now.
pub fn play_magic(play: &Play, all: &[String], batch: &[String], removed: &[String]) -> Values {
    let left = |hosts: &[String]| -> Vec<String> {
        hosts
            .iter()
            .filter(|host| !removed.contains(host))
            .cloned()
            .collect()
    };
    let roles: Vec<String> = play.roles.iter().map(|one| one.role.name.clone()).collect();
    let mut values = Values::new();
    let mut set = |name: &str, value: Jinja| {
        values.insert(name.to_owned(), value);
    };
    set("playbook_dir", shown(&play.directory));
    set("ansible_play_name", Jinja::from(play.title()));
    set("ansible_play_hosts_all", Jinja::from(all.to_vec()));
    set("ansible_play_hosts", Jinja::from(left(all)));
    set("ansible_play_batch", Jinja::from(left(batch)));
    set("play_hosts", Jinja::from(left(batch)));
    set("ansible_play_role_names", Jinja::from(roles.clone()));
    set("ansible_role_names", Jinja::from(roles.clone()));
    set("role_names", Jinja::from(roles));
    values
}

/// Returns the magic variables of a role's tasks.
pub(super) fn role_magic(role: &RoleUse) -> Values {
    let mut values = Values::new();
    let mut set = |name: &str, value: Jinja| {
        values.insert(name.to_owned(), value);
    };
    set("role_name", Jinja::from(role.role.name.as_str()));
    set("ansible_role_name", Jinja::from(role.role.name.as_str()));
    set("role_path", shown(&role.role.path));
    if role.by_include && !role.parents.is_empty() {
        let names: Vec<String> = role
            .parents
            .iter()
            .rev()
            .map(|parent| parent.role.name.clone())
            .collect();
        set("ansible_parent_role_names", Jinja::from(names));
        let paths: Vec<Jinja> = role
            .parents
            .iter()
            .rev()
            .map(|parent| shown(&parent.role.path))
            .collect();
        set("ansible_parent_role_paths", Jinja::from(paths));
    }
    values
}

fn shown(path: &Path) -> Jinja {
    Jinja::from(path.display().to_string())
}
