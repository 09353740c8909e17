use std::{collections::HashMap, path::Path, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::{file_cache::FileCache, pattern::list_holds};

/// What a file of known hosts says (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).
#[derive(Debug, Default)]
pub(super) struct KnownHosts {
    /// The keys of lines without anything special, by name.
    plain: HashMap<String, Vec<String>>,
    special: Vec<Special>,
}

/// A line with a marker, or with names that are more than names.
#[derive(Debug)]
struct Special {
    marked: bool,
    names: Names,
    key: String,
}

#[derive(Debug)]
enum Names {
    Patterns(String),
    /// HMAC-SHA1 of the name, with the salt as its key.
    Hashed {
        salt: Vec<u8>,
        hash: Vec<u8>,
    },
}

/// What files say about one name.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// Its keys, each as `type base64`.
    pub keys: Vec<String>,
    /// Whether a line with a marker (`@revoked`, `@cert-authority`) is about it too,
    /// which is for ssh to judge.
    pub marked: bool,
}

impl KnownHosts {
    /// Reads a file, which is empty when there is none.
    pub(super) fn read(file: &Path) -> Arc<Self> {
        static READ: FileCache<KnownHosts> = FileCache::new();
        READ.get(file, Self::parse).unwrap_or_default()
    }

    fn parse(text: &str) -> Self {
        let mut known = Self::default();
        for line in text.lines() {
            let mut words = line.split_whitespace().peekable();
            let marked = words.next_if(|word| word.starts_with('@')).is_some();
            let (Some(names), Some(kind), Some(key)) = (words.next(), words.next(), words.next())
            else {
                continue;
            };
            if names.starts_with('#') {
                continue;
            }
            let names = if names.starts_with('|') {
                names.to_owned()
            } else {
                names.to_ascii_lowercase()
            };
            let key = format!("{kind} {key}");
            if let Some(hashed) = names.strip_prefix("|1|") {
                let parts = hashed.split_once('|');
                let parts = parts.and_then(|(salt, hash)| {
                    Some((STANDARD.decode(salt).ok()?, STANDARD.decode(hash).ok()?))
                });
                if let Some((salt, hash)) = parts {
                    let names = Names::Hashed { salt, hash };
                    known.special.push(Special { marked, names, key });
                }
            } else if marked || names.contains(['*', '?', '!']) {
                let names = Names::Patterns(names);
                known.special.push(Special { marked, names, key });
            } else {
                for name in names.split(',') {
                    let keys = known.plain.entry(name.to_owned()).or_default();
                    keys.push(key.clone());
                }
            }
        }
        known
    }

    /// Adds what is said about a name, as these files write it (`[host]:2222`, in
    /// lower case).
    pub(super) fn about(&self, name: &str, known: &mut Known) {
        known
            .keys
            .extend(self.plain.get(name).into_iter().flatten().cloned());
        for line in self.special.iter().filter(|line| line.names.hold(name)) {
            if line.marked {
                known.marked = true;
            } else {
                known.keys.push(line.key.clone());
            }
        }
    }
}

impl Names {
    fn hold(&self, name: &str) -> bool {
        match self {
            Self::Patterns(patterns) => list_holds(patterns.split(','), name),
            Self::Hashed { salt, hash } => {
                Hmac::<Sha1>::new_from_slice(salt).is_ok_and(|mut mac| {
                    mac.update(name.as_bytes());
                    mac.verify_slice(hash).is_ok()
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, process::Command};

    use super::*;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICQSFCWXBomO5FqGUOVmviw0QIaPOIY94t1R7jzQKZAp";

    fn about(text: &str, name: &str) -> Known {
        let mut known = Known::default();
        KnownHosts::parse(text).about(name, &mut known);
        known
    }

    #[test]
    fn lines_are_read_as_ssh_does() {
        let text = format!(
            "# zap {KEY}\nZap,10.0.0.2 {KEY} swarmctl:zap\nzap ecdsa-x AAAA\n\
             @revoked *.gone {KEY}\n[far]:2222 {KEY}\n*.lan,!bad.lan {KEY}\nbroken\n"
        );
        let keys = |name: &str| about(&text, name).keys.len();
        assert_eq!(about(&text, "zap").keys, [KEY, "ecdsa-x AAAA"]);
        assert_eq!(
            (keys("10.0.0.2"), keys("[far]:2222"), keys("far")),
            (1, 1, 0)
        );
        assert_eq!((keys("good.lan"), keys("bad.lan"), keys("#")), (1, 0, 0));
        assert!(about(&text, "x.gone").marked);
        assert_eq!(about(&text, "nobody"), Known::default());
    }

    #[test]
    fn hashed_names_are_found() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("known_hosts");
        fs::write(&file, format!("zap {KEY}\n[far]:2222 {KEY}\n")).unwrap();
        let mut keygen = Command::new("ssh-keygen");
        let Ok(done) = keygen.args(["-q", "-H", "-f"]).arg(&file).output() else {
            return;
        };
        assert!(done.status.success());
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("|1|"), "{text}");
        assert_eq!(about(&text, "zap").keys, [KEY]);
        assert_eq!(about(&text, "[far]:2222").keys, [KEY]);
        assert_eq!(about(&text, "far").keys.len(), 0);
    }
}
