use std::{
    collections::HashMap,
    fs::{self, Metadata},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

/// A file that was changed within this time of being read may change again without
/// another time stamp: file systems count in clock ticks, of 10 ms at most.
const SETTLED: Duration = Duration::from_millis(100);

/// What files say, read once for many hosts, and again when a file has changed.
pub(super) struct FileCache<T>(Mutex<Option<Read<T>>>);

/// What was read, by path.
type Read<T> = HashMap<PathBuf, (Stamp, Arc<T>)>;

/// What tells one state of a file from another.
#[derive(PartialEq, Eq)]
struct Stamp([i128; 5]);

impl Stamp {
    /// Returns the stamp of a file that has been as it is for a while.
    fn settled(metadata: &Metadata) -> Option<Self> {
        let age = SystemTime::now().duration_since(metadata.modified().ok()?);
        let nanoseconds =
            |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        (age.ok()? >= SETTLED).then_some(Self([
            metadata.dev().into(),
            metadata.ino().into(),
            metadata.size().into(),
            nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
        ]))
    }
}

impl<T> FileCache<T> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Returns what `read` makes of the file's text, an empty one where the file is
    /// missing; `None` when it can't be read.
    pub(super) fn get(&self, file: &Path, read: impl FnOnce(&str) -> T) -> Option<Arc<T>> {
        let stamp = match fs::metadata(file) {
            Ok(metadata) => Stamp::settled(&metadata),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Some(Arc::new(read("")));
            }
            Err(_) => return None,
        };
        // Others wait while it is read: they would read the same.
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let cached = cached.get_or_insert_default();
        match (cached.get(file), &stamp) {
            (Some((known, value)), Some(stamp)) if known == stamp => {
                return Some(Arc::clone(value));
            }
            _ => {}
        }
        let bytes = fs::read(file).ok()?;
        let value = Arc::new(read(&String::from_utf8_lossy(&bytes)));
        if let Some(stamp) = stamp {
            cached.insert(file.to_owned(), (stamp, Arc::clone(&value)));
        }
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_settled_file_is_read_once_and_a_changed_one_again() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("x");
        let cache = FileCache::new();
        let get = |file: &Path| {
            let mut read = false;
            let value = cache.get(file, |text| {
                read = true;
                text.to_owned()
            });
            (read, value.map(|value| value.as_str().to_owned()))
        };
        assert_eq!(get(&file), (true, Some(String::new())));
        assert_eq!(get(directory.path()).1, None);
        fs::write(&file, "one").unwrap();
        let open = || fs::File::options().write(true).open(&file).unwrap();
        // Fresh: the next write may bear the same time.
        let soon = SystemTime::now() + Duration::from_secs(60);
        open().set_modified(soon).unwrap();
        assert_eq!(get(&file), (true, Some("one".to_owned())));
        assert_eq!(get(&file), (true, Some("one".to_owned())));
        let past = SystemTime::now() - Duration::from_secs(60);
        open().set_modified(past).unwrap();
        assert!(get(&file).0);
        assert_eq!(get(&file), (false, Some("one".to_owned())));
        fs::write(&file, "two").unwrap();
        open().set_modified(past).unwrap();
        assert_eq!(get(&file), (true, Some("two".to_owned())));
    }
}
