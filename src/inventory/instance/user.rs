/// A user that cloud-init makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Login name.
    pub name: String,
    /// Public keys, beside [`Instance::ssh_keys`](super::Instance::ssh_keys).
    pub ssh_keys: Vec<String>,
    /// sudo rule (`ALL=(ALL) NOPASSWD:ALL`), if any.
    pub sudo: Option<String>,
    /// Login shell.
    pub shell: String,
    /// Supplementary groups.
    pub groups: Vec<String>,
}
