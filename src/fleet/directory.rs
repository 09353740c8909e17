use std::{
    fs, io,
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use super::{FleetError, StateDir, builtin};

/// What an inventory is called, in the order of preference.
const INVENTORIES: [&str; 5] = [
    "inventory",
    "inventory.yml",
    "inventory.yaml",
    "inventory.ini",
    "hosts",
];

/// What tells a fleet directory from any other that has a file `hosts`.
const COMPANIONS: [&str; 4] = ["host_vars", "group_vars", "playbooks", "cloud-init"];

/// A directory that holds an inventory and what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetDir {
    root: PathBuf,
}

impl FleetDir {
    /// Returns the fleet directory: the `explicit` one (relative to `start`), else
    /// the first at or above `start` that has an inventory next to `host_vars/`,
    /// `group_vars/`, `playbooks/` or `cloud-init/`.
    ///
    /// # Errors
    /// [`FleetError::NotADirectory`] and [`FleetError::NoInventory`] for an explicit
    /// one, [`FleetError::NotFound`] otherwise.
    pub fn find(explicit: Option<&Path>, start: &Path) -> Result<Self, FleetError> {
        if let Some(explicit) = explicit {
            let root = start.join(explicit);
            if !root.is_dir() {
                return Err(FleetError::NotADirectory { path: root });
            }
            if inventory_in(&root).is_none() {
                return Err(FleetError::NoInventory { directory: root });
            }
            return Ok(Self { root });
        }
        let marked = |directory: &&Path| {
            inventory_in(directory).is_some()
                && COMPANIONS.iter().any(|name| directory.join(name).is_dir())
        };
        match start.ancestors().find(marked) {
            Some(root) => Ok(Self::at(root)),
            None => Err(FleetError::NotFound {
                start: start.to_owned(),
            }),
        }
    }

    /// Returns the fleet directory at `root` without a look at it, for runs that
    /// name their inventory with `-i`.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Returns where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the text of a file by its path below the root, with the path to show
    /// for it: the fleet's own file, else the one that the binary carries, shown as
    /// `<built-in>/templates/domain.xml.j2`. `None` when there is neither, or the
    /// fleet's own can't be read; [`FleetDir::read`] tells these apart.
    pub fn file(&self, relative: &str) -> Option<(Arc<Path>, String)> {
        self.read(relative).ok().flatten()
    }

    /// Returns the same as [`FleetDir::file`], and why the fleet's own file can't be
    /// read: the built-in one must not stand in for a broken one of the user's.
    ///
    /// # Errors
    /// [`FleetError::Read`] when the fleet's own file exists but can't be read, or is
    /// not UTF-8.
    pub fn read(&self, relative: &str) -> Result<Option<(Arc<Path>, String)>, FleetError> {
        let inside = Path::new(relative)
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        if !inside {
            return Ok(None);
        }
        let path = self.root.join(relative);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some((Arc::from(path), text))),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                Ok(builtin::file(relative).map(|text| {
                    let shown = Path::new("<built-in>").join(relative);
                    (Arc::from(shown), text.to_owned())
                }))
            }
            Err(source) => Err(FleetError::Read { path, source }),
        }
    }

    /// Returns the inventory sources of a run that names none with `-i`: empty when
    /// the directory has no inventory.
    pub fn default_inventory_sources(&self) -> Vec<PathBuf> {
        inventory_in(&self.root).into_iter().collect()
    }

    /// Returns the fleet's own state, `.swarm/`; nothing is made before it is written.
    pub fn state(&self) -> StateDir {
        StateDir::at(self.root.join(".swarm"))
    }
}

fn inventory_in(directory: &Path) -> Option<PathBuf> {
    INVENTORIES
        .iter()
        .map(|name| directory.join(name))
        .find(|path| path.exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fleet() -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir_all(directory.path().join("inventory")).unwrap();
        fs::create_dir_all(directory.path().join("host_vars/deep")).unwrap();
        directory
    }

    #[test]
    fn is_found_from_below() {
        let fleet = fleet();
        let found = FleetDir::find(None, &fleet.path().join("host_vars/deep")).unwrap();
        assert_eq!(found.root(), fleet.path());
        assert_eq!(
            found.default_inventory_sources(),
            [fleet.path().join("inventory")]
        );
    }

    #[test]
    fn an_inventory_alone_is_no_mark() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("hosts"), "").unwrap();
        let error = FleetDir::find(None, directory.path()).unwrap_err();
        assert!(matches!(error, FleetError::NotFound { .. }), "{error}");
        assert!(error.hint().unwrap().contains("swarmctl init DIR"));
        // Named, it is good enough.
        FleetDir::find(Some(Path::new(".")), directory.path()).unwrap();
    }

    #[test]
    fn explicit_is_relative_to_start_and_checked() {
        let fleet = fleet();
        let start = fleet.path().join("host_vars");
        FleetDir::find(Some(Path::new("..")), &start).unwrap();
        assert!(matches!(
            FleetDir::find(Some(Path::new("deep")), &start),
            Err(FleetError::NoInventory { .. })
        ));
        assert!(matches!(
            FleetDir::find(Some(Path::new("none")), &start),
            Err(FleetError::NotADirectory { .. })
        ));
    }

    #[test]
    fn the_fleets_own_file_wins() {
        let fleet = fleet();
        let dir = FleetDir::at(fleet.path());
        let (path, _) = dir.file("playbooks/README.md").unwrap();
        assert_eq!(&*path, Path::new("<built-in>/playbooks/README.md"));
        fs::create_dir(fleet.path().join("playbooks")).unwrap();
        let own = fleet.path().join("playbooks/README.md");
        fs::write(&own, "mine").unwrap();
        let (path, text) = dir.file("playbooks/README.md").unwrap();
        assert_eq!((&*path, text.as_str()), (own.as_path(), "mine"));
        // A broken one of the user's is not replaced in silence.
        fs::write(&own, [0xff]).unwrap();
        assert!(dir.read("playbooks/README.md").is_err());
        assert!(dir.file("../etc/passwd").is_none());
        assert!(dir.file("/etc/passwd").is_none());
    }
}
