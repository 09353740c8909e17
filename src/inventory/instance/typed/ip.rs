use std::net::Ipv4Addr;

use super::{Problem, scalar};
use crate::inventory::Node;

/// Returns an IPv4 address that a guest can have.
pub fn ip(node: &Node) -> Result<Ipv4Addr, Problem> {
    let wrong = || Problem::expected("an IPv4 address", node);
    let text = scalar::text(node).map_err(|_| wrong())?;
    if let Some((address, _)) = text.split_once('/')
        && address.parse::<Ipv4Addr>().is_ok()
    {
        return Err(wrong().hint(format!("write {address}; the network knows its own prefix")));
    }
    let ip: Ipv4Addr = text
        .trim()
        .parse()
        .map_err(|_| wrong().hint("write four numbers from 0 to 255: 192.168.122.182"))?;
    if ip.is_unspecified() || ip.is_loopback() || ip.is_multicast() || ip.is_broadcast() {
        return Err(Problem::expected("an address that a guest can have", node)
            .hint("take one of the libvirt network's own range (virsh net-dumpxml default)"));
    }
    Ok(ip)
}
