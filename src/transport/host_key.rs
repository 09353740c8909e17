use std::{fs, path::Path};

use ssh_key::{HashAlg, PublicKey};

/// Returns the SHA-256 fingerprints of the keys that `file` holds for `name`, as
/// known_hosts writes it (`[host]:2222`). Only plain lines count, which is what
/// swarmctl writes: hashed names, patterns and markers are for ssh to read.
pub(super) fn pinned(file: &Path, name: &str) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines()
        .filter(|line| !line.starts_with(['#', '@', '|']))
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let hosts = words.next()?;
            let key = format!("{} {}", words.next()?, words.next()?);
            hosts.split(',').any(|host| host == name).then_some(key)
        })
        .filter_map(|key| Some(fingerprint(&PublicKey::from_openssh(&key).ok()?)))
        .collect()
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
    }
}
