//! What is on a host: everything that it wrote over the shared root, and what runs.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{FileTypeExt as _, MetadataExt as _},
    path::Path,
};

use sha2::{Digest as _, Sha256};

use crate::rig::{Host, Rig};

/// Paths whose content is no one's intent: caches, logs, and what each tool keeps for
/// itself. A name ends at `$` or `/`.
const NOISE: &[&str] = &[
    "var/log/",
    "var/cache/",
    "var/tmp/",
    "var/backups/",
    "var/lib/systemd/",
    "var/lib/apt/",
    "var/lib/dpkg/lock",
    "var/lib/dpkg/triggers/",
    "var/lib/dbus/",
    "var/lib/ucf/cache/",
    "root/.ansible",
    "root/.cache",
    "root/.npm",
    "root/.config/",
    "root/.local/",
    "root/.ssh/",
    "tmp/",
    "run/",
    "etc/machine-id",
    "etc/resolv.conf",
    "etc/.pwd.lock",
    "etc/ld.so.cache",
    "etc/.updated",
    "var/.updated",
    "etc/ssh/ssh_host",
    "etc/mtab",
    "dev/",
    "proc/",
    "sys/",
];

/// Ends of names of copies that are kept for a while by tools themselves.
const OLD: &[&str] = &[
    "-old", "passwd-", "shadow-", "group-", "subuid-", "subgid-", ".pyc",
];

/// How much of a text is shown where it differs.
const SHOWN: u64 = 4000;

/// Returns each path below a host's overlay with all that matters of it.
pub fn files(host: &Host) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    walk(&host.upper, "", &mut found);
    found
}

fn walk(dir: &Path, prefix: &str, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let Ok(meta) = entry.path().symlink_metadata() else {
            continue;
        };
        let path = if meta.is_dir() {
            format!("{name}/")
        } else {
            name.clone()
        };
        let noise = NOISE.iter().any(|noise| path.starts_with(noise))
            || OLD.iter().any(|old| path.ends_with(old))
            || path.contains("/__pycache__/")
            || path.contains("/.git/") && !path.ends_with("/.git/HEAD");
        if noise {
            continue;
        }
        let about = format!("{:o} {}:{}", meta.mode(), meta.uid(), meta.gid());
        let kind = meta.file_type();
        if kind.is_dir() {
            found.insert(path.clone(), about);
            walk(&entry.path(), &path, found);
        } else if kind.is_symlink() {
            let target = fs::read_link(entry.path()).unwrap();
            found.insert(name, format!("-> {}", target.display()));
        } else if kind.is_char_device() && meta.rdev() == 0 {
            found.insert(name, "removed".to_owned());
        } else if kind.is_file() {
            let bytes = fs::read(entry.path()).unwrap_or_default();
            let bytes = match String::from_utf8(bytes) {
                Ok(text) => without_dates(&text).into_bytes(),
                Err(error) => error.into_bytes(),
            };
            let digest = hex::encode(Sha256::digest(&bytes));
            let text = match std::str::from_utf8(&bytes) {
                Ok(text) if meta.size() < SHOWN => format!(" {text:?}"),
                _ => String::new(),
            };
            found.insert(undated(&name), format!("{about} {digest}{text}"));
        } else {
            found.insert(name, about);
        }
    }
}

/// Leaves out what crontab(1) notes of the time of an edit.
fn without_dates(text: &str) -> String {
    text.lines()
        .filter(|line| !(line.starts_with("# (") && line.contains(" installed on ")))
        .map(|line| format!("{line}\n"))
        .collect()
}

/// Leaves the process and time out of a backup's name.
fn undated(name: &str) -> String {
    match name
        .strip_suffix('~')
        .and_then(|rest| rest.rsplit_once('.'))
    {
        Some((rest, date)) if date.contains('@') => {
            let rest = rest.rsplit_once('.').map_or(rest, |(rest, _)| rest);
            format!("{rest}.BACKUP~")
        }
        _ => name.to_owned(),
    }
}

/// What can't be seen in files.
const LIVE: &str = r#"
echo "hostname $(hostname)"
echo "zone $(date +%Z)"
for p in vm.swappiness vm.dirty_ratio net.ipv4.ip_forward net.ipv4.conf.all.rp_filter; do echo "sysctl $p=$(sysctl -n $p)"; done
grep -E ' /(mnt|srv|opt)/' /proc/self/mounts | sed 's/^/mount /'
systemctl list-unit-files --plain --no-legend --no-pager | awk '{print "unit-file", $1, $2}'
systemctl list-units --all --plain --no-legend --no-pager --type=service,timer,socket,path,mount |
  awk '$1 !~ /^(session|user@|user-runtime|run-|sys-|dev-|proc-|tmp|systemd-)/ {print "unit", $1, $3, ($3 == "failed") ? $4 : ""}' | grep -v -e 'not-found' -e '@'
dpkg-query -W -f '${db:Status-Abbrev} ${Package} ${Version}\n' | sed 's/^/package /'
apt-mark showmanual | sed 's/^/manual /'
for u in $(awk -F: '$3 >= 1000 && $3 < 60000 {print $1}' /etc/passwd); do
  echo "linger $u $(loginctl show-user $u -p Linger 2>/dev/null)"
  [ ! -d /run/user/$(id -u $u) ] || XDG_RUNTIME_DIR=/run/user/$(id -u $u) setpriv --reuid=$u --regid=$(id -g $u) --init-groups \
    systemctl --user list-units --plain --no-legend --no-pager --type=service,timer | awk -v u=$u '{print "user-unit", u, $1, $3}'
done
command -v ufw >/dev/null && ufw status verbose | sed 's/^/ufw /'
command -v iptables >/dev/null && iptables -S | sort | sed 's/^/iptables /'
ls -A /tmp /dev/shm | grep -v -e systemd-private -e '^\.' | sed 's/^/left /'
exit 0
"#;

/// Returns what runs on a host, line by line.
pub fn live(rig: &Rig, host: &Host) -> String {
    rig.shell(host, LIVE)
}

/// Says where two hosts differ.
pub fn differences(rig: &Rig, when: &str, ours: &Host, theirs: &Host) -> Vec<String> {
    let mut wrong = Vec::new();
    let (a, b) = (files(ours), files(theirs));
    let names: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    for name in names {
        let (one, other) = (a.get(name), b.get(name));
        if one != other {
            wrong.push(format!(
                "{when}: /{name}\n  ours   {}\n  theirs {}",
                one.map_or("untouched", String::as_str),
                other.map_or("untouched", String::as_str)
            ));
        }
    }
    let (a, b) = (live(rig, ours), live(rig, theirs));
    if a != b {
        let diff = similar::TextDiff::from_lines(&b, &a);
        wrong.push(format!(
            "{when}: what runs (-theirs +ours)\n{}",
            diff.unified_diff().context_radius(0)
        ));
    }
    wrong
}
