use std::path::{Path, PathBuf};

/// The directories that file names are seen from.
#[derive(Clone, Debug, Default)]
pub struct Bases {
    /// The user's working directory: files below it are shown relative to it.
    pub working_directory: Option<PathBuf>,
    /// The fleet directory: relative names are looked for here too.
    pub fleet: Option<PathBuf>,
    /// Returns the text of a file that the binary carries, by its path below a fleet
    /// directory.
    pub carried: Option<fn(&Path) -> Option<&'static str>>,
}

/// What the names of files begin with that the binary carries.
const BUILT_IN: &str = "<built-in>";

impl Bases {
    /// Returns the name to show for `file`.
    pub fn shown(&self, file: &Path) -> String {
        if let Some((relative, _)) = self.carried(file) {
            return Path::new(BUILT_IN).join(relative).display().to_string();
        }
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
        if let Some((_, text)) = self.carried(file) {
            return Some(text.to_owned());
        }
        let bytes = [&self.working_directory, &self.fleet]
            .into_iter()
            .flatten()
            .find_map(|base| std::fs::read(base.join(file)).ok())?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Returns the text that the binary carries for a file that the fleet lacks, and
    /// its path below the fleet directory.
    fn carried<'a>(&self, file: &'a Path) -> Option<(&'a Path, &'static str)> {
        let relative = match file.strip_prefix(BUILT_IN) {
            Ok(relative) => relative,
            Err(_) if file.exists() => return None,
            Err(_) => file.strip_prefix(self.fleet.as_deref()?).ok()?,
        };
        Some((relative, self.carried?(relative)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_the_binary_carries_is_named_so_unless_the_fleet_has_it() {
        let fleet = tempfile::tempdir().unwrap();
        let file = fleet.path().join("playbooks/a.yml");
        let bases = Bases {
            working_directory: Some(fleet.path().to_owned()),
            fleet: Some(fleet.path().to_owned()),
            carried: Some(|path| (path == Path::new("playbooks/a.yml")).then_some("- hosts: all")),
        };
        assert_eq!(bases.shown(&file), "<built-in>/playbooks/a.yml");
        assert_eq!(bases.read(&file).unwrap(), "- hosts: all");
        let named = Path::new("<built-in>/playbooks/a.yml");
        assert_eq!(bases.read(named).unwrap(), "- hosts: all");
        std::fs::create_dir(fleet.path().join("playbooks")).unwrap();
        std::fs::write(&file, "mine").unwrap();
        assert_eq!(bases.shown(&file), "playbooks/a.yml");
        assert_eq!(bases.read(&file).unwrap(), "mine");
    }
}
