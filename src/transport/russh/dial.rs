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
use tokio::{
    net::TcpStream,
    sync::Semaphore,
    time::{Instant, timeout, timeout_at},
};

use super::login::Login;
use crate::transport::{Target, TransportError, host_key};

/// What login may take beyond the connection itself: slow PAM modules, DNS.
const LOGIN_GRACE: Duration = Duration::from_secs(30);

/// How many keys are tried: sshd's MaxAuthTries is 6 by default.
const TRIES: usize = 5;

/// How many handshakes go on at once. They are work, here and over there, and more of
/// them at a time would only make each of them slower, until it is out of its time.
/// Waiting for an answer is no work, so a dead host takes no place.
const HANDSHAKES: usize = 64;
static HANDSHAKE: Semaphore = Semaphore::const_new(HANDSHAKES);

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

/// Connects and logs in. The time that a connection may take is that until the host
/// says its first word, and as much again for the handshake.
pub(super) async fn dial(target: &Target, login: &Login) -> Result<Handle<Checker>, Refusal> {
    let checker = Checker {
        known: login.known.clone(),
        found: Arc::default(),
    };
    let found = Arc::clone(&checker.found);
    let timed_out = || TransportError::TimedOut {
        host: target.to_string(),
        waited: target.connect_timeout,
    };
    let stream = timeout(target.connect_timeout, tcp(target, login)).await;
    let stream = stream.map_err(|_| timed_out())??;
    // It is never closed.
    let place = HANDSHAKE.acquire().await;
    let connect = connect_stream(Arc::new(config(login)), stream, checker);
    let mut handle = timeout(target.connect_timeout, connect)
        .await
        .map_err(|_| timed_out())?
        .map_err(|error| handshake_error(target, login, &error, &found))?;
    drop(place);
    match timeout(LOGIN_GRACE, authenticate(target, login, &mut handle)).await {
        Ok(Ok(())) => Ok(handle),
        Ok(Err(refusal)) => Err(refusal),
        Err(_) => Err(timed_out().into()),
    }
}

/// Connects to the first of the host's addresses where somebody speaks.
async fn tcp(target: &Target, login: &Login) -> Result<TcpStream, Refusal> {
    let host = target.to_string();
    let begun = Instant::now();
    let addresses = tokio::net::lookup_host((login.host.as_str(), login.port)).await;
    let addresses = addresses.map_err(|_| TransportError::NameNotFound {
        host: target.host.clone(),
    })?;
    let addresses: Vec<_> = addresses.collect();
    let mut last = None;
    for (number, address) in addresses.iter().enumerate() {
        let connect = async {
            let stream = TcpStream::connect(address).await?;
            // Servers speak first, so those that never will are told apart here.
            stream.readable().await?;
            io::Result::Ok(stream)
        };
        // A dead address leaves the others their share of the time.
        let left = target.connect_timeout.saturating_sub(begun.elapsed());
        let share = left / u32::try_from(addresses.len() - number).unwrap_or(1);
        match timeout_at(Instant::now() + share, connect).await {
            Ok(Ok(stream)) => {
                // Small packets must not wait for each other.
                drop(stream.set_nodelay(true));
                return Ok(stream);
            }
            Ok(Err(error)) => last = Some(error),
            Err(_) => last = Some(io::ErrorKind::TimedOut.into()),
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
    // The known types come first, so that the host shows a key that we know; the
    // others stay, so that an error can name the key it has instead.
    let known = |key: &Algorithm| {
        login.known.iter().any(|line| {
            let name = line.split(' ').next().unwrap_or_default();
            name == key.as_str() || (name == "ssh-rsa" && matches!(key, Algorithm::Rsa { .. }))
        })
    };
    let mut keys = Preferred::DEFAULT.key.to_vec();
    keys.sort_by_key(|key| !known(key));
    Config {
        preferred: Preferred {
            key: keys.into(),
            ..Preferred::DEFAULT
        },
        keepalive_interval: login.keepalive.0,
        keepalive_max: login.keepalive.1,
        nodelay: true,
        ..Config::default()
    }
}

fn handshake_error(target: &Target, login: &Login, error: &russh::Error, found: &Found) -> Refusal {
    let host = target.to_string();
    let found = found.lock().unwrap_or_else(PoisonError::into_inner).take();
    if found.is_some() {
        return Refusal::Error(TransportError::HostKeyChanged {
            host,
            expected: host_key::fingerprints(&login.known),
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

/// Trusts the known keys alone.
pub(super) struct Checker {
    known: Vec<String>,
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
        if self.known.contains(&line.join(" ")) {
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
    let leave = |_| Refusal::LeaveToOpenSsh;
    let mut tries = 0..TRIES;
    if let Some(socket) = &login.agent {
        let mut agent = AgentClient::connect_uds(socket).await.map_err(leave)?;
        let identities = agent.request_identities().await.map_err(leave)?;
        for identity in identities {
            let AgentIdentity::PublicKey { key, .. } = identity else {
                continue;
            };
            if tries.next().is_none() {
                break;
            }
            let hash = hash(handle, &key).await;
            let result = handle
                .authenticate_publickey_with(&login.user, key, hash, &mut agent)
                .await;
            if accepted(target, handle, result.map_err(drop))? {
                return Ok(());
            }
        }
    }
    let mut tried = Vec::new();
    for (path, key) in &login.keys {
        if tries.next().is_none() {
            break;
        }
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
    if login.more {
        return Err(Refusal::LeaveToOpenSsh);
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
