use std::path::PathBuf;

use super::Play;

/// A playbook file with all that it imports.
#[derive(Clone, Debug)]
pub struct Playbook {
    /// The file.
    pub path: PathBuf,
    /// Its plays, those of imported playbooks in their place.
    pub plays: Vec<Play>,
}
