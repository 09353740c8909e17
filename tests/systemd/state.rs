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
    "etc/machine-info",
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
        let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let path = if is_dir { format!("{name}/") } else { name };
        let noise = NOISE.iter().any(|noise| path.starts_with(noise))
            || OLD.iter().any(|old| path.ends_with(old))
            || path.contains("/__pycache__/")
            || path.contains("/.ansible/")
            || path.contains("/.git/") && !path.ends_with("/.git/HEAD");
        let Some(about) = described(&entry.path()).filter(|_| !noise) else {
            continue;
        };
        found.insert(undated(&path), about);
        if is_dir {
            walk(&entry.path(), &path, found);
        }
    }
}

/// Returns all that matters of one file.
fn described(path: &Path) -> Option<String> {
    let meta = path.symlink_metadata().ok()?;
    let about = format!("{:o} {}:{}", meta.mode(), meta.uid(), meta.gid());
    let kind = meta.file_type();
    if kind.is_symlink() {
        return Some(format!("-> {}", fs::read_link(path).ok()?.display()));
    }
    if kind.is_char_device() && meta.rdev() == 0 {
        return Some("removed".to_owned());
    }
    if !kind.is_file() {
        return Some(about);
    }
    let bytes = match String::from_utf8(fs::read(path).ok()?) {
        Ok(text) => without_dates(&text).into_bytes(),
        Err(error) => error.into_bytes(),
    };
    let digest = hex::encode(Sha256::digest(&bytes));
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) if meta.size() < SHOWN => format!(" {text:?}"),
        _ => String::new(),
    };
    Some(format!("{about} {digest}{text}"))
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

/// What can't be seen in files. ufw is a Python program and says nothing where Python
/// can't run, which one of the tests sees to by a mount.
const LIVE: &str = r#"
echo "hostname $(hostname)"
echo "zone $(date +%Z)"
for p in vm.swappiness vm.dirty_ratio net.ipv4.ip_forward net.ipv4.conf.all.rp_filter; do echo "sysctl $p=$(sysctl -n $p)"; done
grep -E ' /(mnt|srv|opt)/' /proc/self/mounts | sed 's/^/mount /; s/lowerdir=[^ ]*//'
systemctl list-unit-files --plain --no-legend --no-pager | awk '$2 != "transient" {print "unit-file", $1, $2}'
systemctl list-units --all --plain --no-legend --no-pager --type=service,timer,socket,path,mount |
  awk '$1 !~ /^(session|user@|user-runtime|run-|sys-|dev-|proc-|tmp|systemd-|usr-bin-python)/ {print "unit", $1, $3, ($3 == "failed") ? $4 : ""}' | grep -v -e 'not-found' -e '@'
dpkg-query -W -f '${db:Status-Abbrev} ${Package} ${Version}\n' | sed 's/^/package /'
apt-mark showmanual | sed 's/^/manual /'
for u in $(awk -F: '$3 >= 1000 && $3 < 60000 {print $1}' /etc/passwd); do
  echo "linger $u $(loginctl show-user $u -p Linger 2>/dev/null)"
  [ ! -d /run/user/$(id -u $u) ] || XDG_RUNTIME_DIR=/run/user/$(id -u $u) setpriv --reuid=$u --regid=$(id -g $u) --init-groups \
    systemctl --user list-units --plain --no-legend --no-pager --type=service,timer | awk -v u=$u '{print "user-unit", u, $1, $3}'
done
command -v ufw >/dev/null && ufw status verbose | grep -vxF 'Status: inactive' | sed 's/^/ufw /'
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
        // What one side wrote, and left as it was, the other need not have touched.
        let of = |found: &BTreeMap<String, String>, host: &Host| {
            let told = found.get(name).cloned();
            told.or_else(|| described(&host.root.join(name)))
        };
        let (one, other) = (of(&a, ours), of(&b, theirs));
        if one != other {
            wrong.push(format!(
                "{when}: /{name}\n  ours   {one:?}\n  theirs {other:?}"
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
