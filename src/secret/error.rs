use std::path::PathBuf;

/// Why a vaulted value stays closed, or a vault password can't be had.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The text has no valid `$ANSIBLE_VAULT` envelope.
    #[error("read the vault envelope: {0}")]
    Format(&'static str),
    /// The envelope names a cipher other than AES256.
    #[error("decrypt with cipher {0:?}; only AES256 is known")]
    Cipher(String),
    /// No password was given at all.
    #[error("decrypt without a vault password")]
    NoPassword,
    /// None of the passwords fits.
    #[error("decrypt: none of the vault passwords fits{}", labelled(.id))]
    WrongPassword {
        /// The vault id that the envelope carries, if any.
        id: Option<String>,
    },
    /// The plaintext is not UTF-8.
    #[error("decrypt: the plaintext is not UTF-8 text")]
    NotText,
    /// A password file can't be read, or its program not be started.
    #[error("read the vault password from {}", .path.display())]
    PasswordFile {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A password program ended with an error.
    #[error("get a vault password from {}: it ended with {status}", .path.display())]
    PasswordProgram {
        /// The program.
        path: PathBuf,
        /// How it ended.
        status: std::process::ExitStatus,
    },
    /// A password program took too long.
    #[error("get a vault password from {}: no answer within {seconds} s", .path.display())]
    PasswordTimeout {
        /// The program.
        path: PathBuf,
        /// How long it was waited for.
        seconds: u64,
    },
    /// A password file or program gave an empty password.
    #[error("use the vault password from {}: it is empty", .path.display())]
    EmptyPassword {
        /// The file.
        path: PathBuf,
    },
}

fn labelled(id: &Option<String>) -> String {
    id.as_ref()
        .map(|id| format!(" (the value asks for vault id {id:?})"))
        .unwrap_or_default()
}
