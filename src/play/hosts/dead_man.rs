//! Which tasks run under the dead man's switch: those that may shut swarmctl out.

use std::path::{Component, Path};

use serde_json::{Map, Value};

use crate::play::run::Call;

/// What a task may break, and how the host takes it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// Its name, also of the directory where the host keeps what was before.
    pub name: &'static str,
    /// Files and directories: a task that writes there is covered, and they are put
    /// back.
    pub paths: &'static [&'static str],
    /// Services: a task that starts, stops, restarts or reloads one is covered, and
    /// those that ran are restarted once the files are back.
    pub services: &'static [&'static str],
    /// Programs: a `command` or `shell` whose text has one of these words is covered.
    pub programs: &'static [&'static str],
    /// Modules that are covered whatever they do.
    pub modules: &'static [&'static str],
}

/// The table: sshd, the firewall and the network.
pub const AREAS: [Area; 3] = [
    Area {
        name: "ssh",
        paths: &["/etc/ssh"],
        services: &["ssh", "sshd", "ssh.socket", "sshd.socket"],
        programs: &["sshd"],
        modules: &[],
    },
    Area {
        name: "firewall",
        paths: &[
            "/etc/ufw",
            "/etc/default/ufw",
            "/etc/iptables",
            "/etc/nftables.conf",
            "/etc/nftables.d",
            "/etc/firewalld",
            "/etc/hosts.allow",
            "/etc/hosts.deny",
        ],
        services: &["ufw", "nftables", "netfilter-persistent", "firewalld"],
        programs: &[
            "firewall-cmd",
            "ip6tables",
            "ip6tables-restore",
            "iptables",
            "iptables-restore",
            "nft",
            "ufw",
        ],
        modules: &["ufw"],
    },
    Area {
        name: "network",
        paths: &[
            "/etc/network",
            "/etc/netplan",
            "/etc/systemd/network",
            "/etc/NetworkManager/system-connections",
        ],
        services: &["networking", "systemd-networkd", "NetworkManager"],
        programs: &["ifdown", "ifup", "netplan", "networkctl", "nmcli"],
        modules: &[],
    },
];

/// What follows the program's name where it only looks.
const LOOKS: [&str; 10] = [
    "--list",
    "--version",
    "-L",
    "-S",
    "-T",
    "is-active",
    "is-enabled",
    "list",
    "show",
    "status",
];

/// How long the host waits for the confirmation, unless `swarmctl_dead_man_seconds`
/// says so.
const SECONDS: u64 = 30;

/// What a task is covered by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cover {
    /// The area's name.
    pub name: String,
    /// What the host keeps a copy of.
    pub paths: Vec<String>,
    /// What it restarts.
    pub services: Vec<String>,
    /// How long it waits, in seconds.
    pub seconds: u64,
    /// Whether the task makes a service take up its files: what came before is then
    /// confirmed as well.
    pub takes_up: bool,
}

/// Returns what covers a call; `None` for most.
pub(super) fn cover(call: &Call) -> Option<Cover> {
    if call.check || call.connection == "local" {
        return None;
    }
    let (paths, services) = (
        written(call.module, &call.args),
        services(call.module, &call.args),
    );
    let words = words(call.module, &call.args);
    // Most tasks are told apart without a look at any variable.
    let may = !paths.is_empty() || !services.is_empty() || !words.is_empty();
    let own = AREAS.iter().find(|area| {
        area.modules.contains(&call.module)
            || paths
                .iter()
                .any(|path| area.paths.iter().any(|one| below(path, one)))
            || services
                .iter()
                .any(|name| area.services.contains(&name.as_str()))
            || words.iter().any(|word| {
                area.programs.contains(word)
                    || (words.contains(&"systemctl") || words.contains(&"service"))
                        && area.services.contains(&word.trim_end_matches(".service"))
            })
    });
    if own.is_none() && !may {
        return None;
    }
    let list = |name: &str| match call.scope.get(name) {
        Ok(Some(Value::Array(items))) => items
            .iter()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect(),
        Ok(Some(Value::String(one))) => vec![one],
        _ => Vec::new(),
    };
    let more_paths = list("swarmctl_dead_man_paths");
    let more_services = list("swarmctl_dead_man_services");
    let widened = || {
        paths
            .iter()
            .any(|path| more_paths.iter().any(|one| below(path, one)))
            || services.iter().any(|name| more_services.contains(name))
    };
    if own.is_none() && !widened() {
        return None;
    }
    if matches!(
        call.scope.get("swarmctl_dead_man"),
        Ok(Some(Value::Bool(false)))
    ) {
        return None;
    }
    let seconds = call.scope.get("swarmctl_dead_man_seconds").ok().flatten();
    let owned = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
    let mut cover = Cover {
        name: own.map_or("more", |area| area.name).to_owned(),
        paths: own.map_or_else(Vec::new, |area| owned(area.paths)),
        services: own.map_or_else(Vec::new, |area| owned(area.services)),
        seconds: seconds.and_then(|value| value.as_u64()).unwrap_or(SECONDS),
        takes_up: paths.is_empty(),
    };
    cover.paths.extend(more_paths);
    cover.services.extend(more_services);
    Some(cover)
}

/// A call's arguments.
type Args = Map<String, Value>;

/// Returns the paths that a call may write to.
fn written(module: &str, args: &Args) -> Vec<String> {
    let names: &[&str] = match module {
        "blockinfile" | "file" | "ini_file" | "lineinfile" | "replace" => {
            &["path", "dest", "destfile", "name"]
        }
        "copy" | "get_url" | "git" | "template" | "unarchive" => &["dest"],
        _ => return Vec::new(),
    };
    let texts = names.iter().filter_map(|name| args.get(*name)?.as_str());
    texts.map(plain).collect()
}

/// Returns the services that a call starts, stops, restarts or reloads.
fn services(module: &str, args: &Args) -> Vec<String> {
    if !matches!(module, "service" | "systemd") || !args.contains_key("state") {
        return Vec::new();
    }
    ["name", "service", "unit"]
        .iter()
        .filter_map(|name| args.get(*name)?.as_str())
        .map(|name| name.trim_end_matches(".service").to_owned())
        .collect()
}

/// Returns the words of a command that may change something, programs without their
/// directory.
fn words<'a>(module: &str, args: &'a Args) -> Vec<&'a str> {
    if !matches!(module, "command" | "raw" | "shell") {
        return Vec::new();
    }
    let texts = ["_raw_params", "cmd"]
        .iter()
        .filter_map(|name| args.get(*name)?.as_str());
    let argv = args.get("argv").and_then(Value::as_array);
    let argv = argv.into_iter().flatten().filter_map(Value::as_str);
    let (mut words, mut several) = (Vec::new(), false);
    for text in texts.chain(argv) {
        several |= text.trim().contains([';', '|', '&', '`', '\n', '(', '<']);
        let parts = text.split(|c: char| c.is_whitespace() || ";|&()`\"'".contains(c));
        words.extend(parts.filter(|word| !word.is_empty()));
    }
    if !several && words.get(1).is_some_and(|word| LOOKS.contains(word)) {
        return Vec::new();
    }
    for word in &mut words {
        *word = word.rsplit('/').next().unwrap_or(word);
    }
    words
}

/// Returns a path without `.`, `..` and doubled slashes.
fn plain(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => {
                parts.pop();
            }
            Component::Normal(part) => parts.extend(part.to_str()),
            _ => {}
        }
    }
    format!("/{}", parts.join("/"))
}

fn below(path: &str, directory: &str) -> bool {
    let directory = directory.trim_end_matches('/');
    let rest = path.strip_prefix(directory);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(value: Value) -> Args {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn commands_that_only_look_are_let_be() {
        let has = |text: &str| {
            let args = args(serde_json::json!({ "_raw_params": text }));
            words("shell", &args).contains(&"ufw")
        };
        assert!(has("/usr/sbin/ufw enable"));
        assert!(!has("ufw status"));
        assert!(has("ufw status || ufw enable"));
        assert!(has("if true; then ufw --force enable; fi"));
        assert!(!has("echo ufwx"));
        let flush = args(serde_json::json!({ "argv": ["iptables", "-t", "nat", "-F"] }));
        assert!(words("command", &flush).contains(&"iptables"));
    }

    #[test]
    fn services_count_when_their_state_is_set() {
        let name = |args: Value| services("systemd", &self::args(args));
        assert_eq!(
            name(serde_json::json!({ "name": "ssh.service", "state": "reloaded" })),
            ["ssh"]
        );
        assert!(name(serde_json::json!({ "name": "ssh", "enabled": true })).is_empty());
    }

    #[test]
    fn paths_are_compared_whole() {
        assert!(below(&plain("/etc/ssh/../ssh//sshd_config"), "/etc/ssh"));
        assert!(!below("/etc/ssh2/x", "/etc/ssh"));
        assert!(below("/etc/nftables.conf", "/etc/nftables.conf"));
    }
}
