use std::{
    fs, io,
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use super::{
    Builtin, FleetError, StateDir, builtin,
    builtin::{builtin_text, tidy},
};

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
                Ok(builtin_text(Path::new(relative)).map(|text| {
                    let shown = Path::new("<built-in>").join(relative);
                    (Arc::from(shown), text.to_owned())
                }))
            }
            Err(source) => Err(FleetError::Read { path, source }),
        }
    }

    /// Returns a path that leads to the fleet's own file even where it goes through a
    /// directory that only the binary has: `..` is then resolved by name.
    pub fn resolved(&self, path: &Path) -> PathBuf {
        if path.symlink_metadata().is_ok() {
            return path.to_owned();
        }
        match self.below(path) {
            Some(relative) => self.root.join(relative),
            None => path.to_owned(),
        }
    }

    /// Returns what the binary carries for a path below the root, `..` in it resolved
    /// by name, where the fleet has nothing of its own there.
    pub fn carried(&self, path: &Path) -> Option<Builtin> {
        if self.resolved(path).symlink_metadata().is_ok() {
            return None;
        }
        self.default_at(&self.below(path)?)
    }

    /// Returns the names in a directory below the root: the fleet's own and those
    /// that the binary carries, sorted.
    pub fn names(&self, path: &Path) -> Vec<String> {
        let path = self.resolved(path);
        let mut names: Vec<String> = fs::read_dir(&path)
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect();
        // A file of the fleet's hides a directory of that name.
        if let Some(relative) = self.below(&path)
            && (path.is_dir() || path.symlink_metadata().is_err())
            && let Some(Builtin::Directory(carried)) = self.default_at(&relative)
        {
            names.extend(carried);
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Returns what the binary carries, but nothing for a role that the fleet has tasks
    /// of its own for: that is another role, which must not get parts of ours.
    fn default_at(&self, relative: &Path) -> Option<Builtin> {
        if let Ok(inside) = relative.strip_prefix("roles")
            && let Some(role) = inside.components().next()
        {
            let tasks = self.root.join("roles").join(role).join("tasks");
            if ["main.yml", "main.yaml"]
                .iter()
                .any(|main| tasks.join(main).exists())
            {
                return None;
            }
        }
        builtin(relative)
    }

    /// Returns a path as seen from the root, when it is below it.
    fn below(&self, path: &Path) -> Option<PathBuf> {
        let relative = tidy(path).strip_prefix(tidy(&self.root)).ok()?.to_owned();
        let inside = relative
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        inside.then_some(relative)
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
    fn what_is_carried_is_seen_where_the_fleet_has_nothing() {
        let fleet = fleet();
        let dir = FleetDir::at(fleet.path());
        let at = |name: &str| fleet.path().join(name);
        let readme = at("playbooks/../roles/README.md");
        assert!(matches!(dir.carried(&readme), Some(Builtin::File(_))));
        assert_eq!(dir.names(&at("roles")).first().unwrap(), "README.md");
        fs::create_dir(at("roles")).unwrap();
        fs::write(at("roles/README.md"), "mine").unwrap();
        fs::write(at("roles/A.md"), "mine").unwrap();
        assert_eq!(dir.carried(&at("roles/README.md")), None);
        assert_eq!(dir.names(&at("roles"))[..2], ["A.md", "README.md"]);
        fs::write(at("playbooks"), "a file").unwrap();
        assert!(dir.names(&at("playbooks")).is_empty());
        assert_eq!(dir.carried(Path::new("/roles/README.md")), None);
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
