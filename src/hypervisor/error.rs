use std::{fmt, io};

use thiserror::Error;
use virt::error::{ErrorDomain, ErrorNumber};

use super::uri::ssh_host;

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
    #[error("get permission from libvirt at {uri} to {action}")]
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

/// What was being done, to which thing: the frame for an error.
pub(super) struct Attempt<'a> {
    pub(super) uri: &'a str,
    pub(super) verb: &'a str,
    pub(super) kind: Kind,
    pub(super) name: &'a str,
}

impl Attempt<'_> {
    pub(super) fn action(&self) -> String {
        format!("{} the {} `{}`", self.verb, self.kind, self.name)
    }

    /// Returns the error that `error` means for this attempt.
    pub(super) fn failed(&self, error: &virt::error::Error) -> HypervisorError {
        self.classify(Cause::from_virt(error))
    }

    /// Returns the error of an argument that libvirt must not even see.
    pub(super) fn rejected(&self, message: impl Into<String>) -> HypervisorError {
        HypervisorError::Rejected {
            action: self.action(),
            cause: Cause::own(ErrorNumber::InvalidArg, message),
        }
    }

    pub(super) fn no_such(&self) -> HypervisorError {
        HypervisorError::NoSuch {
            kind: self.kind,
            name: self.name.to_owned(),
        }
    }

    fn classify(&self, cause: Cause) -> HypervisorError {
        use ErrorNumber as N;
        let action = self.action();
        let uri = self.uri.to_owned();
        match cause.code {
            N::NoDomain if self.kind == Kind::Domain => self.no_such(),
            N::NoStoragePool if self.kind == Kind::Pool => self.no_such(),
            N::NoStorageVolume if self.kind == Kind::Volume => self.no_such(),
            N::NoNetwork if self.kind == Kind::Network => self.no_such(),
            N::NoNetwork => self.network_missing(cause),
            // A domain whose network is defined but stopped fails to start with this.
            N::OperationInvalid
                if cause.domain == ErrorDomain::Network && self.kind == Kind::Domain =>
            {
                self.network_missing(cause)
            }
            N::DomExist | N::NetworkExist | N::StorageVolExist | N::StoragePoolBuilt => {
                self.exists(cause)
            }
            N::AuthFailed
            | N::AuthCancelled
            | N::AuthUnavailable
            | N::AccessDenied
            | N::OperationDenied => HypervisorError::Denied { uri, action, cause },
            N::NoConnect
            | N::UnknownHost
            | N::InvalidConn
            | N::Ssh
            | N::Libssh
            | N::NoServer
            | N::GnutlsError => HypervisorError::Unreachable { uri, cause },
            _ if matches!(
                cause.domain,
                ErrorDomain::Rpc | ErrorDomain::Remote | ErrorDomain::Ssh | ErrorDomain::Libssh
            ) && matches!(cause.code, N::SystemError | N::InternalError | N::Rpc) =>
            {
                self.transport_failed(cause)
            }
            N::OperationInvalid => HypervisorError::WrongState { action, cause },
            N::XmlError
            | N::XmlDetail
            | N::XmlInvalidSchema
            | N::ConfigUnsupported
            | N::ParseFailed
            | N::InvalidMac
            | N::InvalidArg => HypervisorError::Rejected { action, cause },
            N::NoSupport | N::OperationUnsupported | N::ArgumentUnsupported => {
                HypervisorError::Unsupported { action, cause }
            }
            _ => self.by_message(cause),
        }
    }

    /// Sorts the failures of the socket or of ssh. libvirt has one number for all
    /// of them, so its words must do.
    fn transport_failed(&self, cause: Cause) -> HypervisorError {
        let denied = cause.message.contains("Permission denied")
            // ssh's own refusal lists its methods: "Permission denied (publickey)".
            && !cause.message.contains("Permission denied (");
        let uri = self.uri.to_owned();
        if denied {
            HypervisorError::Denied {
                uri,
                action: self.action(),
                cause,
            }
        } else {
            HypervisorError::Unreachable { uri, cause }
        }
    }

    /// Sorts by words, the last resort: neither the errno of a system error nor the
    /// name clash behind "operation failed" has a number of its own.
    fn by_message(&self, cause: Cause) -> HypervisorError {
        let says = |text: &str| cause.message.contains(text);
        let action = self.action();
        if says("No space left on device") || says("Disk quota exceeded") {
            HypervisorError::NoSpace {
                action,
                kind: self.kind,
                name: self.name.to_owned(),
                cause,
            }
        } else if cause.code == ErrorNumber::OperationFailed && says("already exists") {
            self.exists(cause)
        } else {
            HypervisorError::Other {
                action,
                code: cause.code,
                cause,
            }
        }
    }

    pub(super) fn exists(&self, cause: Cause) -> HypervisorError {
        HypervisorError::Exists {
            action: self.action(),
            kind: self.kind,
            name: self.name.to_owned(),
            cause,
        }
    }

    fn network_missing(&self, cause: Cause) -> HypervisorError {
        HypervisorError::NetworkMissing {
            action: self.action(),
            network: quoted(&cause.message),
            cause,
        }
    }
}

impl HypervisorError {
    /// Returns whether what was named does not exist.
    pub fn is_no_such(&self) -> bool {
        matches!(self, Self::NoSuch { .. })
    }

    /// Returns the next command to run, where there is one.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unreachable { uri, cause } => Some(unreachable_hint(uri, cause)),
            Self::Denied { uri, .. } => Some(match ssh_host(uri) {
                Some(host) => format!(
                    "on {host}: `sudo usermod -aG libvirt USER`, then try `ssh {host} virsh -c qemu:///system list`"
                ),
                None => "`sudo usermod -aG libvirt $USER`, then log in again".to_owned(),
            }),
            Self::NoSuch { kind, .. } => match kind {
                Kind::Domain => Some("`virsh list --all` shows the domains".to_owned()),
                Kind::Pool => Some("`virsh pool-list --all` shows the pools".to_owned()),
                Kind::Network => Some("`virsh net-list --all` shows the networks".to_owned()),
                _ => None,
            },
            Self::NoSpace { kind, name, .. } => Some(match kind {
                Kind::Pool => format!("`virsh pool-info '{name}'` shows what is left"),
                _ => "`virsh pool-list --details` shows what is left in each pool".to_owned(),
            }),
            Self::NetworkMissing { network, .. } => Some(match network {
                Some(network) => format!(
                    "`virsh net-start '{network}'`, or `virsh net-list --all` and `vm_network`"
                ),
                None => "`virsh net-list --all` shows the networks".to_owned(),
            }),
            Self::Exists { kind, .. } => match kind {
                Kind::Domain => Some("`virsh list --all` shows the domains".to_owned()),
                Kind::Reservation => Some(
                    "give the instance another `vm_ip`, `vm_mac` or `vm_hostname`, or remove the \
                     entry with `virsh net-edit`"
                        .to_owned(),
                ),
                _ => None,
            },
            Self::Rejected { .. } => Some("`swarmctl check` looks for mistakes".to_owned()),
            _ => None,
        }
    }
}

fn unreachable_hint(uri: &str, cause: &Cause) -> String {
    if let Some(host) = ssh_host(uri) {
        return format!("try `ssh {host} virsh -c qemu:///system list`");
    }
    if cause.code == ErrorNumber::NoConnect {
        return format!("check the URI: `virsh -c '{uri}' uri`");
    }
    if cause.code == ErrorNumber::OperationTimeout {
        return "`journalctl -u libvirtd -n 50` shows what the daemon is doing".to_owned();
    }
    "start the daemon: `sudo systemctl start libvirtd`".to_owned()
}

/// Returns the first text in single quotes.
fn quoted(message: &str) -> Option<String> {
    let (_, rest) = message.split_once('\'')?;
    let (name, _) = rest.split_once('\'')?;
    Some(name.to_owned())
}

/// Returns libvirt's sentence as a lower-case fragment; acronyms keep their case.
fn fragment(message: &str) -> String {
    let message = message.trim().trim_end_matches('.');
    let mut chars = message.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => first
            .to_lowercase()
            .chain(message.chars().skip(1))
            .collect(),
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classify(
        kind: Kind,
        uri: &str,
        code: ErrorNumber,
        domain: ErrorDomain,
        message: &str,
    ) -> HypervisorError {
        Attempt {
            uri,
            verb: "start",
            kind,
            name: "zap [claw]",
        }
        .classify(Cause {
            code,
            domain,
            message: message.to_owned(),
        })
    }

    const LOCAL: &str = "qemu:///system";

    #[test]
    fn a_socket_tells_missing_from_forbidden() {
        let missing = classify(
            Kind::Hypervisor,
            LOCAL,
            ErrorNumber::SystemError,
            ErrorDomain::Rpc,
            "failed to connect socket to '/x': No such file or directory",
        );
        assert!(matches!(missing, HypervisorError::Unreachable { .. }));
        assert!(missing.hint().unwrap().contains("systemctl start libvirtd"));
        let forbidden = classify(
            Kind::Hypervisor,
            LOCAL,
            ErrorNumber::SystemError,
            ErrorDomain::Rpc,
            "failed to connect socket to '/x': Permission denied",
        );
        assert!(matches!(forbidden, HypervisorError::Denied { .. }));
        assert!(forbidden.hint().unwrap().contains("usermod"));
    }

    #[test]
    fn ssh_refusing_a_key_is_unreachable() {
        let error = classify(
            Kind::Hypervisor,
            "qemu+ssh://root@far/system",
            ErrorNumber::SystemError,
            ErrorDomain::Rpc,
            "cannot recv data: root@far: Permission denied (publickey).: Connection reset by peer",
        );
        assert!(matches!(error, HypervisorError::Unreachable { .. }));
        assert!(error.hint().unwrap().contains("ssh root@far"));
    }

    #[test]
    fn a_domain_without_its_network_names_the_network() {
        for (code, domain, message) in [
            (
                ErrorNumber::NoNetwork,
                ErrorDomain::Network,
                "network not found: no network with matching name 'lab'",
            ),
            (
                ErrorNumber::OperationInvalid,
                ErrorDomain::Network,
                "network 'lab' is not active",
            ),
        ] {
            let error = classify(Kind::Domain, LOCAL, code, domain, message);
            let HypervisorError::NetworkMissing { network, .. } = &error else {
                panic!("{error:?}");
            };
            assert_eq!(network.as_deref(), Some("lab"));
            assert!(error.hint().unwrap().contains("net-start 'lab'"));
        }
    }

    #[test]
    fn a_full_disk_is_seen_behind_a_system_error() {
        let error = classify(
            Kind::Volume,
            LOCAL,
            ErrorNumber::SystemError,
            ErrorDomain::Storage,
            "cannot write: No space left on device",
        );
        assert!(matches!(error, HypervisorError::NoSpace { .. }));
    }

    #[test]
    fn fragments_are_lower_case_but_keep_acronyms() {
        assert_eq!(fragment("Domain not found."), "domain not found");
        assert_eq!(fragment("XML error: x"), "XML error: x");
    }
}
