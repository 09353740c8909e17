use std::{fmt, io};

use thiserror::Error;
use virt::error::{ErrorDomain, ErrorNumber};

/// What kind of thing a call was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The hypervisor itself.
    Hypervisor,
    /// A domain.
    Domain,
    /// A storage pool.
    Pool,
    /// A storage volume.
    Volume,
    /// A virtual network.
    Network,
    /// An address that a network's DHCP reserves.
    Reservation,
    /// A directory on the hypervisor.
    Directory,
    /// A disk or interface of a domain.
    Device,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hypervisor => "hypervisor",
            Self::Domain => "domain",
            Self::Pool => "pool",
            Self::Volume => "volume",
            Self::Network => "network",
            Self::Reservation => "reservation",
            Self::Directory => "directory",
            Self::Device => "device",
        })
    }
}

/// libvirt's own words about an error.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Cause {
    /// libvirt's error number, as its name.
    /// <https://libvirt.org/html/libvirt-virterror.html#virErrorNumber>
    pub code: ErrorNumber,
    /// The part of libvirt that it comes from.
    pub domain: ErrorDomain,
    /// What it said, as a lower-case fragment.
    pub message: String,
}

impl Cause {
    pub(super) fn from_virt(error: &virt::error::Error) -> Self {
        Self {
            code: error.code(),
            domain: error.domain(),
            message: fragment(error.message()),
        }
    }

    /// Returns a cause that this program found itself.
    pub(super) fn own(code: ErrorNumber, message: impl Into<String>) -> Self {
        Self {
            code,
            domain: ErrorDomain::None,
            message: message.into(),
        }
    }
}

/// Why a call to libvirt did not work. Each is a fragment that fits after
/// "failed to"; libvirt's own words are its source.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HypervisorError {
    /// libvirt's client library is not installed here, or can't be used.
    #[error("load {library}")]
    NoLibrary {
        /// Its file name.
        library: &'static str,
        /// What the dynamic linker said.
        #[source]
        cause: Cause,
    },
    /// The daemon is down, its socket is missing, ssh failed, or no answer came in time.
    #[error("reach libvirt at {uri}")]
    Unreachable {
        /// Where libvirt should be.
        uri: String,
        /// What libvirt or the clock said.
        #[source]
        cause: Cause,
    },
    /// The user has no permission.
    #[error("get permission to {action}")]
    Denied {
        /// Where libvirt is.
        uri: String,
        /// What was tried.
        action: String,
        /// What libvirt said.
        #[source]
        cause: Cause,
    },
    /// What was named does not exist.
    #[error("find the {kind} `{name}`")]
    NoSuch {
        /// What kind of thing is missing.
        kind: Kind,
        /// Its name.
        name: String,
    },
    /// Something of this name exists already.
    #[error("{action}: it exists already")]
    Exists {
        /// What was tried.
        action: String,
        /// What kind of thing exists.
        kind: Kind,
        /// Its name.
        name: String,
        /// What libvirt said.
        #[source]
        cause: Cause,
    },
    /// The file system behind a pool is full.
    #[error("{action}: no space left")]
    NoSpace {
        /// What was tried.
        action: String,
        /// What kind of thing was written.
        kind: Kind,
        /// Its name.
        name: String,
        /// What libvirt said.
        #[source]
        cause: Cause,
    },
    /// A network that a domain needs is not defined or not active.
    #[error("{action}: its network is missing")]
    NetworkMissing {
        /// What was tried.
        action: String,
        /// The network's name, where libvirt tells it.
        network: Option<String>,
        /// What libvirt said.
        #[source]
        cause: Cause,
    },
    /// It is not in a state that allows this, such as stopping what is not running.
    #[error("{action} in its present state")]
    WrongState {
        /// What was tried.
        action: String,
        /// What libvirt said.
        #[source]
        cause: Cause,
    },
    /// libvirt does not accept a document or an argument.
    #[error("{action}: libvirt rejects it")]
    Rejected {
        /// What was tried.
        action: String,
        /// What libvirt said.
        #[source]
        cause: Cause,
    },
    /// This hypervisor can't do that.
    #[error("{action}: the hypervisor does not support it")]
    Unsupported {
        /// What was tried.
        action: String,
        /// What libvirt said.
        #[source]
        cause: Cause,
    },
    /// The near end of a transfer could not be read or written.
    #[error("{action}")]
    Io {
        /// What was tried.
        action: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Any other error of libvirt.
    #[error("{action}")]
    Other {
        /// What was tried.
        action: String,
        /// libvirt's error number.
        code: ErrorNumber,
        /// What libvirt said.
        #[source]
        cause: Cause,
    },
}

impl HypervisorError {
    /// Returns whether what was named does not exist.
    pub fn is_no_such(&self) -> bool {
        matches!(self, Self::NoSuch { .. })
    }
}

/// Returns libvirt's sentence as one lower-case fragment; acronyms keep their case.
fn fragment(message: &str) -> String {
    let lines = message
        .lines()
        .map(|line| line.trim().trim_end_matches('.'));
    // ssh's own complaints come in several lines.
    let message = lines
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("; ");
    let mut chars = message.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => first
            .to_lowercase()
            .chain(message.chars().skip(1))
            .collect(),
        _ => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_are_lower_case_but_keep_acronyms() {
        assert_eq!(fragment("Domain not found."), "domain not found");
        assert_eq!(fragment("XML error: x"), "XML error: x");
        assert_eq!(
            fragment("Cannot recv data: a.\nb: c\n"),
            "cannot recv data: a; b: c"
        );
    }
}
