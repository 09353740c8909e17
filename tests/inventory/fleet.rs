use std::{fs, path::Path};

use serde_json::{Value, json};
use swarmctl::{
    inventory::{Inventory, LoadOptions},
    plan::Diagnostics,
    secret::VaultPasswords,
};

/// Files and options of one inventory, in a directory of its own.
pub struct Fleet {
    pub dir: tempfile::TempDir,
    pub sources: Vec<String>,
    pub with_root: bool,
    pub extra_vars: Vec<String>,
    /// Said when something differs, to run it again.
    pub seed: Option<u64>,
    /// `(id, password)`.
    pub vault: Vec<(String, String)>,
}

impl Fleet {
    pub fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            sources: Vec::new(),
            with_root: false,
            extra_vars: Vec::new(),
            seed: None,
            vault: Vec::new(),
        }
    }

    /// A fleet with one inventory file.
    pub fn of(name: &str, text: &str) -> Self {
        Self::new().file(name, text).source(name)
    }

    pub fn file(self, name: &str, text: &str) -> Self {
        let path = self.dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub fn source(mut self, name: &str) -> Self {
        let source = if name.contains(',') {
            name.to_owned()
        } else {
            self.path(name)
        };
        self.sources.push(source);
        self
    }

    pub fn password(mut self, id: &str, password: &str) -> Self {
        self.vault.push((id.to_owned(), password.to_owned()));
        self
    }

    pub fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_str().unwrap().to_owned()
    }

    pub fn load(&self) -> Result<Inventory, Diagnostics> {
        let mut vault = VaultPasswords::new();
        for (id, password) in &self.vault {
            vault.add(id.clone(), password.clone().into());
        }
        Inventory::load(&LoadOptions {
            sources: &self.sources,
            fleet_root: self.with_root.then(|| self.dir.path()),
            extra_vars: &self.extra_vars,
            vault: &vault,
        })
    }

    /// The question that makes Ansible load the same.
    pub fn question(&self, patterns: &[(String, Option<String>)]) -> Value {
        let vault: Vec<String> = self
            .vault
            .iter()
            .enumerate()
            .map(|(number, (id, password))| {
                let path = self.path(&format!("password.{number}"));
                fs::write(&path, password).unwrap();
                format!("{id}@{path}")
            })
            .collect();
        json!({
            "sources": self.sources,
            "fleet_root": self.with_root.then(|| self.dir.path()),
            "extra_vars": self.extra_vars,
            "vault": vault,
            "patterns": patterns,
            "graph_vars": self.seed.is_some(),
        })
    }

    /// All files with their text, to show with a difference.
    pub fn show(&self) -> String {
        let mut out = format!(
            "seed {:?} sources {:?} root {} extra {:?}\n",
            self.seed, self.sources, self.with_root, self.extra_vars
        );
        show_dir(self.dir.path(), &mut out);
        out
    }
}

fn show_dir(dir: &Path, out: &mut String) {
    let mut paths: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            show_dir(&path, out);
        } else {
            let text = fs::read_to_string(&path).unwrap();
            out.push_str(&format!("--- {}\n{text}\n", path.display()));
        }
    }
}
