use std::{
    fs::{self, File},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::{
    fleet::write_atomic,
    inventory::{ImageChecksum, ImageSource},
    plan::{Cancel, StepContext},
};

use super::{
    image_error::ImageError,
    image_fetch::Fetcher,
    image_format::image_format,
    image_limits::ImageLimits,
    image_sums::{find_sum, sum, sum_file},
};

/// How often a wait looks whether it is over.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The cache of base images on this machine: one verified file per image, and
/// beside it a record of where it came from.
///
/// A download is written to `<name>.part` and renamed after it was checked, so a
/// file without `.part` is always whole.
#[derive(Clone, Debug)]
pub struct ImageStore {
    folder: PathBuf,
    limits: ImageLimits,
}

/// An image that is ready to be uploaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CachedImage {
    /// The URL or path it came from.
    pub source: String,
    /// The file on this machine.
    pub path: PathBuf,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Size, modification time (nanoseconds) and inode when the sum was taken,
    /// so that an unchanged file isn't read again.
    stamp: (u64, i128, u64),
}

impl ImageStore {
    /// Returns the store in `folder`, which is made when something is stored.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self::with_limits(folder, ImageLimits::default())
    }

    /// Returns the store in `folder`, whose downloads have other limits than usual.
    pub fn with_limits(folder: impl Into<PathBuf>, limits: ImageLimits) -> Self {
        Self {
            folder: folder.into(),
            limits,
        }
    }

    /// Returns where the store keeps its files.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the images in the store, by file name.
    ///
    /// # Errors
    /// When the folder exists and can't be read.
    pub fn list(&self) -> Result<Vec<CachedImage>, ImageError> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(ImageError::file(&self.folder, error)),
        };
        let mut records: Vec<CachedImage> = entries
            .filter_map(Result::ok)
            .filter(|entry| entry.path().extension().is_some_and(|e| e == "json"))
            .filter_map(|entry| fs::read(entry.path()).ok())
            .filter_map(|bytes| serde_json::from_slice(&bytes).ok())
            .collect();
        records.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(records)
    }

    /// Returns the image when it is at hand, without any network traffic.
    ///
    /// A local file is read once for its sum, and again whenever its size, time
    /// or inode changed.
    ///
    /// # Errors
    /// When a local file is missing, can't be read, or has another sum than
    /// `checksum` says.
    pub fn cached(
        &self,
        source: &ImageSource,
        checksum: Option<&ImageChecksum>,
    ) -> Result<Option<CachedImage>, ImageError> {
        match source {
            ImageSource::Url(_) => Ok(self.known(source, checksum)),
            ImageSource::File(path) => self.local(path, checksum).map(Some),
        }
    }

    /// Returns the image when it is known without reading it: like
    /// [`ImageStore::cached`], but a local file whose sum isn't on record is `None`.
    pub fn known(
        &self,
        source: &ImageSource,
        checksum: Option<&ImageChecksum>,
    ) -> Option<CachedImage> {
        let record = match source {
            ImageSource::Url(url) => self.path_of(url, checksum),
            ImageSource::File(path) => self.record_of(path),
        };
        self.record(&record)
            .filter(|image| stamp(&image.path).is_ok_and(|now| now == image.stamp))
    }

    /// Returns the image, downloading it when it is not at hand.
    ///
    /// # Errors
    /// When it can't be had, is no disk, or its sum is not the expected one; what was
    /// good before stays.
    pub async fn pull(
        &self,
        source: &ImageSource,
        checksum: Option<&ImageChecksum>,
        context: &StepContext<'_>,
    ) -> Result<CachedImage, ImageError> {
        let cached = {
            let (store, source) = (self.clone(), source.clone());
            let checksum = checksum.cloned();
            blocking(move || store.cached(&source, checksum.as_ref())).await?
        };
        let work = async {
            match (cached, source, checksum) {
                (Some(image), ImageSource::File(_), Some(ImageChecksum::Sums(sums)))
                    if is_url(sums) =>
                {
                    let fetcher = Fetcher::new(self.limits, context)?;
                    let text = fetcher.text(sums).await?;
                    let expected = find_sum(&text, &file_name(&image.source), sums)?;
                    same_sum(&image.source, Some(expected), &image.sha256)?;
                    Ok(image)
                }
                (Some(image), ..) => Ok(image),
                (None, ImageSource::File(path), _) => Err(ImageError::Missing(path.clone())),
                (None, ImageSource::Url(url), _) => self.download(url, checksum, context).await,
            }
        };
        unless_cancelled(context.cancel, work).await
    }

    async fn download(
        &self,
        url: &str,
        checksum: Option<&ImageChecksum>,
        context: &StepContext<'_>,
    ) -> Result<CachedImage, ImageError> {
        let target = self.path_of(url, checksum);
        fs::create_dir_all(&self.folder).map_err(|e| ImageError::file(&self.folder, e))?;
        let lock_path = beside(&target, ".lock");
        let lock = File::create(&lock_path).map_err(|e| ImageError::file(&lock_path, e))?;
        wait_for(&lock, &lock_path, &self.limits).await?;
        let record = self.record(&target);
        if let Some(image) = &record
            && stamp(&image.path).is_ok_and(|now| now == image.stamp)
        {
            return Ok(image.clone());
        }
        let fetcher = Fetcher::new(self.limits, context)?;
        let expected = expected_sum(&fetcher, url, checksum).await?;
        let known = expected.clone().or(record.map(|image| image.sha256));
        if target.is_file() && known.is_some() {
            context.note("checking the image that is there");
            // It was only touched or moved, or its record was never written.
            let found = sum_of(&target).await?;
            if known.as_ref() == Some(&found) {
                return self.remember(url, &target, found);
            }
        }
        let part = beside(&target, ".part");
        let joined = fetcher.file(url, &part, expected.is_some()).await?;
        context.note("checking the sum");
        let mut found = sum_of(&part).await?;
        if joined && expected.as_ref().is_some_and(|sum| *sum != found) {
            // Its parts may be of two versions of the file, or damaged.
            context.note("the sum is wrong; starting over");
            remove(&part)?;
            fetcher.file(url, &part, true).await?;
            found = sum_of(&part).await?;
        }
        let checked = same_sum(url, expected, &found).and_then(|()| is_disk(url, &part));
        if let Err(error) = checked {
            remove(&part)?;
            return Err(error);
        }
        let file = File::open(&part).map_err(|e| ImageError::file(&part, e))?;
        file.sync_all().map_err(|e| ImageError::file(&part, e))?;
        fs::rename(&part, &target).map_err(|e| ImageError::file(&target, e))?;
        self.remember(url, &target, found)
    }

    fn local(
        &self,
        path: &Path,
        checksum: Option<&ImageChecksum>,
    ) -> Result<CachedImage, ImageError> {
        if !path.is_file() {
            return Err(ImageError::Missing(path.to_owned()));
        }
        let record = self.record_of(path);
        let now = stamp(path)?;
        let image = match self
            .record(&record)
            .filter(|image| image.stamp == now && image.path == path)
        {
            Some(image) => image,
            None => {
                let found = sum_file(path)?;
                let image = CachedImage {
                    source: path.display().to_string(),
                    path: path.to_owned(),
                    sha256: found,
                    bytes: now.0,
                    stamp: now,
                };
                self.write_record(&record, &image)?;
                image
            }
        };
        let expected = match checksum {
            Some(ImageChecksum::Sha256(expected)) => Some(expected.to_ascii_lowercase()),
            Some(ImageChecksum::Sums(sums)) if !is_url(sums) => {
                let text =
                    fs::read_to_string(sums).map_err(|e| ImageError::file(Path::new(sums), e))?;
                Some(find_sum(&text, &file_name(&image.source), sums)?)
            }
            _ => None,
        };
        same_sum(&image.source, expected, &image.sha256)?;
        Ok(image)
    }

    /// The file that the image of `url` is kept in: readable, and another one for
    /// each URL and expected sum.
    fn path_of(&self, url: &str, checksum: Option<&ImageChecksum>) -> PathBuf {
        self.folder.join(format!(
            "{}-{}",
            identity(url, checksum),
            file_name(url).replace(
                |c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c),
                "_"
            )
        ))
    }

    /// What the record of a local file is named for.
    fn record_of(&self, path: &Path) -> PathBuf {
        let id = sum(path.as_os_str().as_encoded_bytes());
        self.folder.join(format!("local-{}", short(&id)))
    }

    fn record(&self, target: &Path) -> Option<CachedImage> {
        let bytes = fs::read(beside(target, ".json")).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    fn remember(
        &self,
        source: &str,
        target: &Path,
        sha256: String,
    ) -> Result<CachedImage, ImageError> {
        let stamp = stamp(target)?;
        let image = CachedImage {
            source: source.to_owned(),
            path: target.to_owned(),
            sha256,
            bytes: stamp.0,
            stamp,
        };
        self.write_record(target, &image)?;
        Ok(image)
    }

    fn write_record(&self, target: &Path, image: &CachedImage) -> Result<(), ImageError> {
        fs::create_dir_all(&self.folder).map_err(|e| ImageError::file(&self.folder, e))?;
        let path = beside(target, ".json");
        let text = serde_json::to_vec_pretty(image).map_err(ImageError::Record)?;
        write_atomic(&path, &text, 0o644).map_err(ImageError::Store)
    }
}

/// Returns twelve hex digits that stand for an image's origin and expected sum.
pub fn identity(source: &str, checksum: Option<&ImageChecksum>) -> String {
    let text = match checksum {
        None => source.to_owned(),
        Some(ImageChecksum::Sha256(sum)) => format!("{source}\nsha256:{sum}"),
        Some(ImageChecksum::Sums(sums)) => format!("{source}\n{sums}"),
    };
    short(&sum(text.as_bytes())).to_owned()
}

fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}

/// Returns the path whose name is that of `target` with `suffix` behind it.
fn beside(target: &Path, suffix: &str) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_os_string();
    name.push(suffix);
    target.with_file_name(name)
}

fn file_name(source: &str) -> String {
    let path = source.split(['?', '#']).next().unwrap_or(source);
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

fn is_url(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

fn stamp(path: &Path) -> Result<(u64, i128, u64), ImageError> {
    let meta = fs::metadata(path).map_err(|e| ImageError::file(path, e))?;
    let nanos = i128::from(meta.mtime()) * 1_000_000_000 + i128::from(meta.mtime_nsec());
    Ok((meta.len(), nanos, meta.ino()))
}

/// Does what may take seconds of disk or processor on a thread for that.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ImageError> + Send + 'static,
) -> Result<T, ImageError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(ImageError::file(Path::new("image"), error.into())))
}

async fn sum_of(path: &Path) -> Result<String, ImageError> {
    let path = path.to_owned();
    blocking(move || sum_file(&path)).await
}

fn remove(path: &Path) -> Result<(), ImageError> {
    fs::remove_file(path).map_err(|e| ImageError::file(path, e))
}

fn same_sum(source: &str, expected: Option<String>, found: &str) -> Result<(), ImageError> {
    match expected {
        Some(expected) if expected != found => Err(ImageError::WrongSum {
            source_name: source.to_owned(),
            expected,
            found: found.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// A page that says "log in first" comes with status 200 too; it must not be kept.
fn is_disk(url: &str, part: &Path) -> Result<(), ImageError> {
    match image_format(part) {
        Ok(_) => Ok(()),
        Err(ImageError::Format { why, .. }) => Err(ImageError::Format {
            path: url.into(),
            why,
        }),
        Err(error) => Err(error),
    }
}

async fn expected_sum(
    fetcher: &Fetcher<'_>,
    url: &str,
    checksum: Option<&ImageChecksum>,
) -> Result<Option<String>, ImageError> {
    match checksum {
        None => Ok(None),
        Some(ImageChecksum::Sha256(sum)) => Ok(Some(sum.to_ascii_lowercase())),
        Some(ImageChecksum::Sums(sums)) => {
            let text = if is_url(sums) {
                fetcher.text(sums).await?
            } else {
                fs::read_to_string(sums).map_err(|e| ImageError::file(Path::new(sums), e))?
            };
            find_sum(&text, &file_name(url), sums).map(Some)
        }
    }
}

/// Waits for the lock of another run that downloads the same image.
async fn wait_for(lock: &File, path: &Path, limits: &ImageLimits) -> Result<(), ImageError> {
    let end = tokio::time::Instant::now() + limits.lock;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(()),
            Err(fs::TryLockError::WouldBlock) if tokio::time::Instant::now() >= end => {
                return Err(ImageError::Busy(path.to_owned()));
            }
            Err(fs::TryLockError::WouldBlock) => tokio::time::sleep(LOOK_AGAIN).await,
            Err(fs::TryLockError::Error(error)) => return Err(ImageError::file(path, error)),
        }
    }
}

/// Drops `work` where it stands when the user wants to stop, however long it waits.
async fn unless_cancelled<T>(
    cancel: &Cancel,
    work: impl Future<Output = Result<T, ImageError>>,
) -> Result<T, ImageError> {
    tokio::pin!(work);
    loop {
        match tokio::time::timeout(LOOK_AGAIN, &mut work).await {
            Ok(done) => return done,
            Err(_) if cancel.is_cancelled() => return Err(ImageError::Interrupted),
            Err(_) => {}
        }
    }
}
