//! Files with secrets that others can read.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    inventory::Instance,
    plan::{Diagnostic, Place},
};

/// Warns of a private key that others than its owner may read; ssh refuses those.
pub fn private_key(instance: &Instance) -> Option<Diagnostic> {
    let key = instance.connection.private_key_file.as_deref()?;
    open_to_others(key, "the private key")
}

/// Warns of vault password files that others than their owner may read.
pub fn password_files(files: &[PathBuf]) -> impl Iterator<Item = Diagnostic> {
    files
        .iter()
        .filter_map(|file| open_to_others(file, "the vault password file"))
}

fn open_to_others(file: &Path, what: &str) -> Option<Diagnostic> {
    let metadata = fs::metadata(file).ok().filter(fs::Metadata::is_file)?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return None;
    }
    // A password program holds no secret itself.
    if what.contains("vault") && mode & 0o111 != 0 {
        return None;
    }
    let place = Place::new(&Arc::from(file), 0, 0);
    let message = format!("{what} can be read by others than its owner (mode {mode:04o})");
    let hint = format!("chmod 600 {}", file.display());
    Some(Diagnostic::warning(place, message).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_that_others_can_read() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("vault-password");
        fs::write(&file, "x").unwrap();
        for (mode, found) in [
            (0o600, false),
            (0o400, false),
            (0o640, true),
            (0o644, true),
            (0o755, false),
        ] {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            let warnings = password_files(std::slice::from_ref(&file)).count();
            assert_eq!(warnings > 0, found, "{mode:o}");
        }
        let key = open_to_others(&file, "the private key").unwrap();
        assert!(key.hint.unwrap().starts_with("chmod 600 "));
        assert_eq!(password_files(&[dir.path().join("none")]).count(), 0);
    }
}
