//! The next command after an error.

use virt::error::ErrorNumber;

use super::{
    error::{Cause, HypervisorError, Kind},
    uri::ssh_arguments,
};

impl HypervisorError {
    /// Returns the next command to run, where there is one.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoLibrary { .. } => Some(
                "`sudo apt-get install libvirt0`, or `libvirt-daemon-system` where the guests shall \
                 run on this machine"
                    .to_owned(),
            ),
            Self::Unreachable { uri, cause } => Some(unreachable_hint(uri, cause)),
            Self::Denied { uri, .. } => Some(match ssh_arguments(uri) {
                Some(host) => format!(
                    "on the hypervisor `sudo usermod -aG libvirt USER`, then try `ssh {host} virsh -c \
                     qemu:///system list`"
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
    if let Some(host) = ssh_arguments(uri) {
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
