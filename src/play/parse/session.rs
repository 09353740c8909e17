use std::{
    collections::HashMap,
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use minijinja::Value as Jinja;

use super::{Included, Item, Keywords, Reader, RoleUse, Task};
use crate::{
    inventory::{Map, Node, Scope, Value},
    plan::{Diagnostic, Diagnostics, Place, Severity},
    template::is_template,
};

/// What stands around tasks that are being read.
#[derive(Clone)]
pub(super) struct Around {
    /// What the tasks inherit.
    pub keywords: Keywords,
    /// Variables of the play's blocks, the outermost first.
    pub vars: Vec<Arc<Map>>,
    /// Variables of the dynamic includes around.
    pub params: Vec<Arc<Map>>,
    /// The role whose tasks they are.
    pub role: Option<Arc<RoleUse>>,
    /// The file that is being read.
    pub file: Arc<Path>,
    /// The playbook's directory.
    pub directory: Arc<Path>,
    /// Whether handlers are read.
    pub handlers: bool,
    /// The play's variables, for the names of static imports.
    pub play_vars: Arc<Map>,
}

impl Around {
    /// Returns what stands around the tasks that a dynamic include brings.
    pub fn of_include(task: &Task, directory: &Path) -> Self {
        Self {
            keywords: task.outer.clone(),
            vars: task.vars.clone(),
            params: task.params.clone(),
            role: task.role.clone(),
            file: Arc::clone(&task.file),
            directory: Arc::from(directory),
            handlers: task.is_handler,
            play_vars: Arc::default(),
        }
    }

    /// Returns the same with a block's or import's keywords and variables.
    pub fn with(&self, keywords: &Keywords, vars: Option<Arc<Map>>) -> Self {
        let mut inner = self.clone();
        inner.keywords = keywords.heritable();
        inner.vars.extend(vars);
        inner
    }
}

/// One reading: what was found wrong, and what was brought along.
pub(super) struct Session<'r> {
    pub reader: &'r Reader,
    pub found: Diagnostics,
    /// Files that are being read, the outermost first, so that circles are seen.
    pub stack: Vec<PathBuf>,
    /// Handlers of the roles that were read.
    pub handlers: Vec<Item>,
    /// The roles that were read.
    pub roles: Vec<Arc<RoleUse>>,
}

impl<'r> Session<'r> {
    pub fn new(reader: &'r Reader) -> Self {
        Self {
            reader,
            found: Diagnostics::default(),
            stack: Vec::new(),
            handlers: Vec::new(),
            roles: Vec::new(),
        }
    }

    /// Returns the result, unless anything was wrong. One mistake in a file that is
    /// used twice is told once.
    pub fn finish<T>(self, result: T) -> Result<T, Diagnostics> {
        let mut once: Vec<Diagnostic> = Vec::with_capacity(self.found.0.len());
        for finding in self.found.0 {
            if finding.severity == Severity::Error && !once.contains(&finding) {
                once.push(finding);
            }
        }
        if once.is_empty() {
            Ok(result)
        } else {
            Err(Diagnostics(once))
        }
    }

    pub fn finish_included(mut self, items: Vec<Item>) -> Result<Included, Diagnostics> {
        let included = Included {
            items,
            handlers: std::mem::take(&mut self.handlers),
            roles: std::mem::take(&mut self.roles),
        };
        self.finish(included)
    }

    /// Reports an error with what to write instead.
    pub fn error(&mut self, place: &Place, message: impl Into<String>, hint: impl Into<String>) {
        self.found
            .push(Diagnostic::error(place.clone(), message).hint(hint));
    }

    /// Returns the text of a name that must be known before the run: an import's
    /// file, a role. Templates in it may use the play's and extra variables.
    pub fn static_text(&mut self, node: &Node, around: &Around) -> Option<String> {
        match &node.value {
            Value::Int(number) => return Some(number.to_string()),
            Value::Str(text) if !is_template(text) => return Some(text.clone()),
            Value::Unsafe(text) => return Some(text.clone()),
            Value::Str(_) => {}
            _ => {
                let message = format!("a name is a string, not {}", node.kind());
                self.error(&node.place, message, "write the name");
                return None;
            }
        }
        let mut vars: Map = around.play_vars.as_ref().clone();
        for layer in &around.vars {
            vars.extend(
                layer
                    .iter()
                    .map(|(key, entry)| (key.clone(), entry.clone())),
            );
        }
        for (key, entry) in &self.reader.extra_vars {
            vars.insert(key.clone(), entry.clone());
        }
        let mut magic = HashMap::from([(
            "playbook_dir".to_owned(),
            Jinja::from(around.directory.display().to_string()),
        )]);
        if let Some(role) = &around.role {
            let path = role.role.path.display().to_string();
            magic.insert("role_path".to_owned(), Jinja::from(path));
            magic.insert("role_name".to_owned(), Jinja::from(role.role.name.as_str()));
        }
        match Scope::with(vars, magic).resolve("name", node) {
            Ok(rendered) => rendered.as_str().map(str::to_owned),
            Err(mut error) => {
                error.hint = Some(
                    "a name that is read before the run can use variables of the play and of \
                     -e only; for others use include_tasks or include_role"
                        .to_owned(),
                );
                self.found.push(error);
                None
            }
        }
    }
}

/// Returns a path without `.` and with `..` resolved by name.
pub(super) fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                if !matches!(tidy.components().next_back(), Some(Component::Normal(_))) {
                    tidy.push("..");
                } else {
                    tidy.pop();
                }
            }
            other => tidy.push(other),
        }
    }
    tidy
}
