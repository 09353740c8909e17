//! `group_vars/` and `host_vars/` entries that belong to no group and no host.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    inventory::Inventory,
    plan::{Diagnostic, Place},
};

/// The endings that Ansible reads variables from, beside none at all.
const ENDINGS: [&str; 3] = [".yml", ".yaml", ".json"];

/// Returns a warning for each file or folder of variables that nothing reads.
pub fn strays(inventory: &Inventory, roots: &[PathBuf]) -> Vec<Diagnostic> {
    let groups: Vec<&str> = inventory.groups().keys().map(String::as_str).collect();
    let hosts: Vec<&str> = inventory.hosts().collect();
    let mut found = Vec::new();
    for root in roots {
        for (folder, noun, names) in [
            ("group_vars", "group", &groups),
            ("host_vars", "host", &hosts),
        ] {
            for path in entries(&root.join(folder)) {
                found.extend(stray(&path, noun, names));
            }
        }
    }
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn stray(path: &Path, noun: &str, names: &[&str]) -> Option<Diagnostic> {
    let file_name = path.file_name()?.to_str()?;
    // Hidden files, editors' backups and what is kept for git are nobody's variables.
    if file_name.starts_with('.') || file_name.ends_with('~') || file_name == "README.md" {
        return None;
    }
    let name = ENDINGS
        .iter()
        .find_map(|ending| file_name.strip_suffix(ending))
        .unwrap_or(file_name);
    if names.contains(&name) || names.contains(&file_name) {
        return None;
    }
    let place = Place::new(&Arc::from(path), 0, 0);
    let warning = Diagnostic::warning(
        place,
        format!("these variables are never read: there is no {noun} {name:?}"),
    );
    Some(match similar(name, names) {
        Some(other) => warning.hint(format!("did you mean {other:?}?")),
        None => warning.hint(format!("add the {noun} to the inventory, or remove this")),
    })
}

/// Returns the name that was probably meant: a letter or two apart, by length.
fn similar<'a>(name: &str, names: &[&'a str]) -> Option<&'a str> {
    names
        .iter()
        .map(|other| (strsim::damerau_levenshtein(name, other), *other))
        .min()
        .filter(|(distance, _)| *distance <= 1 + name.len() / 4)
        .map(|(_, other)| other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_nearly_right_is_suggested() {
        let names = ["zap", "demo"];
        let found = stray(Path::new("host_vars/demoo.yml"), "host", &names).unwrap();
        assert_eq!(found.hint.as_deref(), Some("did you mean \"demo\"?"));
        let found = stray(Path::new("host_vars/other"), "host", &names).unwrap();
        assert!(found.message.contains("no host \"other\""), "{found}");
    }

    #[test]
    fn names_that_belong_to_something_are_fine() {
        let names = ["zap", "web.example"];
        for path in [
            "zap",
            "zap.yml",
            "zap.json",
            "web.example",
            ".keep",
            "zap.yml~",
        ] {
            assert_eq!(stray(Path::new(path), "host", &names), None, "{path}");
        }
    }
}
