use std::{
    collections::BTreeSet,
    ffi::OsString,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{process::Command, sync::OnceCell, time::timeout};

use super::config_file::{self, Configuration, HARMLESS};
use crate::transport::{Target, host_key, options};

/// The system's configuration (ssh_config(5)).
const SYSTEM: &str = "/etc/ssh/ssh_config";

/// How long `ssh -G` may take; a `Match exec` runs programs.
const LIMIT: Duration = Duration::from_secs(10);

/// What russh honours.
const HONOURED: [&str; 5] = ["hostname", "port", "user", "identityfile", "identitiesonly"];

/// Returns what ssh's configuration says about a host; `None` where it says something
/// that only OpenSSH can honour. The files are read first, since asking ssh costs a
/// process and 4 ms of CPU.
pub(super) async fn configuration(target: &Target, home: &Path) -> Option<Configuration> {
    if target.host.contains(['@', '/', '%']) {
        return None;
    }
    let mut configuration = Configuration::default();
    let mut files = vec![home.join(".ssh/config"), PathBuf::from(SYSTEM)];
    let mut args = target.ssh_args.iter();
    while let Some(arg) = args.next() {
        let option = match arg.as_str() {
            "-F" => {
                // ssh then reads no other file.
                let file = args.next()?;
                files.retain(|_| false);
                if file != "none" {
                    files.push(PathBuf::from(file));
                }
                continue;
            }
            "-o" => args.next()?,
            arg => arg.strip_prefix("-o")?,
        };
        argument(option, &mut configuration)?;
    }
    // How ssh compares a name with capitals is for ssh to know.
    let plain = !target.host.contains(|c: char| c.is_ascii_uppercase());
    let read = files
        .iter()
        .try_for_each(|file| config_file::read(file, &target.host, home, 0, &mut configuration));
    if files.is_empty() || (plain && read.is_some()) {
        return Some(configuration);
    }
    let asked = ask(target, home).await?;
    Some(Configuration {
        alive_interval: configuration.alive_interval,
        alive_count: configuration.alive_count,
        ..asked
    })
}

/// Takes what one `-o` says.
fn argument(option: &str, configuration: &mut Configuration) -> Option<()> {
    let (name, value) = option.split_once(|c: char| c == '=' || c.is_whitespace())?;
    let value = value.trim();
    match name.to_ascii_lowercase().as_str() {
        "serveraliveinterval" => {
            let seconds = value.parse().ok()?;
            configuration.alive_interval.get_or_insert(seconds);
        }
        "serveralivecountmax" => {
            let count = value.parse().ok()?;
            configuration.alive_count.get_or_insert(count);
        }
        name if HARMLESS.contains(&name) => {}
        _ => return None,
    }
    Some(())
}

/// Asks ssh.
async fn ask(target: &Target, home: &Path) -> Option<Configuration> {
    // The defaults are the same for all hosts.
    static DEFAULTS: OnceCell<Option<BTreeSet<String>>> = OnceCell::const_new();
    let mut arguments: Vec<OsString> = options::options(target);
    arguments.extend(options::destination(target).map(OsString::from));
    let none = ["-F", "none", "--", "localhost"].map(OsString::from);
    let defaults = DEFAULTS.get_or_init(|| effective(none.to_vec()));
    let (host, defaults) = tokio::join!(effective(arguments), defaults);
    let (host, defaults) = (host?, defaults.as_ref()?);
    let pinned = host_key::is_pinned(&target.known_hosts, &target.known_hosts_name());
    let mut configuration = Configuration::default();
    for line in host.difference(defaults) {
        let (name, value) = line.split_once(' ').unwrap_or((line, ""));
        if HONOURED.contains(&name) {
            configuration.take(name, &[value.to_owned()], home)?;
            continue;
        }
        let ours = match name {
            "host" => true,
            // What options() sets for a pinned host.
            "globalknownhostsfile" => pinned,
            "knownhostscommand" | "verifyhostkeydns" => ["none", "no", "false"].contains(&value),
            name => HARMLESS.contains(&name),
        };
        if !ours {
            return None;
        }
    }
    let names = |lines: &BTreeSet<String>| -> BTreeSet<String> {
        let names = lines.iter().filter_map(|line| line.split(' ').next());
        names.map(str::to_owned).collect()
    };
    let gone = &names(defaults) - &names(&host);
    if !gone.iter().all(|name| HARMLESS.contains(&name.as_str())) {
        return None;
    }
    // What was named already is no word of the configuration's.
    if let Some(key) = &target.private_key_file {
        configuration.identity_files.retain(|file| file != key);
    }
    Some(configuration)
}

/// Returns what `ssh -G` says, line by line.
async fn effective(arguments: Vec<OsString>) -> Option<BTreeSet<String>> {
    let mut ssh = Command::new("ssh");
    ssh.arg("-G").args(arguments);
    ssh.stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let output = timeout(LIMIT, ssh.output()).await.ok()?.ok()?;
    let text = output.status.success().then_some(output.stdout)?;
    let text = String::from_utf8(text).ok()?;
    Some(text.lines().map(str::to_owned).collect())
}
