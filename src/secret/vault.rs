//! Ansible Vault's AES256 format, versions 1.1 and 1.2.
//!
//! After the header line comes hex, in lines of 80, of three hex strings joined by
//! newlines: salt, HMAC-SHA256 of the ciphertext, ciphertext. PBKDF2-SHA256 with
//! 10,000 rounds makes 80 bytes of the password: cipher key, HMAC key, counter.
//! The plaintext is padded as PKCS#7 says. (Source: Ansible's documentation,
//! "Ansible Vault payload format 1.1 - 1.2".)

use aes::Aes256;
use ctr::{
    Ctr128BE,
    cipher::{KeyIvInit, StreamCipher},
};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::SecretString;
use sha2::Sha256;

use super::VaultError;

const HEADER: &str = "$ANSIBLE_VAULT";
const ROUNDS: u32 = 10_000;
const KEY: usize = 32;
const BLOCK: usize = 16;

/// Returns whether a text is vault-encrypted, by its header.
pub fn is_vault(text: &str) -> bool {
    text.starts_with(HEADER)
}

/// A parsed vault envelope, still closed.
#[derive(Debug)]
pub struct Envelope {
    id: Option<String>,
    salt: Vec<u8>,
    mac: Vec<u8>,
    ciphertext: Vec<u8>,
}

impl Envelope {
    /// Parses `$ANSIBLE_VAULT;1.1;AES256` and its payload.
    ///
    /// # Errors
    /// When header or payload are malformed, or the cipher is unknown.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        let mut lines = text.lines();
        let mut header = lines
            .next()
            .unwrap_or_default()
            .trim()
            .split(';')
            .map(str::trim);
        if header.next() != Some(HEADER) {
            return Err(VaultError::Format("it does not start with $ANSIBLE_VAULT"));
        }
        match header.next() {
            Some("1.1" | "1.2") => {}
            _ => return Err(VaultError::Format("its version is neither 1.1 nor 1.2")),
        }
        match header.next() {
            Some("AES256") => {}
            other => return Err(VaultError::Cipher(other.unwrap_or_default().to_owned())),
        }
        let id = header.next().filter(|id| !id.is_empty()).map(str::to_owned);
        let payload: String = lines.map(str::trim).collect();
        let inner = unhex(payload.as_bytes())?;
        let mut parts = inner.splitn(3, |&b| b == b'\n');
        let mut part = || {
            let part = parts.next();
            unhex(part.ok_or(VaultError::Format("salt, HMAC or ciphertext is missing"))?)
        };
        Ok(Self {
            id,
            salt: part()?,
            mac: part()?,
            ciphertext: part()?,
        })
    }

    /// Returns the vault id of a version 1.2 envelope.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Returns the plaintext, or `None` when the password is not the right one.
    ///
    /// # Errors
    /// When the password fits but what it opens is not text.
    pub fn open(&self, password: &[u8]) -> Result<Option<SecretString>, VaultError> {
        let mut keys = [0_u8; 2 * KEY + BLOCK];
        pbkdf2::pbkdf2_hmac::<Sha256>(password, &self.salt, ROUNDS, &mut keys);
        let (cipher_key, rest) = keys.split_at(KEY);
        let (mac_key, counter) = rest.split_at(KEY);

        let broken = VaultError::Format("the keys have a wrong length");
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(mac_key) else {
            return Err(broken);
        };
        mac.update(&self.ciphertext);
        // Compares in constant time.
        if mac.verify_slice(&self.mac).is_err() {
            return Ok(None);
        }
        let Ok(mut cipher) = Ctr128BE::<Aes256>::new_from_slices(cipher_key, counter) else {
            return Err(broken);
        };
        let mut plain = self.ciphertext.clone();
        cipher.apply_keystream(&mut plain);
        unpad(&mut plain)?;
        let text = String::from_utf8(plain).map_err(|_| VaultError::NotText)?;
        Ok(Some(text.into()))
    }
}

fn unhex(text: &[u8]) -> Result<Vec<u8>, VaultError> {
    hex::decode(text).map_err(|_| VaultError::Format("the payload is not hexadecimal"))
}

/// Takes the PKCS#7 padding off.
fn unpad(plain: &mut Vec<u8>) -> Result<(), VaultError> {
    let count = plain.last().map_or(0, |&b| usize::from(b));
    let fits = (1..=BLOCK).contains(&count) && count <= plain.len();
    if !fits
        || plain[plain.len() - count..]
            .iter()
            .any(|&b| usize::from(b) != count)
    {
        return Err(VaultError::Format("the padding is wrong"));
    }
    plain.truncate(plain.len() - count);
    Ok(())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::{Envelope, is_vault};
    use crate::secret::{VaultError, VaultPasswords};

    // Made by ansible-vault 2.19.
    const V11: &str = "\
$ANSIBLE_VAULT;1.1;AES256\n\
39633639356662666337383664346439353039333639613533363730306364643830643639363230\n\
6230356534313961633838663934636232626164613939310a613933306165306638366435383764\n\
31393864653830363732363161303231373866373636623961316135363132653935346366313263\n\
3636333732666437620a326235663662633137393962333737386438326464663364353034316365\n\
3235
";
    const V12: &str = "\
$ANSIBLE_VAULT;1.2;AES256;prod\n\
38616333396664623432646561663732663761326332666231323766613836373738313662346634\n\
3462613133623431396465376536643862643235313561390a343366663264383134313435326430\n\
31386132653539336363333266356233613839636234613865316562623630613634313865363839\n\
3738626439343838390a333639653561303636656533366365636637303764333164313031343732\n\
3638
";

    #[test]
    fn opens_both_versions() {
        let mut passwords = VaultPasswords::new();
        passwords.add("default", "wrong".into());
        passwords.add("prod", "secret".into());
        for (envelope, id) in [(V11, None), (V12, Some("prod"))] {
            assert!(is_vault(envelope));
            assert_eq!(Envelope::parse(envelope).unwrap().id(), id);
            let plain = passwords.decrypt(envelope).unwrap();
            assert_eq!(plain.expose_secret(), "plain text");
        }
    }

    #[test]
    fn what_stays_closed() {
        let mut passwords = VaultPasswords::new();
        assert!(matches!(
            passwords.decrypt(V11),
            Err(VaultError::NoPassword)
        ));
        passwords.add("default", "wrong".into());
        let error = passwords.decrypt(V12).unwrap_err();
        assert!(matches!(&error, VaultError::WrongPassword { id: Some(id) } if id == "prod"));
        let changed = V11.trim_end().to_owned();
        let last = if changed.ends_with('1') { "2" } else { "1" };
        let changed = format!("{}{last}", &changed[..changed.len() - 1]);
        assert!(passwords.decrypt(&changed).is_err());
        for text in [
            "",
            "$ANSIBLE_VAULT;9;AES256\n00",
            "$ANSIBLE_VAULT;1.1;AES256\nzz",
            "$ANSIBLE_VAULT;1.1;AES256\n3030",
        ] {
            assert!(
                matches!(Envelope::parse(text), Err(VaultError::Format(_))),
                "{text:?}"
            );
        }
        assert!(matches!(
            Envelope::parse("$ANSIBLE_VAULT;1.1;AES\n"),
            Err(VaultError::Cipher(_))
        ));
    }
}
