use std::{
    fs, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

/// Where playbooks, roles and variables files come from.
pub trait PlayFiles: Send + Sync {
    /// Returns a file's text; `None` when there is no such file.
    ///
    /// # Errors
    /// When it can't be read.
    fn read(&self, path: &Path) -> io::Result<Option<String>>;

    /// Returns a file's bytes and permission bits; `None` when there is no such file.
    ///
    /// # Errors
    /// When it can't be read.
    fn bytes(&self, path: &Path) -> io::Result<Option<(Vec<u8>, u32)>>;

    /// Returns whether there is a file or directory of that name.
    fn exists(&self, path: &Path) -> bool;

    /// Returns the sorted names in a directory; none when there is no such directory.
    fn names(&self, path: &Path) -> Vec<String>;

    /// Returns the directories that roles are looked for in, beyond those next to the
    /// playbook.
    fn roles_path(&self) -> Vec<PathBuf>;
}

/// Plain files of the machine swarmctl runs on.
#[derive(Clone, Debug, Default)]
pub struct DiskFiles {
    /// Directories that hold roles.
    pub roles_path: Vec<PathBuf>,
}

/// No playbook or variables file is larger; something else was named by mistake.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

impl PlayFiles for DiskFiles {
    fn read(&self, path: &Path) -> io::Result<Option<String>> {
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if !metadata.is_file() {
            return Err(io::Error::other("it is no regular file"));
        }
        if metadata.len() > MAX_BYTES {
            return Err(io::Error::other("it is larger than 16 MiB"));
        }
        fs::read_to_string(path).map(Some)
    }

    fn bytes(&self, path: &Path) -> io::Result<Option<(Vec<u8>, u32)>> {
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if !metadata.is_file() {
            return Err(io::Error::other("it is no regular file"));
        }
        let mode = metadata.permissions().mode() & 0o7777;
        fs::read(path).map(|bytes| Some((bytes, mode)))
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn names(&self, path: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(path)
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect();
        names.sort_unstable();
        names
    }

    fn roles_path(&self) -> Vec<PathBuf> {
        self.roles_path.clone()
    }
}
