use std::{fs, path::Path};

use ssh_key::{HashAlg, PublicKey};

/// Returns the SHA-256 fingerprints of the keys that [`pinned_keys`] finds.
pub(super) fn pinned(file: &Path, name: &str) -> Vec<String> {
    let keys = pinned_keys(file, name).into_iter();
    keys.filter_map(|key| Some(fingerprint(&PublicKey::from_openssh(&key).ok()?)))
        .collect()
}

/// Returns the keys that `file` holds for `name`, as known_hosts writes it
/// (`[host]:2222`), each as `type base64`. Only plain lines count, which is what
/// swarmctl writes: hashed names, patterns and markers are for ssh to read.
pub(super) fn pinned_keys(file: &Path, name: &str) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines()
        .filter(|line| !line.starts_with(['#', '@', '|']))
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let hosts = words.next()?;
            let key = format!("{} {}", words.next()?, words.next()?);
            hosts.split(',').any(|host| host == name).then_some(key)
        })
        .collect()
}

/// Returns whether `file` holds lines that [`pinned_keys`] does not read.
pub(super) fn has_more(file: &Path) -> bool {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines().any(|line| {
        let names = line.split_whitespace().next().unwrap_or_default();
        line.starts_with(['@', '|']) || names.contains(['*', '?', '!'])
    })
}

fn fingerprint(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_plain_names_only() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("known_hosts");
        let key =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICQSFCWXBomO5FqGUOVmviw0QIaPOIY94t1R7jzQKZAp";
        let text =
            format!("zap,10.0.0.2 {key} swarmctl:zap\n@revoked gone {key}\n[far]:2222 {key}\n");
        fs::write(&file, text).unwrap();
        assert_eq!(pinned(&file, "10.0.0.2").len(), 1);
        assert!(pinned(&file, "10.0.0.2")[0].starts_with("SHA256:"));
        assert_eq!(pinned(&file, "[far]:2222").len(), 1);
        assert!(pinned(&file, "far").is_empty());
        assert!(pinned(&file, "gone").is_empty());
        assert!(pinned(Path::new("/nonexistent"), "zap").is_empty());
        assert!(has_more(&file));
        fs::write(&file, format!("# * is a comment\nzap {key}\n")).unwrap();
        assert!(!has_more(&file));
        assert!(PublicKey::from_openssh(&pinned_keys(&file, "zap")[0]).is_ok());
    }
}
