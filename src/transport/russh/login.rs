use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use russh::keys::{PrivateKey, decode_secret_key};

use super::configuration::configuration;
use crate::transport::{Target, host_key, local_user::LocalUser};

/// The user's keys that ssh tries where none is named, below their home
/// (ssh_config(5), IdentityFile), but for those on devices.
const DEFAULT_KEYS: [&str; 3] = [".ssh/id_rsa", ".ssh/id_ecdsa", ".ssh/id_ed25519"];

/// A peer that vanished is noticed after a minute, as with OpenSSH's carrier.
const KEEPALIVE: Duration = Duration::from_secs(15);
const KEEPALIVES: usize = 4;

/// All that is needed to log in as OpenSSH would.
pub(super) struct Login {
    pub host: String,
    pub port: u16,
    pub user: String,
    /// The host's keys as `type base64`.
    pub known: Vec<String>,
    pub agent: Option<PathBuf>,
    pub keys: Vec<(PathBuf, Arc<PrivateKey>)>,
    /// How often a silent host is asked whether it is there, and how often in vain.
    pub keepalive: (Option<Duration>, usize),
    /// Whether OpenSSH may have another way in where these are not accepted.
    pub more: bool,
}

impl Login {
    /// Returns how to log in; `None` where OpenSSH has to: its configuration says what
    /// russh can't honour, the host is not known or known with a marker, or a key is
    /// encrypted, on a device, certified or unreadable.
    pub(super) async fn find(target: &Target) -> Option<Self> {
        let local = LocalUser::find()?;
        let configuration = configuration(target, &local.home).await?;
        let host = configuration.host_name.unwrap_or(target.host.clone());
        let port = target.port.or(configuration.port).unwrap_or(22);
        let known = host_key::known(target, Some(&local), &host_key::name(&host, port));
        if known.keys.is_empty() || known.marked {
            return None;
        }
        let mut login = Self {
            host,
            port,
            user: target
                .user
                .clone()
                .or(configuration.user)
                .unwrap_or(local.name),
            known: known.keys,
            agent: None,
            keys: Vec::new(),
            keepalive: (
                // 0 is never (ssh_config(5)).
                Some(
                    configuration
                        .alive_interval
                        .map_or(KEEPALIVE, Duration::from_secs),
                )
                .filter(|interval| !interval.is_zero()),
                configuration.alive_count.unwrap_or(KEEPALIVES),
            ),
            more: true,
        };
        if let Some(file) = &target.private_key_file {
            login.keys.push((file.clone(), Arc::new(key(file)?)));
            login.more = !configuration.identity_files.is_empty();
            return Some(login);
        }
        // Which of an agent's keys are also files is for OpenSSH to know.
        if configuration.identities_only != Some(true) {
            login.agent.clone_from(&target.agent);
        }
        let files = match configuration.identity_files {
            files if files.is_empty() => {
                let files = DEFAULT_KEYS.iter().map(|file| local.home.join(file));
                files.collect()
            }
            files => files,
        };
        for file in files {
            if let Some(key) = key(&file) {
                login.keys.push((file, Arc::new(key)));
            }
        }
        (login.agent.is_some() || !login.keys.is_empty()).then_some(login)
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
