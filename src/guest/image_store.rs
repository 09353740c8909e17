use std::{
    fs::{self, File},
    io::{self, Read, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    fleet::write_atomic,
    inventory::{ImageChecksum, ImageSource},
    plan::{Cancel, StepContext},
};

use super::image_error::ImageError;

/// How long a download may stand still before it is given up.
const STALL: Duration = Duration::from_secs(60);

/// How long a server may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(15);

/// Tries of one download; each goes on where the last one broke off.
const TRIES: u32 = 4;

/// The cache of base images on this machine: one verified file per image, and
/// beside it a record of where it came from.
///
/// A download is written to `<name>.part` and renamed after its SHA-256 was
/// checked, so a file without `.part` is always whole.
#[derive(Clone, Debug)]
pub struct ImageStore {
    folder: PathBuf,
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
        Self {
            folder: folder.into(),
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
    /// When it can't be had, or its sum is not the expected one; what was good
    /// before stays.
    pub async fn pull(
        &self,
        source: &ImageSource,
        checksum: Option<&ImageChecksum>,
        context: &StepContext<'_>,
    ) -> Result<CachedImage, ImageError> {
        if let Some(image) = self.cached(source, checksum)? {
            return Ok(image);
        }
        let ImageSource::Url(url) = source else {
            return Err(ImageError::Missing(self.folder.clone()));
        };
        let target = self.path_of(url, checksum);
        self.download(url, checksum, &target, context).await
    }

    async fn download(
        &self,
        url: &str,
        checksum: Option<&ImageChecksum>,
        target: &Path,
        context: &StepContext<'_>,
    ) -> Result<CachedImage, ImageError> {
        fs::create_dir_all(&self.folder).map_err(|e| ImageError::file(&self.folder, e))?;
        let lock_path = target.with_extension("lock");
        let lock = File::create(&lock_path).map_err(|e| ImageError::file(&lock_path, e))?;
        wait_for(&lock, context.cancel).await?;
        if let Some(image) = self.record(target)
            && stamp(&image.path).is_ok_and(|now| now == image.stamp)
        {
            return Ok(image);
        }
        let client = client()?;
        let expected = expected_sum(&client, url, checksum).await?;
        let part = target.with_extension("part");
        fetch(&client, url, &part, context).await?;
        context.note("checking the sum");
        let found = sum_file(&part)?;
        if let Some(expected) = expected
            && expected != found
        {
            fs::remove_file(&part).map_err(|e| ImageError::file(&part, e))?;
            return Err(ImageError::WrongSum {
                source_name: url.to_owned(),
                expected,
                found,
            });
        }
        let file = File::open(&part).map_err(|e| ImageError::file(&part, e))?;
        file.sync_all().map_err(|e| ImageError::file(&part, e))?;
        fs::rename(&part, target).map_err(|e| ImageError::file(target, e))?;
        self.remember(url, target, found)
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
            Some(ImageChecksum::Sha256(expected)) => Some(expected.clone()),
            Some(ImageChecksum::Sums(sums)) if !is_url(sums) => {
                let text =
                    fs::read_to_string(sums).map_err(|e| ImageError::file(Path::new(sums), e))?;
                Some(find_sum(&text, &file_name(&image.source), sums)?)
            }
            _ => None,
        };
        match expected {
            Some(expected) if expected != image.sha256 => Err(ImageError::WrongSum {
                source_name: path.display().to_string(),
                expected,
                found: image.sha256,
            }),
            _ => Ok(image),
        }
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
        let bytes = fs::read(record_path(target)).ok()?;
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
        let path = record_path(target);
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

fn record_path(target: &Path) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_os_string();
    name.push(".json");
    target.with_file_name(name)
}

fn file_name(source: &str) -> String {
    let path = source.split(['?', '#']).next().unwrap_or(source);
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

fn is_url(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

fn sum(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn stamp(path: &Path) -> Result<(u64, i128, u64), ImageError> {
    let meta = fs::metadata(path).map_err(|e| ImageError::file(path, e))?;
    let nanos = i128::from(meta.mtime()) * 1_000_000_000 + i128::from(meta.mtime_nsec());
    Ok((meta.len(), nanos, meta.ino()))
}

fn sum_file(path: &Path) -> Result<String, ImageError> {
    let mut file = File::open(path).map_err(|e| ImageError::file(path, e))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let n = file
            .read(&mut buffer)
            .map_err(|e| ImageError::file(path, e))?;
        if n == 0 {
            return Ok(hex::encode(hasher.finalize()));
        }
        hasher.update(&buffer[..n]);
    }
}

fn client() -> Result<reqwest::Client, ImageError> {
    reqwest::Client::builder()
        .connect_timeout(CONNECT)
        .read_timeout(STALL)
        .user_agent(concat!("swarmctl/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|e| ImageError::http("the HTTP client", e))
}

async fn expected_sum(
    client: &reqwest::Client,
    url: &str,
    checksum: Option<&ImageChecksum>,
) -> Result<Option<String>, ImageError> {
    match checksum {
        None => Ok(None),
        Some(ImageChecksum::Sha256(sum)) => Ok(Some(sum.clone())),
        Some(ImageChecksum::Sums(sums)) => {
            let text = if is_url(sums) {
                let answer = client.get(sums).send().await;
                let answer = answer.and_then(reqwest::Response::error_for_status);
                let answer = answer.map_err(|e| ImageError::http(sums, e))?;
                answer.text().await.map_err(|e| ImageError::http(sums, e))?
            } else {
                fs::read_to_string(sums).map_err(|e| ImageError::file(Path::new(sums), e))?
            };
            find_sum(&text, &file_name(url), sums).map(Some)
        }
    }
}

/// Finds `name` in the text of a sums file: `<hex> *<name>` or `<hex>  <name>`,
/// as `sha256sum` writes it.
fn find_sum(text: &str, name: &str, sums: &str) -> Result<String, ImageError> {
    text.lines()
        .filter_map(|line| line.split_once(char::is_whitespace))
        .find(|(_, file)| file.trim_start().trim_start_matches('*') == name)
        .map(|(sum, _)| sum.to_ascii_lowercase())
        .filter(|sum| sum.len() == 64 && sum.bytes().all(|b| b.is_ascii_hexdigit()))
        .ok_or_else(|| ImageError::NotInSums {
            name: name.to_owned(),
            sums: sums.to_owned(),
        })
}

async fn fetch(
    client: &reqwest::Client,
    url: &str,
    part: &Path,
    context: &StepContext<'_>,
) -> Result<(), ImageError> {
    let mut wait = Duration::from_secs(1);
    let mut tried = 0;
    loop {
        tried += 1;
        match fetch_once(client, url, part, context).await {
            Err(error) if tried < TRIES && error.is_passing() => {
                context.note(format!("{error}; trying again in {} s", wait.as_secs()));
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
            other => return other,
        }
    }
}

/// Goes on behind what `part` holds already, when the server can.
async fn fetch_once(
    client: &reqwest::Client,
    url: &str,
    part: &Path,
    context: &StepContext<'_>,
) -> Result<(), ImageError> {
    let have = fs::metadata(part).map_or(0, |meta| meta.len());
    let mut request = client.get(url);
    if have > 0 {
        request = request.header(reqwest::header::RANGE, format!("bytes={have}-"));
    }
    let mut answer = request.send().await.map_err(|e| ImageError::http(url, e))?;
    if have > 0 && answer.status() == reqwest::StatusCode::RANGE_NOT_SATISFIABLE {
        // Either the part is whole already or the file at the URL became another.
        fs::remove_file(part).map_err(|e| ImageError::file(part, e))?;
        answer = client
            .get(url)
            .send()
            .await
            .map_err(|e| ImageError::http(url, e))?;
    }
    let mut answer = answer
        .error_for_status()
        .map_err(|e| ImageError::http(url, e))?;
    let resumed = answer.status() == reqwest::StatusCode::PARTIAL_CONTENT;
    let mut done = if resumed { have } else { 0 };
    let total = answer.content_length().map(|rest| done + rest);
    let mut file = File::options()
        .create(true)
        .write(true)
        .append(resumed)
        .truncate(!resumed)
        .open(part)
        .map_err(|e| ImageError::file(part, e))?;
    while let Some(chunk) = answer.chunk().await.map_err(|e| ImageError::http(url, e))? {
        if context.cancel.is_cancelled() {
            return Err(ImageError::Interrupted);
        }
        file.write_all(&chunk)
            .map_err(|e| ImageError::file(part, e))?;
        done += chunk.len() as u64;
        context.progress(done, total, "bytes");
    }
    Ok(())
}

/// Waits for the lock of another run that downloads the same image.
async fn wait_for(lock: &File, cancel: &Cancel) -> Result<(), ImageError> {
    // Two hours: a slow line may need long for an image of half a gigabyte.
    for _ in 0..2 * 3600 * 5 {
        match lock.try_lock() {
            Ok(()) => return Ok(()),
            Err(fs::TryLockError::WouldBlock) if cancel.is_cancelled() => {
                return Err(ImageError::Interrupted);
            }
            Err(fs::TryLockError::WouldBlock) => {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            Err(fs::TryLockError::Error(error)) => {
                return Err(ImageError::file(Path::new("image lock"), error));
            }
        }
    }
    Err(ImageError::Interrupted)
}
