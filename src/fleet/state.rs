use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use super::{FleetError, Hypervisors, InstanceLock, KnownHosts};
use crate::plan::Journal;

/// How long a file of `.swarm/` may be locked by another run's write.
const WRITE_LOCK_WAIT: Duration = Duration::from_secs(10);

/// The fleet's own state, `.swarm/`, readable by its owner only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateDir {
    path: PathBuf,
}

impl StateDir {
    /// Returns the state directory at `path`; nothing is made before it is written.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Returns where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the directory with mode 0700, or takes others' permissions off it.
    ///
    /// # Errors
    /// [`FleetError::Write`].
    pub fn ensure(&self) -> Result<(), FleetError> {
        self.ensure_below("")
    }

    /// Returns the pinned host keys.
    pub fn known_hosts(&self) -> KnownHosts {
        KnownHosts::new(self.clone())
    }

    /// Returns what was learned about hypervisors.
    pub fn hypervisors(&self) -> Hypervisors {
        Hypervisors::new(self.clone())
    }

    /// Locks an instance for this run; see [`InstanceLock::acquire`].
    ///
    /// # Errors
    /// [`FleetError::Locked`] when another run holds it, [`FleetError::Write`].
    pub fn lock(&self, instance: &str, command: &str) -> Result<InstanceLock, FleetError> {
        InstanceLock::acquire(self, instance, command)
    }

    /// Returns where the journal is.
    pub fn journal_path(&self) -> PathBuf {
        self.path.join("journal.jsonl")
    }

    /// Opens the journal, made where it is missing.
    ///
    /// # Errors
    /// [`FleetError::Write`].
    pub fn journal(&self) -> Result<Journal, FleetError> {
        self.ensure()?;
        let path = self.journal_path();
        Journal::open(&path).map_err(|source| FleetError::Write { path, source })
    }

    /// Makes the state directory and a directory below it.
    pub(super) fn ensure_below(&self, name: &str) -> Result<(), FleetError> {
        let path = self.path.join(name);
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&path);
        made.and_then(|()| {
            let mode = fs::metadata(&self.path)?.permissions().mode();
            if mode & 0o077 != 0 {
                fs::set_permissions(&self.path, fs::Permissions::from_mode(0o700))?;
            }
            Ok(())
        })
        .map_err(|source| FleetError::Write { path, source })
    }

    /// Takes the lock that guards writes of one file of the directory. It is given
    /// up when the returned file is dropped.
    pub(super) fn write_lock(&self, name: &str) -> Result<File, FleetError> {
        self.ensure()?;
        let path = self.path.join(name);
        let written = |source| FleetError::Write {
            path: path.clone(),
            source,
        };
        let file = open_lock(&path).map_err(written)?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if begun.elapsed() < WRITE_LOCK_WAIT => {
                    thread::sleep(Duration::from_millis(5));
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(FleetError::Busy {
                        path,
                        seconds: WRITE_LOCK_WAIT.as_secs(),
                    });
                }
                Err(TryLockError::Error(source)) => return Err(written(source)),
            }
        }
    }
}

/// Opens a lock file without touching what it says.
pub(super) fn open_lock(path: &Path) -> std::io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_for_its_owner_only() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(".swarm");
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let state = StateDir::at(&path);
        drop(state.journal().unwrap());
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        assert_eq!(mode(&state.journal_path()), 0o600);
    }
}
