use std::io::{Cursor, Read};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The file in a seed that says whose it is. cloud-init ignores it.
pub const SEED_NOTE: &str = "swarmctl.json";

/// What a seed says of itself, so that a disk that was kept can be taken over and
/// a lost `.swarm/` loses no pinned key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedFacts {
    /// The instance it was made for.
    pub instance: String,
    /// Secret bytes that only the seed has, in hex.
    pub salt: String,
    /// Digest of the salt and its documents, without the host key: nobody can try
    /// passwords against it who can't read the seed.
    pub digest: String,
    /// The public host key line.
    pub host_key: String,
    /// The documents for people and diffs: no host key, vaulted values hidden.
    pub documents: String,
}

impl SeedFacts {
    /// Returns the note for documents with the full digest `digest` and the text for
    /// people `documents`.
    pub fn new(
        instance: &str,
        salt: String,
        digest: &str,
        host_key: &str,
        documents: &str,
    ) -> Self {
        Self {
            instance: instance.to_owned(),
            digest: salted(&salt, digest),
            salt,
            host_key: host_key.to_owned(),
            documents: documents.to_owned(),
        }
    }

    /// Returns true when the seed holds the documents with this full digest.
    pub fn holds(&self, digest: &str) -> bool {
        self.digest == salted(&self.salt, digest)
    }

    /// Returns the digest of the documents without their secrets, which the domain's
    /// metadata may show.
    pub fn shown_digest(&self) -> String {
        shown_digest(&self.documents)
    }

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

/// Returns the digest of documents whose secrets are masked, in hex.
pub fn shown_digest(documents: &str) -> String {
    hex::encode(Sha256::digest(documents))
}

fn salted(salt: &str, digest: &str) -> String {
    hex::encode(Sha256::digest(format!("{salt}\n{digest}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_of_zeroes_is_no_seed() {
        assert_eq!(SeedFacts::read(vec![0; 1 << 20]), None);
    }
}
