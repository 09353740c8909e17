use std::{fmt, path::PathBuf, time::Duration};

use super::host_key;

/// A machine and how to log in to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// A name or an address; an alias of the user's SSH configuration works too.
    pub host: String,
    /// The port; `None`: as the SSH configuration says, else 22.
    pub port: Option<u16>,
    /// The user; `None`: as the SSH configuration says, else the local user's name.
    pub user: Option<String>,
    /// The only key to try; `None`: the agent's and the SSH configuration's.
    pub private_key_file: Option<PathBuf>,
    /// The socket of the agent that is asked where no key is named; `None`: OpenSSH
    /// finds one in its environment.
    pub agent: Option<PathBuf>,
    /// More arguments for ssh (`-o`, `ProxyJump=gate`). They can't weaken the
    /// checks of the host key.
    pub ssh_args: Vec<String>,
    /// The file with pinned host keys. Where it has a key for the host, no other
    /// file is looked at; else the user's and the system's known_hosts count as well.
    pub known_hosts: PathBuf,
    /// How long a connection may take, until login.
    pub connect_timeout: Duration,
}

impl Target {
    /// Returns the names under which known_hosts may hold this host.
    pub(super) fn known_hosts_name(&self) -> String {
        host_key::name(&self.host, self.port.unwrap_or(22))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)?;
        match self.port {
            Some(port) => write!(f, " port {port}"),
            None => Ok(()),
        }
    }
}
