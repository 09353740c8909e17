use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use super::fetch;
use crate::play::{
    modules::{Files, LocalEntry, LocalFile, LocalKind, TemplateOptions},
    vars::Scope,
};

/// The files that a task may read: those of its role and its playbook.
pub struct TaskFiles<'a>(pub &'a Scope);

impl TaskFiles<'_> {
    fn find(&self, name: &str, section: &str) -> Result<PathBuf, String> {
        self.0.find_file(name, section).ok_or_else(|| {
            let places: Vec<String> = self
                .0
                .search()
                .iter()
                .map(|place| place.join(section).display().to_string())
                .collect();
            format!("could not find {name:?} in {}", places.join(", "))
        })
    }

    fn bytes(&self, path: &Path) -> Result<(Vec<u8>, u32), String> {
        let found = self.0.files().bytes(path);
        let found = found.map_err(|e| unreadable(path, &e))?;
        found.ok_or_else(|| unreadable(path, &io::ErrorKind::NotFound.into()))
    }

    /// Returns whether it is a directory: what exists and is no file.
    fn is_directory(&self, path: &Path) -> bool {
        path.is_dir() || !self.0.files().names(path).is_empty()
    }

    /// Lists what is below `folder`, parents first, by name.
    fn below(
        &self,
        root: &Path,
        folder: &Path,
        entries: &mut Vec<LocalEntry>,
    ) -> Result<(), String> {
        // Says why, where it can't be read.
        if folder.is_dir() {
            fs::read_dir(folder).map_err(|e| unreadable(folder, &e))?;
        }
        for name in self.0.files().names(folder) {
            let path = folder.join(name);
            let relative = path.strip_prefix(root).unwrap_or(&path);
            let relative = relative.display().to_string();
            let link = fs::read_link(&path).ok();
            let is_directory = link.is_none() && self.is_directory(&path);
            let (kind, mode) = if let Some(target) = link {
                (LocalKind::Link(target.display().to_string()), 0o777)
            } else if is_directory {
                let about = fs::metadata(&path);
                let mode = about.map_or(0o755, |about| about.permissions().mode() & 0o7777);
                (LocalKind::Directory, mode)
            } else {
                let (bytes, mode) = self.bytes(&path)?;
                (LocalKind::File(bytes), mode)
            };
            entries.push(LocalEntry {
                relative,
                mode,
                kind,
            });
            if is_directory {
                self.below(root, &path, entries)?;
            }
        }
        Ok(())
    }
}

impl Files for TaskFiles<'_> {
    fn file(&self, name: &str) -> Result<LocalFile, String> {
        let path = self.find(name, "files")?;
        let (bytes, mode) = self.bytes(&path)?;
        Ok(LocalFile { path, bytes, mode })
    }

    fn directory(&self, name: &str) -> Result<Option<Vec<LocalEntry>>, String> {
        let path = self.find(name.trim_end_matches('/'), "files")?;
        if !self.is_directory(&path) {
            return Ok(None);
        }
        let mut entries = Vec::new();
        self.below(&path, &path, &mut entries)?;
        Ok(Some(entries))
    }

    fn template(&self, name: &str, _options: &TemplateOptions) -> Result<LocalFile, String> {
        let path = self.find(name, "templates")?;
        let text = self.0.render_template(&path).map_err(|e| e.to_string())?;
        let (_, mode) = self.bytes(&path)?;
        Ok(LocalFile {
            bytes: text.into_bytes(),
            path,
            mode,
        })
    }

    fn store(&self, path: &str, bytes: &[u8], check: bool) -> Result<bool, String> {
        let path = Path::new(path);
        fetch::store(path, bytes, check, false)
            .map_err(|e| format!("could not write {}: {e}", path.display()))
    }
}

fn unreadable(path: &Path, error: &io::Error) -> String {
    format!("could not read {}: {error}", path.display())
}
