use std::path::{Component, Path, PathBuf};

use include_dir::{Dir, include_dir};

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");
static CLOUD_INIT: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/cloud-init");
static PLAYBOOKS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/playbooks");
static ROLES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/roles");

/// What the binary carries under a path below a fleet directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Builtin {
    /// A file's bytes.
    File(&'static [u8]),
    /// A directory with the names in it.
    Directory(Vec<String>),
}

/// Returns what the binary carries under a path relative to the fleet directory, `..`
/// in it resolved by name.
pub fn builtin(relative: &Path) -> Option<Builtin> {
    let relative = tidy(relative);
    let mut parts = relative.components();
    let top = parts.next()?;
    let rest = parts.as_path();
    let directory = match top.as_os_str().to_str()? {
        "templates" => &TEMPLATES,
        "cloud-init" => &CLOUD_INIT,
        "playbooks" => &PLAYBOOKS,
        "roles" => &ROLES,
        _ => return None,
    };
    if rest.as_os_str().is_empty() {
        return Some(listed(directory));
    }
    match directory.get_file(rest) {
        Some(file) => Some(Builtin::File(file.contents())),
        None => directory.get_dir(rest).map(listed),
    }
}

/// Returns the text of the default that the binary carries under this path
/// (`templates/domain.xml.j2`), if any.
pub fn builtin_text(relative: &Path) -> Option<&'static str> {
    match builtin(relative)? {
        Builtin::File(bytes) => std::str::from_utf8(bytes).ok(),
        Builtin::Directory(_) => None,
    }
}

fn listed(directory: &Dir<'_>) -> Builtin {
    let names = directory.entries().iter().filter_map(|entry| {
        let name = entry.path().file_name()?.to_str()?;
        Some(name.to_owned())
    });
    Builtin::Directory(names.collect())
}

/// Returns a path without `.` and with `..` resolved by name.
pub(super) fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if tidy.file_name().is_some() => {
                tidy.pop();
            }
            other => tidy.push(other),
        }
    }
    tidy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_by_relative_path_only() {
        let text = |path| builtin_text(Path::new(path));
        assert!(text("playbooks/README.md").unwrap().contains("Playbooks"));
        assert_eq!(text("playbooks/none.yml"), None);
        assert_eq!(text("playbooks"), None);
        assert_eq!(text("Cargo.toml"), None);
        assert_eq!(text("playbooks/../Cargo.toml"), None);
        let Some(Builtin::Directory(names)) = builtin(Path::new("playbooks")) else {
            panic!("playbooks/ is no directory");
        };
        assert!(names.contains(&"README.md".to_owned()), "{names:?}");
    }
}
