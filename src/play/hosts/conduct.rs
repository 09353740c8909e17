use crate::{
    play::run::{Call, Sets},
    transport::Probe,
};

/// How a module's programs behave among others that are sent together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Conduct {
    /// Whether it can be run only to look, as in check mode.
    pub looks: bool,
    /// Whether it neither touches nor looks at anything but the host's own files and
    /// settings.
    pub inward: bool,
    /// Whether its result holds facts.
    pub facts: bool,
}

/// Returns how a module behaves; `None` for those that go one at a time, since the
/// engine has a part in them, or their result may turn out failed on this side.
pub(super) fn conduct(module: &str) -> Option<Conduct> {
    let conduct = |looks, inward, facts| {
        Some(Conduct {
            looks,
            inward,
            facts,
        })
    };
    match module {
        "authorized_key" | "blockinfile" | "copy" | "cron" | "file" | "find" | "git_config"
        | "group" | "ini_file" | "known_hosts" | "lineinfile" | "mount" | "ping" | "replace"
        | "slurp" | "stat" | "sysctl" | "template" | "timezone" | "user" => {
            conduct(true, true, false)
        }
        "getent" | "package_facts" | "service_facts" | "setup" => conduct(true, true, true),
        "apt" | "apt_repository" | "archive" | "assert" | "deb822_repository" | "debug"
        | "fail" | "get_url" | "git" | "npm" | "package" | "pip" | "set_fact" | "tempfile"
        | "unarchive" => conduct(false, true, false),
        "hostname" => conduct(false, true, true),
        "command" | "raw" | "script" | "service" | "shell" | "systemd" | "wait_for" => {
            conduct(false, false, false)
        }
        _ => None,
    }
}

impl Conduct {
    /// Returns what a call may set.
    pub(super) fn sets(self, call: &Call) -> Sets {
        if call.module == "set_fact" {
            Sets::Names(call.args.keys().cloned().collect())
        } else if self.facts {
            Sets::Facts
        } else {
            Sets::Nothing
        }
    }

    /// Returns whether a call's programs can be run only to look.
    pub(super) fn probe(self, second: bool) -> Probe {
        match (self.looks, second) {
            (false, _) => Probe::No,
            (true, false) => Probe::Yes,
            (true, true) => Probe::Anew,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::play::modules::MODULES;

    #[test]
    fn every_module_was_thought_of() {
        let alone: Vec<&str> = MODULES
            .iter()
            .map(|module| module.name)
            .filter(|name| conduct(name).is_none())
            .collect();
        assert_eq!(
            alone,
            [
                "add_host",
                "fetch",
                "group_by",
                "include_vars",
                "meta",
                "pause",
                "reboot",
                "ufw",
                "uri",
                "wait_for_connection"
            ]
        );
    }
}
