use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{process::Command, time::timeout};

use crate::transport::{Target, options};

/// The system's configuration (ssh_config(5)).
const SYSTEM: &str = "/etc/ssh/ssh_config";

/// How long `ssh -G` may take; a `Match exec` runs programs.
const LIMIT: Duration = Duration::from_secs(10);

/// Options that say nothing about how a session is carried: what swarmctl sets
/// itself, what is for people, for forwarding, for masters, and for hosts that are
/// not pinned. Login by GSSAPI adds no more than a try where the named key decides.
const HARMLESS: [&str; 34] = [
    "addkeystoagent",
    "batchmode",
    "checkhostip",
    "clearallforwardings",
    "connecttimeout",
    "controlmaster",
    "controlpath",
    "controlpersist",
    "escapechar",
    "exitonforwardfailure",
    "fingerprinthash",
    "forkafterauthentication",
    "forwardagent",
    "forwardx11",
    "forwardx11timeout",
    "forwardx11trusted",
    "gatewayports",
    "globalknownhostsfile",
    "gssapiauthentication",
    "gssapidelegatecredentials",
    "hashknownhosts",
    "loglevel",
    "nohostauthenticationforlocalhost",
    "permitlocalcommand",
    "requesttty",
    "sendenv",
    "serveralivecountmax",
    "serveraliveinterval",
    "stricthostkeychecking",
    "tcpkeepalive",
    "updatehostkeys",
    "userknownhostsfile",
    "visualhostkey",
    "xauthlocation",
];

/// Returns whether no ssh configuration says anything about this host that OpenSSH
/// would have to honour. The files are read first, since asking ssh costs 4 ms of CPU
/// twice.
pub(super) async fn says_nothing(target: &Target) -> bool {
    if target.ssh_args == ["-F", "none"] {
        return true;
    }
    if !target.ssh_args.is_empty() {
        return false;
    }
    let Some(home) = home() else { return false };
    let files = [home.join(".ssh/config"), PathBuf::from(SYSTEM)];
    if files.iter().all(|file| is_harmless(file, true)) {
        return true;
    }
    let (host, defaults) = tokio::join!(effective(target, false), effective(target, true));
    match (host, defaults) {
        (Some(host), Some(defaults)) => host
            .symmetric_difference(&defaults)
            .filter_map(|line| line.split(' ').next())
            .all(|name| HARMLESS.contains(&name)),
        _ => false,
    }
}

/// Returns what `ssh -G` says, line by line.
async fn effective(target: &Target, defaults: bool) -> Option<BTreeSet<String>> {
    let mut ssh = Command::new("ssh");
    ssh.arg("-G");
    if defaults {
        ssh.args(["-F", "none"]);
    }
    let arguments: Vec<OsString> = options::options(target);
    ssh.args(arguments).args(options::destination(target));
    ssh.stdin(Stdio::null()).kill_on_drop(true);
    let output = timeout(LIMIT, ssh.output()).await.ok()?.ok()?;
    let text = output.status.success().then_some(output.stdout)?;
    let text = String::from_utf8(text).ok()?;
    Some(text.lines().map(str::to_owned).collect())
}

/// Returns whether a file is missing or holds nothing but harmless options. An
/// `Include` is followed once, where it is a directory's `*.conf`.
fn is_harmless(file: &Path, follow: bool) -> bool {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => return error.kind() == std::io::ErrorKind::NotFound,
    };
    text.lines().all(|line| {
        let mut words = line.trim().split(|c: char| c.is_whitespace() || c == '=');
        let first = words.next().unwrap_or_default().to_ascii_lowercase();
        match first.as_str() {
            "" => true,
            _ if first.starts_with('#') => true,
            "host" => true,
            "include" if follow => {
                let included: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
                included.iter().all(|pattern| includes_nothing(pattern))
            }
            _ => HARMLESS.contains(&first.as_str()),
        }
    })
}

fn includes_nothing(pattern: &str) -> bool {
    let Some(directory) = pattern.strip_suffix("/*.conf") else {
        return false;
    };
    // A relative one is below ~/.ssh or /etc/ssh; ssh shall say what is in it.
    if !directory.starts_with('/') {
        return false;
    }
    let Ok(entries) = fs::read_dir(directory) else {
        return true;
    };
    entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "conf"))
        .all(|path| is_harmless(&path, false))
}

/// Returns the user's home as ssh finds it: from the user database, not from the
/// environment. A user that is not in the file is left to ssh.
fn home() -> Option<PathBuf> {
    let id = rustix::process::geteuid().as_raw().to_string();
    let users = fs::read_to_string("/etc/passwd").ok()?;
    users.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        (fields.get(2) == Some(&id.as_str())).then(|| fields.get(5).map(PathBuf::from))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_weighed() {
        let directory = tempfile::tempdir().unwrap();
        let included = directory.path().join("d");
        fs::create_dir(&included).unwrap();
        let file = directory.path().join("config");
        assert!(is_harmless(&file, true));
        let base = format!(
            "# x\nInclude {}/*.conf\nHost *\n  SendEnv LANG LC_*\n\tHashKnownHosts=yes\n",
            included.display()
        );
        fs::write(&file, &base).unwrap();
        assert!(is_harmless(&file, true));
        fs::write(included.join("a.conf"), "Host x\nProxyJump gate\n").unwrap();
        assert!(!is_harmless(&file, true));
        fs::remove_file(included.join("a.conf")).unwrap();
        for line in [
            "Match exec true",
            "Include other",
            "Ciphers aes128-ctr",
            "Port 3",
        ] {
            fs::write(&file, format!("{base}{line}\n")).unwrap();
            assert!(!is_harmless(&file, true), "{line}");
        }
    }
}
