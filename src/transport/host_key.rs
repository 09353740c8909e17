use std::path::{Path, PathBuf};

use ssh_key::{HashAlg, PublicKey};

use super::{
    Target,
    known_hosts::{Known, KnownHosts},
    local_user::LocalUser,
};

/// The user's files, below their home (ssh_config(5), UserKnownHostsFile).
const USER: [&str; 2] = [".ssh/known_hosts", ".ssh/known_hosts2"];

/// The system's (ssh_config(5), GlobalKnownHostsFile).
const SYSTEM: [&str; 2] = ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"];

/// Returns the name under which known_hosts may hold a host.
pub(super) fn name(host: &str, port: u16) -> String {
    let host = host.to_ascii_lowercase();
    match port {
        22 => host,
        port => format!("[{host}]:{port}"),
    }
}

/// Returns whether the file of pins has a key for this name.
pub(super) fn is_pinned(pins: &Path, name: &str) -> bool {
    !about(&[pins], name).keys.is_empty()
}

/// Returns what is known of a name: what is pinned, and only where nothing is, what the
/// user's and the system's files say.
pub(super) fn known(target: &Target, user: Option<&LocalUser>, name: &str) -> Known {
    let pinned = about(&[&target.known_hosts], name);
    if !pinned.keys.is_empty() {
        return pinned;
    }
    let mut files: Vec<PathBuf> = SYSTEM.iter().map(PathBuf::from).collect();
    if let Some(user) = user {
        files.extend(USER.iter().map(|file| user.home.join(file)));
    }
    let mut files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    files.push(&target.known_hosts);
    about(&files, name)
}

fn about(files: &[&Path], name: &str) -> Known {
    let mut known = Known::default();
    for file in files {
        KnownHosts::read(file).about(name, &mut known);
    }
    known
}

/// Returns the SHA-256 fingerprints of keys (`type base64`), as a person reads a
/// choice; `None` where there is none.
pub(super) fn fingerprints(keys: &[String]) -> Option<String> {
    let mut all: Vec<String> = Vec::new();
    for key in keys {
        let Ok(key) = PublicKey::from_openssh(key) else {
            continue;
        };
        let fingerprint = key.fingerprint(HashAlg::Sha256).to_string();
        if !all.contains(&fingerprint) {
            all.push(fingerprint);
        }
    }
    (!all.is_empty()).then(|| all.join(" or "))
}
