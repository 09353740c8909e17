//! Reserving addresses in a network's DHCP. libvirt can add and delete entries but not
//! replace them, and keeps two lists: the one in force and the one defined.
//! <https://libvirt.org/html/libvirt-libvirt-network.html#virNetworkUpdate>

use virt::{error::ErrorNumber, network::Network, sys};

use super::{
    Hypervisor, NetworkFacts, Reservation,
    connection::Job,
    error::{Cause, HypervisorError, Kind},
    network_facts::reservations_in,
};

/// One of the two lists.
#[derive(Clone, Copy)]
struct Scope {
    xml: u32,
    update: u32,
}

const DEFINED: Scope = Scope {
    xml: sys::VIR_NETWORK_XML_INACTIVE,
    update: sys::VIR_NETWORK_UPDATE_AFFECT_CONFIG,
};

const IN_FORCE: Scope = Scope {
    xml: 0,
    update: sys::VIR_NETWORK_UPDATE_AFFECT_LIVE,
};

impl Hypervisor {
    /// Reserves an address: in the network's definition and, if it is active, at once.
    /// Entries that share a MAC address, IP address or name with it are removed when
    /// `ours` says so. Returns whether anything had to change.
    ///
    /// # Errors
    /// `NoSuch` for the network; `Exists` when an entry in the way is not ours, and
    /// then nothing was changed; `Rejected` when the address is not of the network.
    pub async fn set_reservation(
        &self,
        network: &str,
        wanted: Reservation,
        ours: impl Fn(&Reservation) -> bool + Send + 'static,
    ) -> Result<bool, HypervisorError> {
        let name = network.to_owned();
        self.run(move |job| {
            let network = job.network(&name)?;
            check_address(job, &network, &name, &wanted)?;
            let scopes = scopes(job, &network, &name)?;
            let mut changes = Vec::new();
            // Both lists are judged before either is changed.
            for scope in scopes {
                let entries = entries(job, &network, &name, scope)?;
                if entries.iter().any(|entry| entry.same(&wanted)) {
                    continue;
                }
                let in_the_way: Vec<_> = entries
                    .into_iter()
                    .filter(|entry| entry.conflicts(&wanted))
                    .collect();
                if let Some(foreign) = in_the_way.iter().find(|entry| !ours(entry)) {
                    return Err(taken(job, &wanted, foreign));
                }
                changes.push((scope, in_the_way));
            }
            let changed = !changes.is_empty();
            for (scope, in_the_way) in changes {
                for entry in &in_the_way {
                    remove(job, &network, &name, scope, entry)?;
                }
                update(
                    job,
                    &network,
                    &name,
                    scope,
                    sys::VIR_NETWORK_UPDATE_COMMAND_ADD_LAST,
                    &wanted,
                )?;
            }
            Ok(changed)
        })
        .await
    }

    /// Removes a reservation with that MAC and IP address from both lists, and returns
    /// whether there was one.
    ///
    /// # Errors
    /// `NoSuch` for the network.
    pub async fn remove_reservation(
        &self,
        network: &str,
        reservation: &Reservation,
    ) -> Result<bool, HypervisorError> {
        let (name, gone) = (network.to_owned(), reservation.clone());
        self.run(move |job| {
            let network = job.network(&name)?;
            let mut changed = false;
            for scope in scopes(job, &network, &name)? {
                for entry in entries(job, &network, &name, scope)? {
                    if entry.ip == gone.ip && entry.mac.eq_ignore_ascii_case(&gone.mac) {
                        remove(job, &network, &name, scope, &entry)?;
                        changed = true;
                    }
                }
            }
            Ok(changed)
        })
        .await
    }
}

/// libvirt itself takes any address, and its DHCP server then never hands it out.
fn check_address(
    job: &Job,
    network: &Network,
    name: &str,
    wanted: &Reservation,
) -> Result<(), HypervisorError> {
    let xml = job.on_network("look at", name, || network.get_xml_desc(0))?;
    let Some(own) = NetworkFacts::read(&xml, true, false)?.address else {
        return Ok(());
    };
    let why = if wanted.ip == own.addr() {
        format!("it is the hypervisor's own in the network `{name}`")
    } else if wanted.ip.is_ipv4() && !own.contains(&wanted.ip) {
        format!("it is outside of {}, the network `{name}`", own.trunc())
    } else {
        return Ok(());
    };
    let ip = wanted.ip.to_string();
    Err(job.attempt("make", Kind::Reservation, &ip).rejected(why))
}

fn scopes(job: &Job, network: &Network, name: &str) -> Result<Vec<Scope>, HypervisorError> {
    let mut scopes = Vec::new();
    if job.on_network("look at", name, || network.is_persistent())? {
        scopes.push(DEFINED);
    }
    if job.on_network("look at", name, || network.is_active())? {
        scopes.push(IN_FORCE);
    }
    Ok(scopes)
}

fn entries(
    job: &Job,
    network: &Network,
    name: &str,
    scope: Scope,
) -> Result<Vec<Reservation>, HypervisorError> {
    let read = |flags| job.on_network("look at", name, || network.get_xml_desc(flags));
    let xml = match read(scope.xml) {
        // libvirt's test driver tells only one of the lists.
        Err(HypervisorError::Rejected { .. } | HypervisorError::Unsupported { .. }) => read(0)?,
        xml => xml?,
    };
    reservations_in(&xml)
}

fn remove(
    job: &Job,
    network: &Network,
    name: &str,
    scope: Scope,
    entry: &Reservation,
) -> Result<(), HypervisorError> {
    let command = sys::VIR_NETWORK_UPDATE_COMMAND_DELETE;
    update(job, network, name, scope, command, entry)
}

fn update(
    job: &Job,
    network: &Network,
    name: &str,
    scope: Scope,
    command: u32,
    entry: &Reservation,
) -> Result<(), HypervisorError> {
    // -1 lets libvirt find the <ip> element that the address belongs to.
    const ANY_PARENT: i32 = -1;
    job.on_network("update the reservations of", name, || {
        network.update(
            command,
            sys::VIR_NETWORK_SECTION_IP_DHCP_HOST,
            ANY_PARENT,
            &entry.xml(),
            scope.update,
        )
    })
}

fn taken(job: &Job, wanted: &Reservation, foreign: &Reservation) -> HypervisorError {
    let wanted_ip = wanted.ip.to_string();
    let name = foreign.name.as_deref().unwrap_or("unnamed");
    let cause = Cause::own(
        ErrorNumber::OperationInvalid,
        format!(
            "the network has `{name}` with {} at {}, which swarmctl didn't make",
            foreign.mac, foreign.ip
        ),
    );
    job.attempt("make", Kind::Reservation, &wanted_ip)
        .exists(cause)
}
