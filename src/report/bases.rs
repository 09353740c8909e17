use std::path::{Path, PathBuf};

/// The directories that file names are seen from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bases {
    /// The user's working directory: files below it are shown relative to it.
    pub working_directory: Option<PathBuf>,
    /// The fleet directory: relative names are looked for here too.
    pub fleet: Option<PathBuf>,
}

impl Bases {
    /// Returns the name to show for `file`.
    pub fn shown(&self, file: &Path) -> String {
        let base = self.working_directory.as_deref();
        let shorter = base.and_then(|base| file.strip_prefix(base).ok());
        shorter
            .filter(|path| !path.as_os_str().is_empty())
            .unwrap_or(file)
            .to_string_lossy()
            .into_owned()
    }

    /// Reads `file`; a relative name starts at one of the bases, never at wherever
    /// this process happens to be.
    pub(super) fn read(&self, file: &Path) -> Option<String> {
        let bytes = [&self.working_directory, &self.fleet]
            .into_iter()
            .flatten()
            .find_map(|base| std::fs::read(base.join(file)).ok())?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }
}
