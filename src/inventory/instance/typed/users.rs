use std::path::Path;

use super::{Problem, problem::nearest, public_keys::public_keys, scalar};
use crate::inventory::{Node, User, Value};

/// The keys of a user.
const KEYS: [&str; 5] = ["name", "ssh_keys", "sudo", "shell", "groups"];
/// What users may do unless `sudo` says otherwise.
const SUDO: &str = "ALL=(ALL) NOPASSWD:ALL";

impl User {
    /// Returns the user `name` with a key login and sudo without a password.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ssh_keys: Vec::new(),
            sudo: Some(SUDO.to_owned()),
            shell: "/bin/bash".to_owned(),
            groups: Vec::new(),
        }
    }
}

/// Returns the users of `vm_users`.
pub fn users(
    node: &Node,
    fleet_root: &Path,
    home: Option<&Path>,
) -> Result<Vec<User>, Vec<Problem>> {
    let items = match &node.value {
        Value::Seq(items) if !items.is_empty() => items,
        _ => {
            return Err(vec![
                Problem::expected("a list of at least one user", node)
                    .hint("write a list of names: [swarm]"),
            ]);
        }
    };
    let mut users: Vec<User> = Vec::new();
    let mut problems = Vec::new();
    for item in items {
        match user(item, fleet_root, home) {
            Ok(user) if users.iter().any(|other| other.name == user.name) => {
                let message = format!("the user `{}` is there twice", user.name);
                problems.push(Problem::new(message).at(&item.place));
            }
            Ok(user) => users.push(user),
            Err(found) => problems.extend(found.into_iter().map(|one| one.at(&item.place))),
        }
    }
    if problems.is_empty() {
        Ok(users)
    } else {
        Err(problems)
    }
}

fn user(node: &Node, fleet_root: &Path, home: Option<&Path>) -> Result<User, Vec<Problem>> {
    let one = |problem| vec![problem];
    let Some(map) = node.as_map() else {
        return Ok(User::named(&login(node).map_err(one)?));
    };
    for (key, entry) in map {
        if !KEYS.contains(&key.as_str()) {
            let problem = Problem::new(format!("a user has no `{key}`")).at(&entry.key_place);
            let hint = match nearest(key, KEYS) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!(
                    "a user has {}; more goes into vm_cloud_init",
                    KEYS.join(", ")
                ),
            };
            return Err(one(problem.hint(hint)));
        }
    }
    let Some(name) = map.get("name") else {
        return Err(one(Problem::new("the user has no `name`").at(&node.place)));
    };
    let mut user = User::named(&login(&name.node).map_err(one)?);
    let set = |name: &str| {
        map.get(name)
            .map(|entry| &entry.node)
            .filter(|node| !matches!(node.value, Value::Null))
    };
    if let Some(keys) = set("ssh_keys") {
        user.ssh_keys = public_keys(keys, fleet_root, home)?;
    }
    if let Some(sudo) = map.get("sudo") {
        user.sudo = match &sudo.node.value {
            Value::Bool(true) => user.sudo,
            Value::Bool(false) | Value::Null => None,
            _ => Some(scalar::text(&sudo.node).map_err(one)?),
        };
    }
    if let Some(shell) = set("shell") {
        user.shell = scalar::text(shell).map_err(one)?;
    }
    if let Some(groups) = set("groups") {
        user.groups = group_names(groups).map_err(one)?;
    }
    Ok(user)
}

fn group_names(node: &Node) -> Result<Vec<String>, Problem> {
    match &node.value {
        Value::Seq(items) => items.iter().map(login).collect(),
        _ => Ok(scalar::text(node)?
            .split(',')
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect()),
    }
}

/// Returns a login name as useradd(8) takes it.
fn login(node: &Node) -> Result<String, Problem> {
    let text = scalar::text(node)?;
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
    let starts = text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    if !starts || text.len() > 32 || !text.chars().all(fits) {
        return Err(Problem::expected("a login name", node)
            .hint("write lower-case letters, digits, `_` and `-`, a letter first"));
    }
    Ok(text)
}
