//! What libvirt's errors mean: its numbers first, its words where they must do.

use virt::error::{ErrorDomain, ErrorNumber};

use super::error::{Cause, HypervisorError, Kind};

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

/// Returns the first text in single quotes.
fn quoted(message: &str) -> Option<String> {
    let (_, rest) = message.split_once('\'')?;
    let (name, _) = rest.split_once('\'')?;
    Some(name.to_owned())
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
}
