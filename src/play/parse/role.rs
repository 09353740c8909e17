use std::{path::PathBuf, sync::Arc};

use super::Keywords;
use crate::{inventory::Map, plan::Place};

/// A role: what its directory holds.
#[derive(Clone, Debug)]
pub struct Role {
    /// Its name, the directory's.
    pub name: String,
    /// Its directory.
    pub path: PathBuf,
    /// `defaults/`, weaker than nearly everything.
    pub defaults: Arc<Map>,
    /// `vars/`.
    pub vars: Arc<Map>,
    /// Whether `meta/` allows it to run more than once in a play.
    pub allow_duplicates: bool,
}

/// One use of a role, with what was given to it.
#[derive(Clone, Debug)]
pub struct RoleUse {
    /// The role.
    pub role: Arc<Role>,
    /// Variables given under `vars`.
    pub vars: Arc<Map>,
    /// Variables given as further keys: stronger than facts that tasks set.
    pub params: Arc<Map>,
    /// Uses around it: the roles that depend on it or import it, the outermost first.
    pub parents: Vec<Arc<RoleUse>>,
    /// The roles that it depends on, in the order they run.
    pub dependencies: Vec<Arc<RoleUse>>,
    /// What holds for its tasks.
    pub keywords: Keywords,
    /// Whether an `include_role` or `import_role` uses it.
    pub by_include: bool,
    /// Where it is used.
    pub place: Place,
    /// Whether the whole play sees its variables: `roles:`, imports, `public`.
    pub public: bool,
    /// Equal for uses of one role with equal parameters, which run once in a play.
    pub identity: String,
}
