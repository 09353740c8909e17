//! `group_vars/` and `host_vars/` directories.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Map, Value,
    files::{Descent, Files, joined},
    vaulted, yaml,
};
use crate::plan::{Diagnostic, Diagnostics};

/// The endings Ansible looks for, in its order; the first that exists is taken.
const ENDINGS: [&str; 4] = ["", ".yml", ".yaml", ".json"];

/// What a name in a directory stands for.
#[derive(Clone, Copy)]
enum Kind {
    File,
    Dir,
    /// A link, perhaps a dangling one: to be looked at.
    Unknown,
}

/// Returns what a path leads to; `None`: nowhere, as a dangling link.
fn kind_of(path: &Path) -> Option<Kind> {
    let metadata = fs::metadata(path).ok()?;
    Some(if metadata.is_dir() {
        Kind::Dir
    } else {
        Kind::File
    })
}

/// Loads variables files, each once.
pub(super) struct VarsFiles<'f, 'v> {
    files: &'f mut Files<'v>,
    opener: &'f vaulted::Opener<'v>,
    pub diagnostics: Diagnostics,
    /// What is in each `group_vars` or `host_vars` directory, read once.
    listings: HashMap<PathBuf, Arc<HashMap<String, Kind>>>,
    loaded: HashMap<PathBuf, Option<Arc<Map>>>,
}

impl<'f, 'v> VarsFiles<'f, 'v> {
    pub(super) fn new(files: &'f mut Files<'v>, opener: &'f vaulted::Opener<'v>) -> Self {
        Self {
            files,
            opener,
            diagnostics: Diagnostics::default(),
            listings: HashMap::new(),
            loaded: HashMap::new(),
        }
    }

    /// Returns the variables below `base/kind` (`group_vars` or `host_vars`) for a
    /// group or host, one mapping a file, later ones winning.
    pub(super) fn load(&mut self, base: &Path, kind: &str, name: &str) -> Vec<Arc<Map>> {
        // Names like /path/to/chroot are no file names.
        if name.starts_with('/') {
            return Vec::new();
        }
        let dir = joined(base, kind);
        let listing = self.listing(&dir);
        if listing.is_empty() {
            return Vec::new();
        }
        for ending in ENDINGS {
            let candidate = format!("{name}{ending}");
            let path = dir.join(&candidate);
            let kind = match listing.get(&candidate) {
                Some(Kind::Unknown) => kind_of(&path),
                Some(kind) => Some(*kind),
                // A name with a slash leads into a subdirectory, not into the listing.
                None if candidate.contains('/') => kind_of(&path),
                None => None,
            };
            let mut found = Vec::new();
            match kind {
                Some(Kind::Dir) => self.walk(&path, &mut Descent::default(), &mut found),
                Some(_) => found.push(path),
                None => continue,
            }
            return found
                .into_iter()
                .filter_map(|path| self.file(path))
                .collect();
        }
        Vec::new()
    }

    /// Reads a directory once, so that a thousand hosts need no lookup each.
    fn listing(&mut self, dir: &Path) -> Arc<HashMap<String, Kind>> {
        if let Some(known) = self.listings.get(dir) {
            return Arc::clone(known);
        }
        let names = fs::read_dir(dir).map(|entries| {
            entries
                .filter_map(Result::ok)
                .map(|entry| {
                    let kind = match entry.file_type() {
                        Ok(kind) if kind.is_file() => Kind::File,
                        Ok(kind) if kind.is_dir() => Kind::Dir,
                        _ => Kind::Unknown,
                    };
                    (entry.file_name().to_string_lossy().into_owned(), kind)
                })
                .collect()
        });
        let names = Arc::new(names.unwrap_or_default());
        self.listings.insert(dir.to_owned(), Arc::clone(&names));
        names
    }

    /// All variables files below a directory, sorted. Hidden ones, backups and
    /// other endings are passed over, and directories with an ending too.
    fn walk(&mut self, dir: &Path, above: &mut Descent, found: &mut Vec<PathBuf>) {
        let names = match above.enter(dir) {
            Ok(names) => names,
            Err(error) => return self.diagnostics.push(error),
        };
        for name in names {
            if name.starts_with('.') || name.ends_with('~') {
                continue;
            }
            let path = dir.join(&name);
            let ending = Path::new(&name)
                .extension()
                .map(|e| format!(".{}", e.to_string_lossy()));
            if path.is_dir() {
                if ending.is_none() {
                    self.walk(&path, above, found);
                }
            } else if path.is_file()
                && ending.is_none_or(|ending| ENDINGS.contains(&ending.as_str()))
            {
                found.push(path);
            }
        }
        above.leave();
    }

    fn file(&mut self, path: PathBuf) -> Option<Arc<Map>> {
        if let Some(known) = self.loaded.get(&path) {
            return known.clone();
        }
        let map = match self.parse(&path) {
            Ok(map) => map.map(Arc::new),
            Err(errors) => {
                self.diagnostics.0.extend(errors.0);
                None
            }
        };
        self.loaded.insert(path, map.clone());
        map
    }

    fn parse(&mut self, path: &Path) -> Result<Option<Map>, Diagnostics> {
        let file: Arc<Path> = Arc::from(path);
        let text = self.files.read(path, &file)?;
        let whole = self.files.encrypted.contains(&file);
        let node = yaml::parse_yaml(&text, &file)?;
        let kind = node.kind();
        match node.value {
            Value::Map(mut map) => {
                if whole {
                    vaulted::seal(&mut map);
                }
                self.opener.open(&mut map, &mut self.diagnostics);
                Ok(Some(map))
            }
            Value::Null => Ok(None),
            // Ansible passes over whatever Python holds for false.
            Value::Seq(items) if items.is_empty() => Ok(None),
            _ => Err(Diagnostic::error(
                node.place,
                format!("a variables file is a mapping, not {kind}"),
            )
            .hint("write `name: value` lines")
            .into()),
        }
    }
}
