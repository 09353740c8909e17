use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use super::{FleetError, StateDir, safe_file_name, write_atomic};

/// The port that known_hosts leaves out (RFC 4251, section 4.1; sshd(8)).
const SSH_PORT: u16 = 22;

/// A host as known_hosts names it: a name or an address, and the port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostName {
    name: String,
    port: u16,
}

impl HostName {
    /// Returns the host `name` at `port`; names are compared in lower case, as ssh
    /// does.
    ///
    /// # Errors
    /// [`FleetError::HostName`] for a name that known_hosts would read as a pattern,
    /// as several names or as none.
    pub fn new(name: &str, port: u16) -> Result<Self, FleetError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%');
        if name.is_empty() || !name.chars().all(plain) {
            return Err(FleetError::HostName {
                name: name.to_owned(),
            });
        }
        Ok(Self {
            name: name.to_ascii_lowercase(),
            port,
        })
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.port == SSH_PORT {
            f.write_str(&self.name)
        } else {
            write!(f, "[{}]:{}", self.name, self.port)
        }
    }
}

/// One pinned key, as one line of the file says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The hosts it is for, as known_hosts writes them.
    pub hosts: Vec<String>,
    /// The public key: type and base64, without a comment.
    pub public_key: String,
    /// The instance that it was pinned for, encoded as [`safe_file_name`] does.
    owner: String,
}

impl Pin {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let (hosts, kind, key) = (words.next()?, words.next()?, words.next()?);
        let owner = words.next()?.strip_prefix("swarmctl:")?;
        (words.next().is_none() && !hosts.starts_with(['#', '@', '|'])).then(|| Self {
            hosts: hosts.split(',').map(str::to_owned).collect(),
            public_key: format!("{kind} {key}"),
            owner: owner.to_owned(),
        })
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            hosts,
            public_key,
            owner,
        } = self;
        write!(f, "{} {public_key} swarmctl:{owner}", hosts.join(","))
    }
}

/// The pinned host keys, `.swarm/known_hosts`: OpenSSH's own format, each line of
/// ours ending in `swarmctl:<instance>`. Lines without that are left as they are.
#[derive(Clone, Debug)]
pub struct KnownHosts {
    state: StateDir,
}

impl KnownHosts {
    pub(super) fn new(state: StateDir) -> Self {
        Self { state }
    }

    /// Returns the file, for ssh's `UserKnownHostsFile`.
    pub fn path(&self) -> PathBuf {
        self.state.path().join("known_hosts")
    }

    /// Returns the pins of an instance.
    ///
    /// # Errors
    /// [`FleetError::Read`].
    pub fn pins(&self, instance: &str) -> Result<Vec<Pin>, FleetError> {
        let owner = safe_file_name(instance);
        let text = self.read()?;
        let pins = text.lines().filter_map(Pin::parse);
        Ok(pins.filter(|pin| pin.owner == owner).collect())
    }

    /// Makes `public_keys` (`ssh-ed25519 AAAA…`, a comment is dropped) the only ones
    /// pinned for the instance, valid for `hosts` and for no other. Hosts that were
    /// another instance's are taken from it: an old machine's key must not open a
    /// new one's address. Returns whether anything changed.
    ///
    /// # Errors
    /// [`FleetError::HostKey`], [`FleetError::Read`], [`FleetError::Write`] or
    /// [`FleetError::Busy`].
    pub fn pin(
        &self,
        instance: &str,
        hosts: &[HostName],
        public_keys: &[&str],
    ) -> Result<bool, FleetError> {
        let owner = safe_file_name(instance);
        let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
        let mut wanted = Vec::new();
        for key in public_keys {
            let public_key = plain_key(key).ok_or_else(|| FleetError::HostKey {
                instance: instance.to_owned(),
            })?;
            if !hosts.is_empty() {
                wanted.push(Pin {
                    hosts: hosts.clone(),
                    public_key,
                    owner: owner.clone(),
                });
            }
        }
        self.rewrite(|text| edit(text, &owner, &hosts, &wanted))
    }

    /// Takes an instance's pins away. Returns whether there were any.
    ///
    /// # Errors
    /// [`FleetError::Read`], [`FleetError::Write`] or [`FleetError::Busy`].
    pub fn unpin(&self, instance: &str) -> Result<bool, FleetError> {
        self.rewrite(|text| edit(text, &safe_file_name(instance), &[], &[]))
    }

    fn rewrite(&self, edit: impl FnOnce(&str) -> String) -> Result<bool, FleetError> {
        let _lock = self.state.write_lock("known_hosts.lock")?;
        let before = self.read()?;
        let after = edit(&before);
        if after == before {
            return Ok(false);
        }
        write_atomic(&self.path(), after.as_bytes(), 0o600)?;
        Ok(true)
    }

    fn read(&self) -> Result<String, FleetError> {
        let path: &Path = &self.path();
        match fs::read_to_string(path) {
            Ok(text) => Ok(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            Err(source) => Err(FleetError::Read {
                path: path.to_owned(),
                source,
            }),
        }
    }
}

/// Returns the type and base64 of a public key, when it is one.
fn plain_key(key: &str) -> Option<String> {
    let parsed = ssh_key::PublicKey::from_openssh(key.trim()).ok()?;
    let line = parsed.to_openssh().ok()?;
    let mut words = line.split_whitespace();
    Some(format!("{} {}", words.next()?, words.next()?))
}

/// Returns the file's text with `wanted` for the owner and `hosts` taken from others.
fn edit(text: &str, owner: &str, hosts: &[String], wanted: &[Pin]) -> String {
    let mut lines = Vec::new();
    // The wanted lines stand where the owner's first line stood, so that pinning the
    // same again changes nothing.
    let mut place = None;
    for line in text.lines() {
        let Some(mut pin) = Pin::parse(line) else {
            lines.push(line.to_owned());
            continue;
        };
        if pin.owner == owner {
            place.get_or_insert(lines.len());
            continue;
        }
        if pin.hosts.iter().any(|host| hosts.contains(host)) {
            pin.hosts.retain(|host| !hosts.contains(host));
            if !pin.hosts.is_empty() {
                lines.push(pin.to_string());
            }
        } else {
            lines.push(line.to_owned());
        }
    }
    let place = place.unwrap_or(lines.len());
    lines.splice(place..place, wanted.iter().map(ToString::to_string));
    lines.iter().map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICQSFCWXBomO5FqGUOVmviw0QIaPOIY94t1R7jzQKZAp root@a b";
    const B: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIM6SxavMzr3s+v6no8UC+aVRBwzmYW5ykoG9uamaC75M";

    fn at(name: &str) -> HostName {
        HostName::new(name, 22).unwrap()
    }

    fn fresh() -> (tempfile::TempDir, KnownHosts) {
        let directory = tempfile::tempdir().unwrap();
        let known = StateDir::at(directory.path().join(".swarm")).known_hosts();
        (directory, known)
    }

    #[test]
    fn pins_replaces_and_removes() {
        let (_directory, known) = fresh();
        assert!(
            known
                .pin("zap [claw]", &[at("Zap"), at("10.0.0.2")], &[A])
                .unwrap()
        );
        assert!(
            !known
                .pin("zap [claw]", &[at("zap"), at("10.0.0.2")], &[A])
                .unwrap()
        );
        let text = fs::read_to_string(known.path()).unwrap();
        assert!(text.starts_with("zap,10.0.0.2 ssh-ed25519 AAAA"), "{text}");
        assert!(text.ends_with(" swarmctl:zap%20%5Bclaw%5D\n"), "{text}");
        known
            .pin(
                "zap [claw]",
                &[HostName::new("10.0.0.2", 2222).unwrap()],
                &[B],
            )
            .unwrap();
        let pins = known.pins("zap [claw]").unwrap();
        assert_eq!(pins.len(), 1);
        assert_eq!(
            (pins[0].hosts.as_slice(), pins[0].public_key.as_str()),
            (["[10.0.0.2]:2222".to_owned()].as_slice(), B)
        );
        assert!(known.unpin("zap [claw]").unwrap());
        assert!(!known.unpin("zap [claw]").unwrap());
    }

    #[test]
    fn an_address_has_one_owner_and_other_lines_stay() {
        let (_directory, known) = fresh();
        known
            .pin("old", &[at("old"), at("10.0.0.2")], &[A])
            .unwrap();
        let by_hand = format!("# mine\n10.0.0.2 {B} by hand\n@revoked * {B} swarmctl:old\n");
        let text = fs::read_to_string(known.path()).unwrap();
        fs::write(known.path(), by_hand.clone() + &text).unwrap();
        known
            .pin("new", &[at("new"), at("10.0.0.2")], &[B])
            .unwrap();
        assert_eq!(known.pins("old").unwrap()[0].hosts, ["old"]);
        let text = fs::read_to_string(known.path()).unwrap();
        assert!(text.starts_with(&by_hand), "{text}");
    }

    #[test]
    fn what_the_file_cannot_hold_is_refused() {
        let (_directory, known) = fresh();
        for name in ["", "a b", "*", "a,b", "|1|x", "a\nb", "!a"] {
            assert!(HostName::new(name, 22).is_err(), "{name:?}");
        }
        assert!(
            known
                .pin("zap", &[at("zap")], &["ssh-ed25519 nonsense"])
                .is_err()
        );
        assert!(!known.path().exists());
    }

    #[test]
    fn concurrent_writers_lose_nothing() {
        let (_directory, known) = fresh();
        std::thread::scope(|scope| {
            for i in 0..16 {
                let known = &known;
                scope.spawn(move || {
                    known
                        .pin(&format!("i{i}"), &[at(&format!("h{i}"))], &[A])
                        .unwrap()
                });
            }
        });
        assert_eq!(
            fs::read_to_string(known.path()).unwrap().lines().count(),
            16
        );
    }
}
