use serde_json::{Map, Value};

use super::{ArgumentProblem, KnownModule, ModuleTable};

/// The names of modules, without their arguments.
#[derive(Clone, Copy, Debug, Default)]
pub struct SomeModules;

/// Modules whose text is taken as it is.
const FREE_FORM: [&str; 6] = ["command", "shell", "raw", "script", "meta", "include_vars"];

/// The modules of swarmctl.
const NAMES: [&str; 59] = [
    "add_host",
    "apt",
    "apt_repository",
    "archive",
    "assert",
    "authorized_key",
    "blockinfile",
    "command",
    "copy",
    "cron",
    "deb822_repository",
    "debug",
    "fail",
    "fetch",
    "file",
    "find",
    "get_url",
    "getent",
    "git",
    "git_config",
    "group",
    "group_by",
    "hostname",
    "include_vars",
    "ini_file",
    "known_hosts",
    "lineinfile",
    "meta",
    "mount",
    "npm",
    "package",
    "package_facts",
    "pause",
    "ping",
    "pip",
    "raw",
    "reboot",
    "replace",
    "script",
    "service",
    "service_facts",
    "set_fact",
    "setup",
    "shell",
    "slurp",
    "stat",
    "sysctl",
    "systemd",
    "systemd_service",
    "tempfile",
    "template",
    "timezone",
    "ufw",
    "unarchive",
    "uri",
    "user",
    "wait_for",
    "wait_for_connection",
    "gather_facts",
];

/// The collections whose modules are among them.
const COLLECTIONS: [&str; 4] = [
    "ansible.builtin.",
    "ansible.legacy.",
    "ansible.posix.",
    "community.general.",
];

impl ModuleTable for SomeModules {
    fn find(&self, name: &str) -> Option<KnownModule> {
        let short = COLLECTIONS
            .iter()
            .find_map(|collection| name.strip_prefix(collection))
            .unwrap_or(name);
        let name = NAMES.iter().find(|known| **known == short)?;
        Some(KnownModule {
            name,
            free_form: FREE_FORM.contains(name),
        })
    }

    fn names(&self) -> Vec<&'static str> {
        NAMES.to_vec()
    }

    fn check(&self, _: &KnownModule, _: &Map<String, Value>) -> Vec<ArgumentProblem> {
        Vec::new()
    }
}
