//! Facts of interfaces, addresses and routes.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde_json::{Map, Value, json};

use super::facts::Part;

pub(super) fn gather(part: Part<'_>, facts: &mut Map<String, Value>) {
    let mut interfaces: Map<String, Value> = Map::new();
    for line in part("links").unwrap_or_default().lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let [name, mac, mtu, state, kind, special, ..] = words.as_slice() else {
            continue;
        };
        // 1 is Ethernet and 772 the loopback (linux/if_arp.h).
        let kind = match (*special, *kind) {
            ("bridge", _) => "bridge",
            ("bonding", _) => "bonding",
            (_, "1") => "ether",
            (_, "772") => "loopback",
            _ => "unknown",
        };
        let mut link = json!({
            "device": name,
            "mtu": mtu.parse::<i64>().unwrap_or_default(),
            "active": matches!(*state, "up" | "unknown"),
            "type": kind,
        });
        if let Value::Object(link) = &mut link
            && kind != "loopback"
            && *mac != "-"
        {
            link.insert("macaddress".into(), (*mac).into());
        }
        interfaces.insert((*name).to_owned(), link);
    }
    let (mut all4, mut all6) = (Vec::new(), Vec::new());
    for line in part("addresses").unwrap_or_default().lines() {
        address(line, &mut interfaces, &mut all4, &mut all6);
    }
    let names: Vec<Value> = interfaces
        .keys()
        .map(|name| Value::from(name.as_str()))
        .collect();
    let default4 = default(
        part("route4").unwrap_or_default().as_str(),
        &interfaces,
        "ipv4",
    );
    let default6 = default(
        part("route6").unwrap_or_default().as_str(),
        &interfaces,
        "ipv6",
    );
    facts.insert("default_ipv4".into(), default4);
    facts.insert("default_ipv6".into(), default6);
    facts.insert("all_ipv4_addresses".into(), all4.into());
    facts.insert("all_ipv6_addresses".into(), all6.into());
    facts.insert("interfaces".into(), names.into());
    for (name, link) in interfaces {
        let key: String = name
            .chars()
            .map(|c| if c.is_alphanumeric() { c } else { '_' })
            .collect();
        facts.insert(key, link);
    }
    let mut dns = Map::new();
    for line in part("resolv").unwrap_or_default().lines() {
        let mut words = line.split_whitespace();
        match words.next() {
            Some("nameserver") => {
                if let Value::Array(servers) = dns.entry("nameservers").or_insert_with(|| json!([]))
                {
                    servers.extend(words.map(Value::from));
                }
            }
            Some("search") => {
                dns.insert("search".into(), words.map(Value::from).collect());
            }
            Some("domain") => {
                dns.insert("domain".into(), words.next().into());
            }
            _ => {}
        }
    }
    facts.insert("dns".into(), dns.into());
}

/// Reads a line of `ip -o addr`: `2: eth0    inet 192.0.2.5/24 brd 192.0.2.255 scope global eth0`.
fn address(
    line: &str,
    interfaces: &mut Map<String, Value>,
    all4: &mut Vec<Value>,
    all6: &mut Vec<Value>,
) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [_, name, family, with_prefix, ..] = words.as_slice() else {
        return;
    };
    let after = |word: &str| {
        let at = words.iter().position(|one| *one == word)?;
        words.get(at + 1).copied()
    };
    // `eth0@if5` is a link to another namespace.
    let name = name
        .trim_end_matches(':')
        .split('@')
        .next()
        .unwrap_or_default();
    let Some(Value::Object(link)) = interfaces.get_mut(name) else {
        return;
    };
    let (address, prefix) = with_prefix.split_once('/').unwrap_or((with_prefix, "32"));
    match *family {
        "inet" => {
            let mut entry = json!({"address": address, "prefix": prefix, "broadcast": after("brd").unwrap_or("")});
            let net = address
                .parse::<Ipv4Addr>()
                .ok()
                .and_then(|ip| Ipv4Net::new(ip, prefix.parse().ok()?).ok());
            if let (Some(net), Value::Object(entry)) = (net, &mut entry) {
                entry.insert("netmask".into(), net.netmask().to_string().into());
                entry.insert("network".into(), net.network().to_string().into());
            }
            if !address.starts_with("127.") {
                all4.push(address.into());
            }
            if link.contains_key("ipv4") {
                if let Value::Array(more) =
                    link.entry("ipv4_secondaries").or_insert_with(|| json!([]))
                {
                    more.push(entry);
                }
            } else {
                link.insert("ipv4".into(), entry);
            }
        }
        "inet6" => {
            let entry = json!({"address": address, "prefix": prefix, "scope": after("scope").unwrap_or("")});
            if address != "::1" {
                all6.push(address.into());
            }
            if let Value::Array(list) = link.entry("ipv6").or_insert_with(|| json!([])) {
                list.push(entry);
            }
        }
        _ => {}
    }
}

/// Returns what is known of the address that the default route uses.
fn default(routes: &str, interfaces: &Map<String, Value>, family: &str) -> Value {
    let words: Vec<&str> = routes
        .lines()
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let after = |word: &str| {
        let at = words.iter().position(|one| *one == word)?;
        words.get(at + 1).copied()
    };
    let Some(device) = after("dev") else {
        return json!({});
    };
    let mut found = Map::new();
    found.insert("interface".into(), device.into());
    if let Some(gateway) = after("via") {
        found.insert("gateway".into(), gateway.into());
    }
    let link = interfaces.get(device);
    for key in ["macaddress", "mtu", "type"] {
        if let Some(value) = link.and_then(|link| link.get(key)) {
            found.insert(key.into(), value.clone());
        }
    }
    let own = match family {
        "ipv4" => link.and_then(|link| link.get("ipv4")),
        _ => link
            .and_then(|link| link.get("ipv6"))
            .and_then(|list| list.as_array()?.iter().find(|one| one["scope"] == "global")),
    };
    for (key, value) in own.and_then(Value::as_object).into_iter().flatten() {
        found.insert(key.clone(), value.clone());
    }
    found.insert("alias".into(), device.into());
    Value::Object(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_routes_become_facts() {
        let part = |name: &str| {
            Some(match name {
                "links" => "eth0 52:54:00:00:00:01 1500 up 1 \nlo 00:00:00:00:00:00 65536 unknown 772 \n",
                "addresses" => "1: lo    inet 127.0.0.1/8 scope host lo\n2: eth0    inet 192.0.2.5/24 brd 192.0.2.255 scope global eth0\n2: eth0    inet6 2001:db8::5/64 scope global\n",
                "route4" => "default via 192.0.2.1 dev eth0 proto dhcp\n",
                "resolv" => "nameserver 192.0.2.1\n",
                _ => return None,
            }
            .to_owned())
        };
        let mut facts = Map::new();
        gather(&part, &mut facts);
        assert_eq!(facts["default_ipv4"]["address"], "192.0.2.5");
        assert_eq!(facts["default_ipv4"]["gateway"], "192.0.2.1");
        assert_eq!(facts["eth0"]["ipv4"]["netmask"], "255.255.255.0");
        assert_eq!(facts["all_ipv4_addresses"], json!(["192.0.2.5"]));
        assert_eq!(facts["dns"]["nameservers"], json!(["192.0.2.1"]));
    }
}
