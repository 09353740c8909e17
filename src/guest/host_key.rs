use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use ssh_key::{Algorithm, LineEnding, PrivateKey, rand_core::OsRng};

/// An SSH host key that swarmctl mints for a guest, so that it can be pinned before
/// the first connection.
#[derive(Clone, Debug)]
pub struct HostKey {
    /// The private key in OpenSSH's own format, without a passphrase.
    pub private: SecretString,
    /// The public key as it stands in known_hosts: `ssh-ed25519 AAAA…`.
    pub public: String,
}

impl HostKey {
    /// Returns secret bytes that only who has the private key can know, in hex.
    pub fn salt(&self) -> String {
        let private = self.private.expose_secret();
        hex::encode(Sha256::digest(format!("swarmctl seed\n{private}")))
    }

    /// Returns a new ed25519 key from the operating system's random numbers.
    ///
    /// # Errors
    ///
    /// Fails when the key can't be encoded.
    pub fn mint() -> Result<Self, ssh_key::Error> {
        let key = PrivateKey::random(&mut OsRng, Algorithm::Ed25519)?;
        Ok(Self {
            private: SecretString::from(key.to_openssh(LineEnding::LF)?.as_str()),
            public: key.public_key().to_openssh()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn the_halves_belong_together_and_differ_each_time() {
        let key = HostKey::mint().unwrap();
        let private = PrivateKey::from_openssh(key.private.expose_secret()).unwrap();
        assert_eq!(private.public_key().to_openssh().unwrap(), key.public);
        assert!(key.public.starts_with("ssh-ed25519 AAAA"));
        assert_ne!(HostKey::mint().unwrap().public, key.public);
        assert!(!format!("{key:?}").contains("PRIVATE"));
    }
}
