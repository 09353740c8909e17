use std::net::IpAddr;

use serde::Serialize;
use virt::sys;

use super::{
    Hypervisor,
    error::{HypervisorError, Kind},
};

/// An address that a guest got from a network's DHCP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Address {
    /// The MAC address of the guest's interface.
    pub mac: String,
    /// The address it got.
    pub ip: IpAddr,
    /// The network's prefix length.
    pub prefix: u8,
}

impl Hypervisor {
    /// Returns the addresses that a running domain holds by lease.
    ///
    /// # Errors
    /// `NoSuch`; `WrongState` when it is off.
    pub async fn domain_addresses(&self, name: &str) -> Result<Vec<Address>, HypervisorError> {
        let name = name.to_owned();
        self.run(move |job| {
            let domain = job.domain(&name)?;
            let interfaces = job.on("read the leases of", Kind::Domain, &name, || {
                domain.interface_addresses(sys::VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE, 0)
            })?;
            Ok(interfaces
                .into_iter()
                .flat_map(|interface| {
                    let mac = interface.hwaddr;
                    interface.addrs.into_iter().filter_map(move |address| {
                        Some(Address {
                            mac: mac.clone(),
                            ip: address.addr.parse().ok()?,
                            prefix: u8::try_from(address.prefix).ok()?,
                        })
                    })
                })
                .collect())
        })
        .await
    }
}
