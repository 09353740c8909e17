//! The near side of `fetch`: where a file goes, and how it gets there.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::PermissionsExt,
    path::{Component, Path, PathBuf},
};

use sha1::{Digest as _, Sha1};
use sha2::Sha256;

use crate::play::{
    modules::{Fetch, TaskResult, quote},
    run::Call,
};

/// Returns the line that goes before the program of `fetch`: the digest of what is
/// here already, so that an equal file does not travel.
pub(super) fn known(call: &Call, fetch: &Fetch, home: Option<&Path>) -> String {
    let Some(src) = call.args.get("src").and_then(serde_json::Value::as_str) else {
        return String::new();
    };
    // Only the host knows what `~` and `$NAME` stand for.
    if !src.starts_with('/') || src.contains('$') {
        return String::new();
    }
    let there = destination(call, fetch, src, home).and_then(|path| {
        let bytes = fs::read(path).map_err(|error| error.to_string())?;
        Ok(hex::encode(Sha256::digest(bytes)))
    });
    there.map_or_else(|_| String::new(), |sum| format!("fh={}\n", quote(&sum)))
}

/// Keeps what a host sent, and returns the task's result with it.
pub(super) fn keep(
    call: &Call,
    fetch: &Fetch,
    mut result: TaskResult,
    home: Option<&Path>,
) -> TaskResult {
    let source = result
        .data
        .get("source")
        .and_then(serde_json::Value::as_str)
        .map(str::to_owned);
    let same = result.data.remove("same").is_some();
    let Some(source) = source.filter(|_| !result.failed) else {
        return result;
    };
    let bytes = result.fetched.take();
    let kept = destination(call, fetch, &source, home).and_then(|path| match (&bytes, same) {
        (Some(bytes), _) => {
            let changed = store(&path, bytes, call.check, call.no_log)
                .map_err(|error| format!("could not write {}: {error}", path.display()))?;
            Ok((path, changed, hex::encode(Sha1::digest(bytes))))
        }
        (None, true) => {
            let bytes = fs::read(&path)
                .map_err(|error| format!("could not read {}: {error}", path.display()))?;
            Ok((path, false, hex::encode(Sha1::digest(bytes))))
        }
        (None, false) => Err(format!("the host sent nothing of {source}")),
    });
    match kept {
        Ok((path, changed, sum)) => {
            result.changed = changed;
            result.data.remove("source");
            result
                .with("file", source)
                .with("dest", path.display().to_string())
                .with("checksum", sum.clone())
                .with("remote_checksum", sum)
        }
        Err(message) => TaskResult::failure(message),
    }
}

/// Returns where a file of the host goes: `DEST/HOST/SOURCE`, or `DEST` itself.
fn destination(
    call: &Call,
    fetch: &Fetch,
    source: &str,
    home: Option<&Path>,
) -> Result<PathBuf, String> {
    let text = |name: &str| call.scope.text(name).ok().flatten();
    let given = match fetch.dest.strip_prefix("~/") {
        Some(rest) => home.unwrap_or(Path::new("~")).join(rest),
        None => PathBuf::from(&fetch.dest),
    };
    let base = Path::new(&text("playbook_dir").unwrap_or_default()).join(given);
    if !fetch.flat {
        let name = text("inventory_hostname").unwrap_or_else(|| call.host.clone());
        let place = plain(&base.join(name))?;
        // What the host says of a path is no leave to write elsewhere.
        let path = plain(&place.join(source.trim_start_matches('/')))?;
        return if path.starts_with(&place) && path != place {
            Ok(path)
        } else {
            Err(format!(
                "the host says that the file is {source}, which would leave {}",
                place.display()
            ))
        };
    }
    if fetch.dest.ends_with('/') {
        let name = Path::new(source).file_name();
        return Ok(base.join(name.ok_or_else(|| format!("{source} names no file"))?));
    }
    if base.is_dir() {
        return Err(
            "dest is an existing directory, use a trailing slash if you want to fetch src into \
             that directory"
                .to_owned(),
        );
    }
    Ok(base)
}

/// Returns a path without `.` and `..`.
fn plain(path: &Path) -> Result<PathBuf, String> {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                if !parts.pop() {
                    return Err(format!("{} leads out of the root", path.display()));
                }
            }
            other => parts.push(other),
        }
    }
    Ok(parts)
}

/// Writes a file beside its place and renames it; returns whether that changed it.
pub(super) fn store(path: &Path, bytes: &[u8], check: bool, private: bool) -> io::Result<bool> {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(false);
    }
    if check {
        return Ok(true);
    }
    let parent = path.parent().unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(parent)?;
    let before = fs::metadata(path).ok();
    let mode = match (&before, private) {
        (_, true) => 0o600,
        (Some(before), false) => before.permissions().mode() & 0o7777,
        // The user's umask takes its share of this.
        (None, false) => 0o666,
    };
    let mut beside = tempfile::Builder::new()
        .prefix(".swarmctl.")
        .permissions(fs::Permissions::from_mode(mode))
        .tempfile_in(parent)?;
    beside.write_all(bytes)?;
    beside.persist(path)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_once_and_as_a_whole() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a/b");
        assert!(store(&path, b"x", true, false).unwrap());
        assert!(!path.exists());
        assert!(store(&path, b"x", false, true).unwrap());
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        assert!(!store(&path, b"x", false, false).unwrap());
    }

    #[test]
    fn dots_do_not_lead_out() {
        assert_eq!(plain(Path::new("/a/./b/../c")).unwrap(), Path::new("/a/c"));
        assert!(plain(Path::new("/../x")).is_err());
    }
}
