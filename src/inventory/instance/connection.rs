use std::path::PathBuf;

/// How an instance is reached by SSH: the `ansible_*` connection variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// `ansible_host`; default: `vm_ip`.
    pub host: String,
    /// `ansible_port`; `None`: as the SSH configuration says, else 22.
    pub port: Option<u16>,
    /// `ansible_user`; default: the first of `vm_users`.
    pub user: Option<String>,
    /// `ansible_ssh_private_key_file`.
    pub private_key_file: Option<PathBuf>,
    /// `ansible_ssh_common_args` and `ansible_ssh_extra_args`, split as a shell would.
    pub ssh_args: Vec<String>,
}
