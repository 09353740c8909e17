use std::io::{Cursor, Read};

use serde::{Deserialize, Serialize};

/// The file in a seed that says whose it is. cloud-init ignores it.
pub const SEED_NOTE: &str = "swarmctl.json";

/// What a seed says of itself, so that a disk that was kept can be taken over and
/// a lost `.swarm/` loses no pinned key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedFacts {
    /// The instance it was made for.
    pub instance: String,
    /// Digest of its documents, without the host key.
    pub digest: String,
    /// The public host key line.
    pub host_key: String,
    /// The documents for people and diffs: no host key, vaulted values hidden.
    pub documents: String,
}

impl SeedFacts {
    /// Reads the note from a seed's bytes; `None` for anything that isn't a seed of
    /// ours.
    pub fn read(image: Vec<u8>) -> Option<Self> {
        let volume = fatfs::FileSystem::new(Cursor::new(image), fatfs::FsOptions::new()).ok()?;
        let mut text = String::new();
        let mut file = volume.root_dir().open_file(SEED_NOTE).ok()?;
        file.read_to_string(&mut text).ok()?;
        serde_json::from_str(&text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_of_zeroes_is_no_seed() {
        assert_eq!(SeedFacts::read(vec![0; 1 << 20]), None);
    }
}
