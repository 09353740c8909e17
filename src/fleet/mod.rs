//! The fleet directory on disk: where its files are, the defaults built into the
//! binary, and `.swarm/`, which holds pinned host keys, locks and the journal.
//!
//! Must not know what the files mean, hosts, libvirt or the terminal. Losing
//! `.swarm/` loses nothing but history: host keys are pinned again, the rest is
//! learned again.

mod builtin;
mod directory;
mod error;
mod file_name;
mod hypervisors;
mod init;
mod known_hosts;
mod lock;
mod state;
mod write;

pub use builtin::{Builtin, builtin, builtin_text};
pub use directory::FleetDir;
pub use error::FleetError;
pub use file_name::safe_file_name;
pub use hypervisors::{Hypervisors, LearnedDomainType};
pub use init::init;
pub use known_hosts::{HostName, KnownHosts, Pin};
pub use lock::{Holder, InstanceLock};
pub use state::StateDir;
pub use write::write_atomic;
