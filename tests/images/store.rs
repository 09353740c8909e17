//! A store in a directory of its own, and images to put into it.

use std::{fs, path::PathBuf, time::Duration};

use sha2::{Digest, Sha256};
use swarmctl::{
    guest::{CachedImage, ImageError, ImageLimits, ImageStore},
    inventory::{ImageChecksum, ImageSource},
    plan::{Cancel, Silent, StepContext},
};

pub const LIMITS: ImageLimits = ImageLimits {
    connect: Duration::from_secs(5),
    stall: Duration::from_millis(300),
    tries: 3,
    pause: Duration::from_millis(10),
    lock: Duration::from_secs(10),
};

pub struct Store {
    pub store: ImageStore,
    pub cancel: Cancel,
    dir: tempfile::TempDir,
}

impl Store {
    pub fn new() -> Self {
        Self::limited(LIMITS)
    }

    pub fn limited(limits: ImageLimits) -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self {
            store: ImageStore::with_limits(dir.path().join("images"), limits),
            cancel: Cancel::default(),
            dir,
        }
    }

    pub async fn pull(
        &self,
        source: &ImageSource,
        checksum: Option<&ImageChecksum>,
    ) -> Result<CachedImage, ImageError> {
        let context = StepContext {
            instance: "zap",
            sink: &Silent,
            cancel: &self.cancel,
        };
        self.store.pull(source, checksum, &context).await
    }

    pub async fn get(
        &self,
        url: &str,
        checksum: Option<&ImageChecksum>,
    ) -> Result<CachedImage, ImageError> {
        self.pull(&ImageSource::Url(url.to_owned()), checksum).await
    }

    /// A path beside the store.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Names of the files in the store that end so.
    pub fn files(&self, end: &str) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.store.folder()) else {
            return Vec::new();
        };
        let paths = entries.map(|entry| entry.unwrap().path());
        paths
            .filter(|path| path.to_str().unwrap().ends_with(end))
            .collect()
    }
}

/// A qcow2 file, as far as its header tells: 64 KiB that differ by `seed`.
pub fn image(seed: u8) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..65_536u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8 ^ seed)
        .collect();
    bytes[..8].copy_from_slice(b"QFI\xfb\0\0\0\x03");
    bytes[8..24].fill(0);
    bytes[24..32].copy_from_slice(&(1u64 << 30).to_be_bytes());
    bytes
}

pub fn sum(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

pub fn sha256(bytes: &[u8]) -> ImageChecksum {
    ImageChecksum::Sha256(sum(bytes))
}

/// Asserts that the image is whole and that the store knows it.
pub fn assert_whole(image: &CachedImage, bytes: &[u8]) {
    assert_eq!(fs::read(&image.path).unwrap(), bytes);
    assert_eq!(image.sha256, sum(bytes));
    assert_eq!(image.bytes, bytes.len() as u64);
}
