use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use russh::{
    Preferred,
    client::{AuthResult, Config, Handle, Handler, connect_stream},
    keys::{
        Algorithm, HashAlg, PrivateKeyWithHashAlg, PublicKey, PublicKeyOrCertificate,
        agent::{AgentIdentity, client::AgentClient},
    },
};
use tokio::{net::TcpStream, time::timeout};

use super::login::{Identity, Login};
use crate::transport::{Target, TransportError, host_key};

/// What login may take beyond the connection itself: slow PAM modules, DNS.
const LOGIN_GRACE: Duration = Duration::from_secs(30);

/// How many keys of an agent are tried: sshd's MaxAuthTries is 6 by default.
const AGENT_KEYS: usize = 5;

/// A peer that vanished is noticed after a minute, as with OpenSSH's carrier.
const KEEPALIVE: Duration = Duration::from_secs(15);
const KEEPALIVES: usize = 4;

/// Why there is no connection.
pub(super) enum Refusal {
    /// This is the reason.
    Error(TransportError),
    /// OpenSSH may know more.
    LeaveToOpenSsh,
}

impl From<TransportError> for Refusal {
    fn from(error: TransportError) -> Self {
        Self::Error(error)
    }
}

/// Connects and logs in.
pub(super) async fn dial(target: &Target, login: &Login) -> Result<Handle<Checker>, Refusal> {
    let checker = Checker {
        pinned: login.pinned.clone(),
        found: Arc::default(),
    };
    let found = Arc::clone(&checker.found);
    let connect = async {
        let stream = tcp(target).await?;
        let connected = connect_stream(Arc::new(config(login)), stream, checker).await;
        connected.map_err(|error| handshake_error(target, &error, &found))
    };
    let timed_out = || TransportError::TimedOut {
        host: target.to_string(),
        waited: target.connect_timeout,
    };
    let mut handle = timeout(target.connect_timeout, connect)
        .await
        .map_err(|_| timed_out())??;
    match timeout(LOGIN_GRACE, authenticate(target, login, &mut handle)).await {
        Ok(Ok(())) => Ok(handle),
        Ok(Err(refusal)) => Err(refusal),
        Err(_) => Err(timed_out().into()),
    }
}

async fn tcp(target: &Target) -> Result<TcpStream, Refusal> {
    let host = target.to_string();
    let address = (target.host.as_str(), target.port.unwrap_or(22));
    let addresses = tokio::net::lookup_host(address).await;
    let addresses = addresses.map_err(|_| TransportError::NameNotFound {
        host: target.host.clone(),
    })?;
    let mut last = None;
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                // Small packets must not wait for each other.
                drop(stream.set_nodelay(true));
                return Ok(stream);
            }
            Err(error) => last = Some(error),
        }
    }
    let Some(error) = last else {
        return Err(Refusal::LeaveToOpenSsh);
    };
    let no_route = |reason: &str| TransportError::NoRoute {
        host: host.clone(),
        reason: reason.to_owned(),
    };
    Err(Refusal::Error(match error.kind() {
        io::ErrorKind::ConnectionRefused => TransportError::Refused { host },
        io::ErrorKind::HostUnreachable => no_route("no route to host"),
        io::ErrorKind::NetworkUnreachable => no_route("network is unreachable"),
        io::ErrorKind::TimedOut => TransportError::TimedOut {
            host,
            waited: target.connect_timeout,
        },
        io::ErrorKind::ConnectionReset => TransportError::Closed { host },
        _ => return Err(Refusal::LeaveToOpenSsh),
    }))
}

fn config(login: &Login) -> Config {
    // The pinned types come first, so that the host shows a key that we know; the
    // others stay, so that an error can name the key it has instead.
    let pinned = |key: &Algorithm| {
        login.pinned.iter().any(|line| {
            let name = line.split(' ').next().unwrap_or_default();
            name == key.as_str() || (name == "ssh-rsa" && matches!(key, Algorithm::Rsa { .. }))
        })
    };
    let mut keys = Preferred::DEFAULT.key.to_vec();
    keys.sort_by_key(|key| !pinned(key));
    Config {
        preferred: Preferred {
            key: keys.into(),
            ..Preferred::DEFAULT
        },
        keepalive_interval: Some(KEEPALIVE),
        keepalive_max: KEEPALIVES,
        nodelay: true,
        ..Config::default()
    }
}

fn handshake_error(target: &Target, error: &russh::Error, found: &Found) -> Refusal {
    let host = target.to_string();
    let found = found.lock().unwrap_or_else(PoisonError::into_inner).take();
    if found.is_some() {
        let pins = host_key::pinned(&target.known_hosts, &target.known_hosts_name());
        return Refusal::Error(TransportError::HostKeyChanged {
            host,
            expected: Some(pins.join(" or ")),
            found,
        });
    }
    match error {
        russh::Error::IO(_) | russh::Error::HUP | russh::Error::Disconnect => {
            Refusal::Error(TransportError::Closed { host })
        }
        // No common algorithm, a strange server.
        _ => Refusal::LeaveToOpenSsh,
    }
}

/// The fingerprint of the key that was refused.
type Found = Mutex<Option<String>>;

/// Trusts the pinned keys alone.
pub(super) struct Checker {
    pinned: Vec<String>,
    found: Arc<Found>,
}

impl Handler for Checker {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        shown: &PublicKeyOrCertificate,
    ) -> Result<bool, russh::Error> {
        let PublicKeyOrCertificate::PublicKey { key, .. } = shown else {
            return Ok(false);
        };
        let line = key.to_openssh().unwrap_or_default();
        let line: Vec<&str> = line.split(' ').take(2).collect();
        if self.pinned.contains(&line.join(" ")) {
            return Ok(true);
        }
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        *found = Some(fingerprint(key));
        Ok(false)
    }
}

async fn authenticate(
    target: &Target,
    login: &Login,
    handle: &mut Handle<Checker>,
) -> Result<(), Refusal> {
    let mut tried = Vec::new();
    match &login.identity {
        Identity::File(path, key) => {
            let hash = hash(handle, key.public_key()).await;
            tried.push(format!(
                "{} ({})",
                path.display(),
                fingerprint(key.public_key())
            ));
            let key = PrivateKeyWithHashAlg::new(Arc::clone(key), hash);
            let result = handle.authenticate_publickey(&login.user, key).await;
            if accepted(target, handle, result.map_err(drop))? {
                return Ok(());
            }
        }
        Identity::Agent(socket) => {
            let leave = |_| Refusal::LeaveToOpenSsh;
            let mut agent = AgentClient::connect_uds(socket).await.map_err(leave)?;
            let identities = agent.request_identities().await.map_err(leave)?;
            for identity in identities.into_iter().take(AGENT_KEYS) {
                let AgentIdentity::PublicKey { key, .. } = identity else {
                    continue;
                };
                let hash = hash(handle, &key).await;
                let result = handle
                    .authenticate_publickey_with(&login.user, key, hash, &mut agent)
                    .await;
                if accepted(target, handle, result.map_err(drop))? {
                    return Ok(());
                }
            }
            // OpenSSH also has the user's default files.
            return Err(Refusal::LeaveToOpenSsh);
        }
    }
    Err(Refusal::Error(TransportError::NoKeyAccepted {
        host: target.to_string(),
        tried,
    }))
}

/// Returns the hash for an RSA key that the server understands.
async fn hash(handle: &Handle<Checker>, key: &PublicKey) -> Option<HashAlg> {
    if !matches!(key.algorithm(), Algorithm::Rsa { .. }) {
        return None;
    }
    match handle.best_supported_rsa_hash().await {
        Ok(Some(hash)) => hash,
        _ => Some(HashAlg::Sha512),
    }
}

fn accepted(
    target: &Target,
    handle: &Handle<Checker>,
    result: Result<AuthResult, ()>,
) -> Result<bool, Refusal> {
    match result {
        Ok(AuthResult::Success) => Ok(true),
        // A second factor is wanted.
        Ok(AuthResult::Failure {
            partial_success: true,
            ..
        }) => Err(Refusal::LeaveToOpenSsh),
        _ if handle.is_closed() => Err(Refusal::Error(TransportError::Closed {
            host: target.to_string(),
        })),
        Ok(AuthResult::Failure { .. }) => Ok(false),
        Err(()) => Err(Refusal::LeaveToOpenSsh),
    }
}

fn fingerprint(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}
