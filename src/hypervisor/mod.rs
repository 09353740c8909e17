//! libvirt: domains, volumes, pools, networks, and what is known about them.
//!
//! Owns every call to libvirt, local or remote. Must not know OpenClaw, SSH, or what a
//! domain is for: it takes documents and names, and returns plain facts.
//!
//! libvirt's own documentation: <https://libvirt.org/html/index.html>

mod address;
mod bulk;
mod capabilities;
mod classify;
mod connection;
mod console;
mod directory;
mod domain;
mod domain_facts;
mod domain_live;
mod domain_state;
mod domains;
mod error;
mod hint;
mod library;
mod network;
mod network_facts;
mod pool;
mod reservation;
mod stats;
mod transfer;
mod uri;
mod volume;
mod xml;

pub use address::Address;
pub use connection::Hypervisor;
pub use console::{Console, ConsoleInput};
pub use directory::DirectoryAccess;
pub use domain_facts::{DiskFacts, DomainFacts, FilesystemFacts, Firmware, InterfaceFacts};
pub use domain_live::InterfaceTraffic;
pub use domain_state::DomainState;
pub use error::{Cause, HypervisorError, Kind};
pub use network_facts::{NetworkFacts, Reservation};
pub use pool::PoolFacts;
pub use stats::{BlockStats, DomainStats, DomainSummary};
pub use volume::{VolumeFacts, VolumeSpec};
