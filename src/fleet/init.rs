use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{FleetError, write_atomic};

/// The example fleet: path and text of each file.
const EXAMPLE: [(&str, &str); 5] = [
    ("README.md", include_str!("example/README.md")),
    (".gitignore", include_str!("example/gitignore")),
    (
        "inventory/hosts.yml",
        include_str!("example/inventory/hosts.yml"),
    ),
    (
        "group_vars/all.yml",
        include_str!("example/group_vars/all.yml"),
    ),
    (
        "host_vars/demo.yml",
        include_str!("example/host_vars/demo.yml"),
    ),
];

/// Writes a commented example fleet below `directory`, which is made where missing,
/// and returns the files written. Files in the way are overwritten only with `force`.
///
/// # Errors
/// [`FleetError::Exists`], with nothing written, or [`FleetError::Write`].
pub fn init(directory: &Path, force: bool) -> Result<Vec<PathBuf>, FleetError> {
    let files: Vec<(PathBuf, &str)> = EXAMPLE
        .iter()
        .map(|(name, text)| (directory.join(name), *text))
        .collect();
    let paths: Vec<PathBuf> = files.iter().map(|(path, _)| path.clone()).collect();
    if !force {
        let in_the_way: Vec<PathBuf> = paths
            .iter()
            .filter(|path| path.symlink_metadata().is_ok())
            .cloned()
            .collect();
        if !in_the_way.is_empty() {
            return Err(FleetError::Exists { paths: in_the_way });
        }
    }
    for (path, text) in files {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|source| FleetError::Write {
                path: parent.to_owned(),
                source,
            })?;
        }
        write_atomic(&path, text.as_bytes(), 0o644)?;
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::FleetDir;

    #[test]
    fn writes_a_fleet_and_overwrites_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("new/fleet");
        let written = init(&root, false).unwrap();
        assert!(written.iter().all(|path| path.is_file()));
        FleetDir::find(None, &root).unwrap();
        let readme = root.join("README.md");
        fs::write(&readme, "mine").unwrap();
        assert!(matches!(
            init(&root, false),
            Err(FleetError::Exists { paths }) if paths.len() == written.len()
        ));
        assert_eq!(fs::read_to_string(&readme).unwrap(), "mine");
        init(&root, true).unwrap();
        assert_ne!(fs::read_to_string(&readme).unwrap(), "mine");
    }
}
