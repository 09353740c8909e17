use secrecy::{ExposeSecret, SecretString};

use super::{Envelope, VaultError};

/// The vault passwords at hand, each with its vault id.
///
/// `Debug` shows ids, never passwords.
#[derive(Clone, Debug, Default)]
pub struct VaultPasswords(Vec<(String, SecretString)>);

impl VaultPasswords {
    /// The vault id of a password that was given without one, as in Ansible.
    pub const DEFAULT_ID: &'static str = "default";

    /// Returns no passwords.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a password under a vault id.
    pub fn add(&mut self, id: impl Into<String>, password: SecretString) {
        self.0.push((id.into(), password));
    }

    /// Returns whether there is no password at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the plaintext of a vault envelope. The password with the envelope's
    /// id is tried first, then, as Ansible does, all others.
    ///
    /// # Errors
    /// When the envelope is malformed, no password was given, or none fits.
    pub fn decrypt(&self, envelope: &str) -> Result<SecretString, VaultError> {
        let envelope = Envelope::parse(envelope)?;
        if self.is_empty() {
            return Err(VaultError::NoPassword);
        }
        let id = envelope.id().unwrap_or(Self::DEFAULT_ID);
        let (fitting, others): (Vec<_>, Vec<_>) = self.0.iter().partition(|(own, _)| own == id);
        for (_, password) in fitting.into_iter().chain(others) {
            if let Some(plaintext) = envelope.open(password.expose_secret().as_bytes())? {
                return Ok(plaintext);
            }
        }
        Err(VaultError::WrongPassword {
            id: envelope.id().map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::VaultPasswords;

    #[test]
    fn debug_hides_passwords() {
        let mut passwords = VaultPasswords::new();
        passwords.add("prod", "hunter2".into());
        let shown = format!("{passwords:?}");
        assert!(
            shown.contains("prod") && !shown.contains("hunter2"),
            "{shown}"
        );
    }
}
