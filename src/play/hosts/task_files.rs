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
}

impl Files for TaskFiles<'_> {
    fn file(&self, name: &str) -> Result<LocalFile, String> {
        let path = self.find(name, "files")?;
        let bytes = fs::read(&path).map_err(|e| unreadable(&path, &e))?;
        let mode = mode(&path)?;
        Ok(LocalFile { path, bytes, mode })
    }

    fn directory(&self, name: &str) -> Result<Option<Vec<LocalEntry>>, String> {
        let path = self.find(name.trim_end_matches('/'), "files")?;
        if !path.is_dir() {
            return Ok(None);
        }
        let mut entries = Vec::new();
        below(&path, &path, &mut entries)?;
        Ok(Some(entries))
    }

    fn template(&self, name: &str, _options: &TemplateOptions) -> Result<LocalFile, String> {
        let path = self.find(name, "templates")?;
        let text = self.0.render_template(&path).map_err(|e| e.to_string())?;
        let mode = mode(&path)?;
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

/// Lists what is below `folder`, parents first, by name.
fn below(root: &Path, folder: &Path, entries: &mut Vec<LocalEntry>) -> Result<(), String> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .and_then(|found| found.map(|entry| Ok(entry?.path())).collect())
        .map_err(|e| unreadable(folder, &e))?;
    paths.sort();
    for path in paths {
        let relative = path.strip_prefix(root).unwrap_or(&path);
        let relative = relative.display().to_string();
        let about = fs::symlink_metadata(&path).map_err(|e| unreadable(&path, &e))?;
        let mode = about.permissions().mode() & 0o7777;
        let is_directory = about.is_dir();
        let kind = if is_directory {
            LocalKind::Directory
        } else if about.is_symlink() {
            let target = fs::read_link(&path).map_err(|e| unreadable(&path, &e))?;
            LocalKind::Link(target.display().to_string())
        } else {
            LocalKind::File(fs::read(&path).map_err(|e| unreadable(&path, &e))?)
        };
        entries.push(LocalEntry {
            relative,
            mode,
            kind,
        });
        if is_directory {
            below(root, &path, entries)?;
        }
    }
    Ok(())
}

fn mode(path: &Path) -> Result<u32, String> {
    let about = fs::metadata(path).map_err(|e| unreadable(path, &e))?;
    Ok(about.permissions().mode() & 0o7777)
}

fn unreadable(path: &Path, error: &io::Error) -> String {
    format!("could not read {}: {error}", path.display())
}
