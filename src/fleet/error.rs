use std::{io, path::PathBuf};

use super::Holder;

/// Why something about the fleet directory did not work.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// No fleet directory was found at or above the start.
    #[error("find a fleet directory in {} or above it", start.display())]
    NotFound {
        /// Where the search began.
        start: PathBuf,
    },
    /// The named directory has no inventory.
    #[error("find an inventory in {}", directory.display())]
    NoInventory {
        /// The directory that was named.
        directory: PathBuf,
    },
    /// The named path is no directory.
    #[error("use {} as a fleet directory, since it is no directory", path.display())]
    NotADirectory {
        /// The path that was named.
        path: PathBuf,
    },
    /// Files are in the way of a new fleet.
    #[error("write a new fleet, since {} exists already", list(paths))]
    Exists {
        /// What is in the way.
        paths: Vec<PathBuf>,
    },
    /// A file can't be read.
    #[error("read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A file or directory can't be written.
    #[error("write {}", path.display())]
    Write {
        /// The file or directory.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Another run works on the instance.
    #[error("lock {instance}, since {holder} holds it")]
    Locked {
        /// The instance's inventory name.
        instance: String,
        /// Who holds the lock.
        holder: Box<Holder>,
    },
    /// Another run keeps a file of `.swarm/` locked for longer than a write takes.
    #[error("get the lock {} within {seconds} s", path.display())]
    Busy {
        /// The lock file.
        path: PathBuf,
        /// How long was waited.
        seconds: u64,
    },
    /// A name that `known_hosts` can't hold.
    #[error("pin a key for host {name:?}, which no known_hosts file can hold")]
    HostName {
        /// The name.
        name: String,
    },
    /// A public key that `known_hosts` can't hold.
    #[error("pin the host key of {instance}, which is no OpenSSH public key")]
    HostKey {
        /// The instance's inventory name.
        instance: String,
    },
}

impl FleetError {
    /// Returns what to do next, where that is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotFound { .. } => Some(
                "a fleet directory holds inventory/ (or inventory.yml) next to host_vars/, \
                 group_vars/, playbooks/ or cloud-init/: run `swarmctl init DIR` to write one, \
                 or name yours with -C DIR"
                    .to_owned(),
            ),
            Self::NoInventory { directory } => Some(format!(
                "run `swarmctl init {}` to write an example, or name another directory with -C",
                directory.display()
            )),
            Self::NotADirectory { .. } => Some("name a directory with -C DIR".to_owned()),
            Self::Exists { .. } => Some(
                "name an empty or new directory, or add --force to overwrite these files"
                    .to_owned(),
            ),
            Self::Locked { holder, .. } => Some(match holder.pid {
                Some(pid) => format!("wait until it has ended; `ps -fp {pid}` shows it"),
                None => "wait until the other run has ended".to_owned(),
            }),
            Self::Read { .. }
            | Self::Write { .. }
            | Self::Busy { .. }
            | Self::HostName { .. }
            | Self::HostKey { .. } => None,
        }
    }
}

fn list(paths: &[PathBuf]) -> String {
    let names: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
    names.join(", ")
}
