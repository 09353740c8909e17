use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use russh::keys::{PrivateKey, decode_secret_key};

use super::configuration;
use crate::transport::{Target, host_key};

/// All that is needed to log in as OpenSSH would.
pub(super) struct Login {
    pub user: String,
    /// The host's keys as `type base64`.
    pub pinned: Vec<String>,
    pub identity: Identity,
}

/// What proves who we are.
pub(super) enum Identity {
    File(PathBuf, Arc<PrivateKey>),
    /// The agent's socket.
    Agent(PathBuf),
}

impl Login {
    /// Returns how to log in; `None` where OpenSSH has to: an ssh configuration
    /// applies, no user is named, the host is not pinned by plain lines, or the key is
    /// encrypted, on a device, certified or unreadable.
    pub(super) async fn find(target: &Target) -> Option<Self> {
        let user = target.user.clone()?;
        let pinned = host_key::pinned_keys(&target.known_hosts, &target.known_hosts_name());
        if pinned.is_empty() || host_key::has_more(&target.known_hosts) {
            return None;
        }
        let identity = match (&target.private_key_file, &target.agent) {
            (Some(file), _) => Identity::File(file.clone(), Arc::new(key(file)?)),
            (None, Some(socket)) => Identity::Agent(socket.clone()),
            (None, None) => return None,
        };
        configuration::says_nothing(target).await.then_some(Self {
            user,
            pinned,
            identity,
        })
    }
}

/// Reads a key that is plain, and that OpenSSH would use too.
fn key(file: &Path) -> Option<PrivateKey> {
    let mut certificate = file.as_os_str().to_owned();
    certificate.push("-cert.pub");
    if Path::new(&certificate).exists() {
        return None;
    }
    let metadata = fs::metadata(file).ok()?;
    let own = metadata.uid() == rustix::process::geteuid().as_raw();
    if own && metadata.mode() & 0o077 != 0 {
        return None;
    }
    let key = decode_secret_key(&fs::read_to_string(file).ok()?, None).ok()?;
    (!key.is_encrypted() && !key.algorithm().as_str().starts_with("sk-")).then_some(key)
}
