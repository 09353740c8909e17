use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{
    fleet::{Builtin, FleetDir},
    play::parse::{DiskFiles, PlayFiles},
};

/// What a file that the binary carries is allowed: git knows no more of it.
const MODE: u32 = 0o644;

/// The files of plays: those on disk, and below the fleet directory, where the fleet
/// has none of its own, those that the binary carries.
pub struct FleetFiles {
    fleet: FleetDir,
    disk: DiskFiles,
}

impl FleetFiles {
    /// Returns the files that plays of `fleet` see.
    pub fn new(fleet: &FleetDir) -> Self {
        Self {
            fleet: fleet.clone(),
            disk: DiskFiles {
                roles_path: vec![fleet.root().join("roles")],
            },
        }
    }

    fn carried(&self, path: &Path) -> io::Result<Option<&'static [u8]>> {
        match self.fleet.carried(path) {
            None => Ok(None),
            Some(Builtin::File(bytes)) => Ok(Some(bytes)),
            Some(Builtin::Directory(_)) => Err(io::Error::other("it is no regular file")),
        }
    }
}

impl PlayFiles for FleetFiles {
    fn read(&self, path: &Path) -> io::Result<Option<String>> {
        if let Some(text) = self.disk.read(&self.fleet.resolved(path))? {
            return Ok(Some(text));
        }
        match self.carried(path)? {
            Some(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Ok(Some(text.to_owned())),
                Err(error) => Err(io::Error::new(io::ErrorKind::InvalidData, error)),
            },
            None => Ok(None),
        }
    }

    fn bytes(&self, path: &Path) -> io::Result<Option<(Vec<u8>, u32)>> {
        if let Some(found) = self.disk.bytes(&self.fleet.resolved(path))? {
            return Ok(Some(found));
        }
        let carried = self.carried(path)?;
        Ok(carried.map(|bytes| (bytes.to_vec(), MODE)))
    }

    fn exists(&self, path: &Path) -> bool {
        self.disk.exists(&self.fleet.resolved(path)) || self.fleet.carried(path).is_some()
    }

    fn names(&self, path: &Path) -> Vec<String> {
        self.fleet.names(path)
    }

    fn roles_path(&self) -> Vec<PathBuf> {
        self.disk.roles_path()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_fleets_own_file_hides_the_one_that_is_carried() {
        let directory = tempfile::tempdir().unwrap();
        let files = FleetFiles::new(&FleetDir::at(directory.path()));
        let readme = directory.path().join("playbooks/../roles/README.md");
        let carried = files.read(&readme).unwrap().unwrap();
        assert!(carried.starts_with("# Roles"), "{carried}");
        assert!(files.exists(&readme));
        assert_eq!(files.bytes(&readme).unwrap().unwrap().1, 0o644);
        fs::create_dir(directory.path().join("roles")).unwrap();
        fs::write(directory.path().join("roles/README.md"), "mine").unwrap();
        assert_eq!(files.read(&readme).unwrap().unwrap(), "mine");
        let none = directory.path().join("roles/none.yml");
        assert!(files.read(&none).unwrap().is_none() && !files.exists(&none));
        assert!(files.read(&directory.path().join("templates")).is_err());
    }
}
