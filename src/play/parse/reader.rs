use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    Include, Item, ModuleTable, PlayFiles, Playbook, RoleUse, Task,
    session::{Around, Session},
};
use crate::{
    inventory::{Map, Node, read_values},
    plan::{Diagnostic, Diagnostics, Place},
    secret::{Redactor, VaultPasswords},
    template::Engine,
};

/// Reads playbooks and all that they name, each file once. It stays at hand during
/// a run for includes whose names are known only then.
pub struct Reader {
    pub(super) files: Arc<dyn PlayFiles>,
    pub(super) modules: Arc<dyn ModuleTable>,
    pub(super) engine: Engine,
    /// Variables that names of static imports may use.
    pub(super) extra_vars: Map,
    vault: Arc<VaultPasswords>,
    /// The secrets of the files that were read.
    redactor: Mutex<Redactor>,
    read: Mutex<HashMap<PathBuf, Option<Arc<Node>>>>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reader(…)")
    }
}

/// What a dynamic include brings.
#[derive(Clone, Debug, Default)]
pub struct Included {
    /// The tasks.
    pub items: Vec<Item>,
    /// Handlers of the roles it brings.
    pub handlers: Vec<Item>,
    /// The roles, those that others depend on first.
    pub roles: Vec<Arc<RoleUse>>,
}

impl Reader {
    /// Returns a reader of `files` for plays that call the modules of `modules`.
    /// Names of static imports may use `extra_vars`;
    /// `vault` opens vaulted values and files.
    pub fn new(
        files: Arc<dyn PlayFiles>,
        modules: Arc<dyn ModuleTable>,
        extra_vars: Map,
        vault: Arc<VaultPasswords>,
    ) -> Self {
        Self {
            files,
            modules,
            engine: Engine::without_files(),
            extra_vars,
            vault,
            redactor: Mutex::default(),
            read: Mutex::default(),
        }
    }

    /// Returns where its files come from.
    pub fn files(&self) -> &Arc<dyn PlayFiles> {
        &self.files
    }

    /// Returns a text without the vaulted values of any file that was read so far.
    pub fn redact(&self, text: &str) -> String {
        let redactor = self.redactor.lock().unwrap_or_else(PoisonError::into_inner);
        redactor.redact(text).into_owned()
    }

    /// Reads playbooks with their roles, imports, and the includes whose names can
    /// be known.
    ///
    /// # Errors
    /// All that is wrong with any of the files, each with its place and a hint.
    pub fn playbooks(&self, paths: &[PathBuf]) -> Result<Vec<Playbook>, Diagnostics> {
        let mut session = Session::new(self);
        let mut books = Vec::new();
        for path in paths {
            books.push(Playbook {
                path: path.clone(),
                plays: session.playbook(path),
            });
        }
        session.finish(books)
    }

    /// Reads what an `include_tasks` brings whose file's name is `name` by now.
    ///
    /// # Errors
    /// All that is wrong with the file.
    pub fn include_tasks(
        &self,
        task: &Task,
        name: &str,
        playbook_directory: &Path,
    ) -> Result<Included, Diagnostics> {
        let mut session = Session::new(self);
        let around = Around::of_include(task, playbook_directory);
        let items = session.included_tasks(task, name, &around);
        session.finish_included(items)
    }

    /// Reads what an `include_role` brings whose parts are named by now.
    ///
    /// # Errors
    /// All that is wrong with the role.
    pub fn include_role(
        &self,
        task: &Task,
        include: &Include,
        playbook_directory: &Path,
    ) -> Result<Included, Diagnostics> {
        let mut session = Session::new(self);
        let around = Around::of_include(task, playbook_directory);
        let items = session.included_role(task, include, &around);
        session.finish_included(items)
    }

    /// Returns a variables file's tree; `None` when there is no such file.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn variables(&self, path: &Path) -> Result<Option<Node>, Diagnostics> {
        let mut found = Diagnostics::default();
        match self.parse(path, &mut found) {
            Some(node) => Ok(Some(node)),
            None if found.0.is_empty() => Ok(None),
            None => Err(found),
        }
    }

    /// Returns a file's tree; `None` when there is no such file, or it is known to be
    /// wrong already. What is wrong is reported once.
    pub(super) fn yaml(&self, path: &Path, found: &mut Diagnostics) -> Option<Arc<Node>> {
        {
            let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(known) = read.get(path) {
                return known.clone();
            }
        }
        let node = self.parse(path, found).map(Arc::new);
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.insert(path.to_owned(), node.clone());
        node
    }

    fn parse(&self, path: &Path, found: &mut Diagnostics) -> Option<Node> {
        let file: Arc<Path> = Arc::from(path);
        let text = match self.files.read(path) {
            Ok(text) => text?,
            Err(error) => {
                let message = format!("failed to read it: {error}");
                found.push(
                    Diagnostic::error(Place::new(&file, 0, 0), message)
                        .hint("check the file and its permissions"),
                );
                return None;
            }
        };
        let mut redactor = self.redactor.lock().unwrap_or_else(PoisonError::into_inner);
        match read_values(&text, &file, &self.vault, &mut |secret| {
            redactor.add(secret)
        }) {
            Ok(node) => Some(node),
            Err(errors) => {
                found.0.extend(errors.0);
                None
            }
        }
    }
}
