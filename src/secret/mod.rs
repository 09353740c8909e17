//! Values that never print.
//!
//! Owns Ansible Vault's format, the vault passwords and where they come from, and
//! the redactor that every text passes before it is shown. Must not know who uses
//! them.

mod error;
mod password_file;
mod passwords;
mod redactor;
mod vault;

pub use error::VaultError;
pub use password_file::read_password_file;
pub use passwords::VaultPasswords;
pub use redactor::Redactor;
pub use vault::{Envelope, is_vault};
