use std::{
    collections::HashSet,
    fs::{self, OpenOptions},
    io::{self, Read},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    string::FromUtf8Error,
    sync::Arc,
};

use secrecy::ExposeSecret;

use crate::{
    plan::{Diagnostic, Place},
    secret::{VaultError, VaultPasswords, is_vault},
};

/// No inventory file is larger; something else was named by mistake.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Reads text files, opens those that are vault-encrypted as a whole, and
/// remembers which ones were.
pub(super) struct Files<'a> {
    vault: &'a VaultPasswords,
    pub encrypted: HashSet<Arc<Path>>,
}

impl<'a> Files<'a> {
    pub(super) fn new(vault: &'a VaultPasswords) -> Self {
        Self {
            vault,
            encrypted: HashSet::new(),
        }
    }

    /// Returns a file's text, decrypted.
    ///
    /// # Errors
    /// When it can't be read, is not UTF-8, or is encrypted and stays closed.
    pub(super) fn read(&mut self, path: &Path, file: &Arc<Path>) -> Result<String, Diagnostic> {
        let start = || Place::new(file, 1, 1);
        let bytes = read_bytes(path).map_err(|error| unreadable(file, &error))?;
        let text = String::from_utf8(bytes).map_err(|error| no_text(file, &error))?;
        // Editors on other systems put a byte-order mark first.
        let text = match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        };
        if !is_vault(&text) {
            return Ok(text);
        }
        self.encrypted.insert(Arc::clone(file));
        match self.vault.decrypt(&text) {
            Ok(plain) => Ok(plain.expose_secret().to_owned()),
            Err(error) => Err(closed(start(), "this encrypted file", &error)),
        }
    }
}

/// Returns the error for a vaulted value or file that can't be decrypted.
pub(super) fn closed(place: Place, what: &str, error: &VaultError) -> Diagnostic {
    let hint = match error {
        VaultError::NoPassword => {
            "pass --vault-password-file FILE, or set $ANSIBLE_VAULT_PASSWORD_FILE"
        }
        VaultError::WrongPassword { .. } => {
            "pass the password it was encrypted with, by --vault-password-file FILE"
        }
        _ => "encrypt it again with `ansible-vault`",
    };
    Diagnostic::error(place, format!("failed to {error}, in {what}"))
        .hint(hint)
        .hide_line()
}

fn unreadable(file: &Arc<Path>, error: &io::Error) -> Diagnostic {
    let hint = match error.kind() {
        io::ErrorKind::NotFound => "check the path",
        io::ErrorKind::PermissionDenied => "make it readable for this user",
        _ => "check the file",
    };
    Diagnostic::error(
        Place::new(file, 0, 0),
        format!("failed to read it: {error}"),
    )
    .hint(hint)
}

/// Returns the error for a file that is not UTF-8, at the first byte that isn't.
fn no_text(file: &Arc<Path>, error: &FromUtf8Error) -> Diagnostic {
    let bytes = error.as_bytes();
    let at = error.utf8_error().valid_up_to();
    let before = String::from_utf8_lossy(bytes.get(..at).unwrap_or_default());
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    let number = |n| u32::try_from(n).unwrap_or(u32::MAX);
    let byte = bytes.get(at).copied().unwrap_or_default();
    Diagnostic::error(
        Place::new(file, number(line), number(column)),
        format!("the byte 0x{byte:02x} is not UTF-8"),
    )
    .hint("save the file as UTF-8 text, or keep it elsewhere")
}

fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    // Opening a named pipe would wait for a writer, perhaps for ever.
    let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    if metadata.len() > MAX_BYTES {
        return Err(io::Error::other("it is larger than 64 MiB"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    // Limited, since the file may grow meanwhile.
    file.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Returns the names in a directory, sorted bytewise.
fn sorted_names(dir: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort_unstable();
    Ok(names)
}

/// The directories above the one that is being read, so that a link back to one of
/// them is noticed.
#[derive(Default)]
pub(super) struct Descent(Vec<(u64, u64)>);

impl Descent {
    /// Returns the sorted names in a directory, for [`Self::leave`] after them.
    ///
    /// # Errors
    /// When it can't be read, or is one of those above it.
    pub(super) fn enter(&mut self, dir: &Path) -> Result<Vec<String>, Diagnostic> {
        let failed = |error: io::Error| {
            let place = Place::new(&Arc::from(dir), 0, 0);
            Diagnostic::error(place, format!("failed to read the directory: {error}"))
                .hint("check its permissions and links")
        };
        let metadata = fs::metadata(dir).map_err(failed)?;
        let identity = (metadata.dev(), metadata.ino());
        if self.0.contains(&identity) {
            return Err(failed(io::Error::other(
                "it is a link to a directory above it",
            )));
        }
        let names = sorted_names(dir).map_err(failed)?;
        self.0.push(identity);
        Ok(names)
    }

    /// Leaves the directory that was entered last.
    pub(super) fn leave(&mut self) {
        self.0.pop();
    }
}

/// Returns `dir/name` as it is shown in places: without a leading `./`.
pub(super) fn joined(dir: &Path, name: &str) -> PathBuf {
    if dir == Path::new(".") || dir.as_os_str().is_empty() {
        PathBuf::from(name)
    } else {
        dir.join(name)
    }
}
