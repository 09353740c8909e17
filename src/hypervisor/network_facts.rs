use std::net::IpAddr;

use ipnet::IpNet;
use roxmltree::Node;
use serde::{Serialize, Serializer};

use super::{
    error::HypervisorError,
    xml::{at, attribute, child, children, escape, parse, text},
};

/// An address that a network's DHCP keeps for one guest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reservation {
    /// The guest's MAC address.
    pub mac: String,
    /// The address it gets.
    pub ip: IpAddr,
    /// The host name it is known by.
    pub name: Option<String>,
}

impl Reservation {
    /// Returns whether libvirt would refuse to hold both: they share a MAC address,
    /// an IP address or a name.
    pub fn conflicts(&self, other: &Self) -> bool {
        self.mac.eq_ignore_ascii_case(&other.mac)
            || self.ip == other.ip
            || (self.name.is_some() && self.name == other.name)
    }

    /// Returns whether both say the same.
    pub fn same(&self, other: &Self) -> bool {
        self.mac.eq_ignore_ascii_case(&other.mac) && self.ip == other.ip && self.name == other.name
    }

    pub(super) fn xml(&self) -> String {
        let name = self
            .name
            .as_deref()
            .map(|name| format!(" name='{}'", escape(name)))
            .unwrap_or_default();
        format!("<host mac='{}'{name} ip='{}'/>", escape(&self.mac), self.ip)
    }
}

/// What is known about one virtual network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NetworkFacts {
    /// Its name.
    pub name: String,
    /// Whether it is active.
    pub active: bool,
    /// Whether it becomes active with its hypervisor.
    pub autostart: bool,
    /// Its bridge on the hypervisor.
    pub bridge: Option<String>,
    /// Its forward mode, such as `nat`; an isolated network has none.
    pub forward: Option<String>,
    /// The hypervisor's own IPv4 address in it, with the prefix.
    #[serde(serialize_with = "as_text")]
    pub address: Option<IpNet>,
    /// The first and last IPv4 address that its DHCP hands out.
    pub dhcp_range: Option<(IpAddr, IpAddr)>,
    /// Its reservations: those in force if it is active, else those defined.
    pub reservations: Vec<Reservation>,
}

fn as_text<S: Serializer>(net: &Option<IpNet>, serializer: S) -> Result<S::Ok, S::Error> {
    match net {
        Some(net) => serializer.collect_str(net),
        None => serializer.serialize_none(),
    }
}

impl NetworkFacts {
    pub(super) fn read(xml: &str, active: bool, autostart: bool) -> Result<Self, HypervisorError> {
        let document = parse(xml)?;
        let root = document.root_element();
        let v4 = ipv4(root);
        let range = v4.and_then(|ip| at(ip, &["dhcp", "range"])).and_then(|r| {
            let end = |name| r.attribute(name)?.parse().ok();
            Some((end("start")?, end("end")?))
        });
        Ok(Self {
            name: text(root, &["name"]).unwrap_or_default(),
            active,
            autostart,
            bridge: attribute(root, &["bridge"], "name"),
            forward: child(root, "forward")
                .map(|node| node.attribute("mode").unwrap_or("nat").to_owned()),
            address: v4.and_then(address),
            dhcp_range: range,
            reservations: reservations(root),
        })
    }
}

/// Returns the first `<ip>` of family IPv4, which is the default.
fn ipv4<'a, 'i>(root: Node<'a, 'i>) -> Option<Node<'a, 'i>> {
    children(root, "ip").find(|ip| ip.attribute("family").unwrap_or("ipv4") == "ipv4")
}

fn address(ip: Node<'_, '_>) -> Option<IpNet> {
    let address: IpAddr = ip.attribute("address")?.parse().ok()?;
    if let Some(prefix) = ip.attribute("prefix") {
        return IpNet::new(address, prefix.parse().ok()?).ok();
    }
    let mask: IpAddr = ip.attribute("netmask")?.parse().ok()?;
    IpNet::with_netmask(address, mask).ok()
}

/// Reads the reservations in a network's document. Entries without a MAC address (a
/// DHCPv6 host is known by its id) are none that swarmctl makes, and are left out.
fn reservations(root: Node<'_, '_>) -> Vec<Reservation> {
    children(root, "ip")
        .filter_map(|ip| child(ip, "dhcp"))
        .flat_map(|dhcp| children(dhcp, "host"))
        .filter_map(|host| {
            Some(Reservation {
                mac: host.attribute("mac")?.to_owned(),
                ip: host.attribute("ip")?.parse().ok()?,
                name: host.attribute("name").map(str::to_owned),
            })
        })
        .collect()
}

/// Reads the reservations of a network's document.
pub(super) fn reservations_in(xml: &str) -> Result<Vec<Reservation>, HypervisorError> {
    Ok(reservations(parse(xml)?.root_element()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAB: &str = "<network><name>lab</name><forward mode='nat'/><bridge name='virbr0'/>
        <ip address='192.168.122.1' netmask='255.255.255.0'><dhcp>
          <range start='192.168.122.2' end='192.168.122.254'/>
          <host mac='52:54:00:01:00:71' name='zap' ip='192.168.122.182'/>
          <host mac='52:54:00:01:00:72' ip='192.168.122.183'/></dhcp></ip>
        <ip family='ipv6' address='fd00::1' prefix='64'/></network>";

    #[test]
    fn a_network_is_read() {
        let facts = NetworkFacts::read(LAB, true, false).unwrap();
        assert_eq!(facts.address.unwrap().to_string(), "192.168.122.1/24");
        assert_eq!(facts.dhcp_range.unwrap().1.to_string(), "192.168.122.254");
        assert_eq!(facts.reservations.len(), 2);
        assert_eq!(facts.reservations[0].name.as_deref(), Some("zap"));
        assert_eq!(facts.reservations[1].name, None);
    }

    #[test]
    fn reservations_conflict_by_any_part() {
        let zap = &reservations_in(LAB).unwrap()[0];
        let other = |mac: &str, ip: &str, name: &str| Reservation {
            mac: mac.to_owned(),
            ip: ip.parse().unwrap(),
            name: Some(name.to_owned()),
        };
        assert!(zap.conflicts(&other("52:54:00:01:00:71", "192.168.122.9", "b")));
        assert!(zap.conflicts(&other("52:54:00:01:00:99", "192.168.122.182", "b")));
        assert!(zap.conflicts(&other("52:54:00:01:00:99", "192.168.122.9", "zap")));
        assert!(!zap.conflicts(&other("52:54:00:01:00:99", "192.168.122.9", "b")));
    }
}
