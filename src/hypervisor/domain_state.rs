use std::fmt;

use serde::Serialize;
use virt::sys;

/// What a domain is doing.
/// <https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainState>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DomainState {
    /// It runs.
    Running,
    /// It runs, but waits for a resource.
    Blocked,
    /// It is suspended by a user.
    Paused,
    /// It is shutting down.
    ShuttingDown,
    /// It is off.
    ShutOff,
    /// It crashed.
    Crashed,
    /// It is suspended by the guest's power management.
    Suspended,
    /// libvirt doesn't know.
    Unknown,
}

impl DomainState {
    pub(super) fn from_virt(state: sys::virDomainState) -> Self {
        match state {
            sys::VIR_DOMAIN_RUNNING => Self::Running,
            sys::VIR_DOMAIN_BLOCKED => Self::Blocked,
            sys::VIR_DOMAIN_PAUSED => Self::Paused,
            sys::VIR_DOMAIN_SHUTDOWN => Self::ShuttingDown,
            sys::VIR_DOMAIN_SHUTOFF => Self::ShutOff,
            sys::VIR_DOMAIN_CRASHED => Self::Crashed,
            sys::VIR_DOMAIN_PMSUSPENDED => Self::Suspended,
            _ => Self::Unknown,
        }
    }

    /// Returns whether the domain has a process: it runs, or could go on from where it is.
    pub fn is_active(self) -> bool {
        matches!(
            self,
            Self::Running | Self::Blocked | Self::Paused | Self::ShuttingDown | Self::Suspended
        )
    }
}

impl fmt::Display for DomainState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Running => "running",
            Self::Blocked => "blocked",
            Self::Paused => "paused",
            Self::ShuttingDown => "shutting down",
            Self::ShutOff => "shut off",
            Self::Crashed => "crashed",
            Self::Suspended => "suspended",
            Self::Unknown => "unknown",
        })
    }
}
