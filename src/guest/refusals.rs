use crate::{
    inventory::Instance,
    plan::{Diagnostic, Failure, FailureKind},
};

use super::{desired::Desired, observed::Observed};

/// Refuses when anything in the instance's way isn't ours, or can't be as the
/// inventory wants it.
///
/// # Errors
/// Refused, with what was found and what to do; invalid for the network and the
/// address.
pub fn refuse_foreign(
    instance: &Instance,
    desired: &Desired,
    observed: &Observed,
) -> Result<(), Failure> {
    refuse_domain(instance, observed)?;
    let refuse =
        |what: String, hint: String| Err(Failure::new(FailureKind::Refused, what).hint(hint));
    let uri = &instance.hypervisor;
    if let Some(other) = &observed.renamed {
        return refuse(
            format!(
                "the instance runs as domain {other:?} already, the inventory calls it {:?}",
                instance.domain
            ),
            format!(
                "swarmctl stop {}, then virsh -c '{uri}' domrename '{other}' '{}'; or set vm_domain back",
                instance.name, instance.domain
            ),
        );
    }
    if let Some(other) = &observed.disk_user {
        return refuse(
            format!(
                "domain {other:?} uses the disk {}",
                desired.disk_path.display()
            ),
            "set vm_disk_path to another file".to_owned(),
        );
    }
    if let Some(other) = &observed.mac_user {
        return refuse(
            format!("domain {other:?} has the MAC {} already", instance.mac),
            "set vm_mac to another address".to_owned(),
        );
    }
    refuse_disk(instance, desired, observed)?;
    check_network(instance, observed)
}

/// Refuses a domain of the wanted name that swarmctl didn't make, or made for
/// another instance.
///
/// # Errors
/// Refused, with whose it is.
pub fn refuse_domain(instance: &Instance, observed: &Observed) -> Result<(), Failure> {
    if observed.domain.is_none() {
        return Ok(());
    }
    let (domain, uri) = (&instance.domain, &instance.hypervisor);
    match observed.metadata() {
        None => Err(Failure::new(
            FailureKind::Refused,
            format!("a domain {domain:?} exists that swarmctl did not make"),
        )
        .hint(format!(
            "look at it with `virsh -c '{uri}' dumpxml '{domain}'`; set vm_domain to another name, or remove that domain yourself"
        ))),
        Some(metadata) if metadata.instance != instance.name => Err(Failure::new(
            FailureKind::Refused,
            format!(
                "domain {domain:?} belongs to instance {} of the fleet {}",
                metadata.instance, metadata.fleet
            ),
        )
        .hint("set vm_domain to another name")),
        Some(_) => Ok(()),
    }
}

/// A disk without our domain is only ours when it lies over our base image and
/// our seed is beside it, as `destroy --keep-disk` leaves them.
fn refuse_disk(instance: &Instance, desired: &Desired, observed: &Observed) -> Result<(), Failure> {
    let Some(disk) = &observed.disk else {
        return Ok(());
    };
    if observed.domain.is_some() {
        return Ok(());
    }
    let base = desired
        .base_volume
        .as_ref()
        .map(|base| desired.seed_pool.path.join(base));
    let over_ours =
        base.is_some() && disk.backing_path.as_ref().map(std::path::PathBuf::from) == base;
    let seed_ours = observed
        .seed_facts
        .as_ref()
        .is_some_and(|seed| seed.instance == instance.name);
    if over_ours && seed_ours {
        return Ok(());
    }
    Err(Failure::new(
        FailureKind::Refused,
        format!(
            "the file {} exists and swarmctl did not make it",
            desired.disk_path.display()
        ),
    )
    .hint("set vm_disk_path to another file, or move that file away yourself"))
}

fn check_network(instance: &Instance, observed: &Observed) -> Result<(), Failure> {
    let name = &instance.network;
    let blame = |variable: &str, message: String| {
        Diagnostic::error(instance.places.get(variable).cloned(), message)
    };
    let Some(network) = &observed.network else {
        return Err(Failure::invalid(
            blame(
                "vm_network",
                format!("network {name} does not exist on {}", instance.hypervisor),
            )
            .hint(format!(
                "virsh -c '{}' net-list --all shows what there is; the usual one comes with `apt-get install libvirt-daemon-config-network`",
                instance.hypervisor
            )),
        ));
    };
    if let Some(net) = network.address
        && !net.contains(&std::net::IpAddr::V4(instance.ip))
    {
        return Err(Failure::invalid(
            blame(
                "vm_ip",
                format!(
                    "vm_ip {} is outside of network {name}, which has {}",
                    instance.ip,
                    net.trunc()
                ),
            )
            .hint(format!("choose an address in {}", net.trunc())),
        ));
    }
    if let Some(net) = network.address {
        let (ip, whose) = (
            std::net::IpAddr::V4(instance.ip),
            [
                (net.addr(), "the hypervisor's own address in"),
                (net.network(), "the name of"),
                (net.broadcast(), "the broadcast address of"),
            ],
        );
        if let Some((_, whose)) = whose.into_iter().find(|(taken, _)| *taken == ip) {
            return Err(Failure::invalid(
                blame("vm_ip", format!("vm_ip {ip} is {whose} network {name}"))
                    .hint(format!("choose another address in {}", net.trunc())),
            ));
        }
    }
    let taken = network.reservations.iter().find(|r| {
        r.ip == instance.ip
            && !r.mac.eq_ignore_ascii_case(&instance.mac)
            && r.name.as_deref() != Some(instance.hostname.as_str())
    });
    match taken {
        None => Ok(()),
        Some(other) => Err(Failure::new(
            FailureKind::Refused,
            format!(
                "network {name} reserves {} for {} ({})",
                instance.ip,
                other.mac,
                other.name.as_deref().unwrap_or("without a name")
            ),
        )
        .hint(format!(
            "choose another vm_ip, or remove that reservation: virsh -c '{}' net-edit {name}",
            instance.hypervisor
        ))),
    }
}
