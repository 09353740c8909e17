use serde::Serialize;
use serde_json::{Map, Value};

use super::{Align, Painter, Table, text::bytes};

/// What is known of one host.
#[derive(Clone, Debug, Serialize)]
pub struct HostFacts {
    /// Its inventory name.
    pub host: String,
    /// Its facts, by Ansible's names.
    pub facts: Map<String, Value>,
}

/// Returns the main facts as a table, one line for each host; with `all` every fact,
/// one line each.
pub fn facts(hosts: &[HostFacts], all: bool, painter: Painter) -> String {
    if all {
        return every(hosts, painter);
    }
    let mut table = Table::new(&[
        ("host", Align::Left),
        ("system", Align::Left),
        ("kernel", Align::Left),
        ("arch", Align::Left),
        ("cpus", Align::Right),
        ("memory", Align::Right),
        ("address", Align::Left),
        ("virtual", Align::Left),
        ("services", Align::Left),
    ]);
    for HostFacts { host, facts } in hosts {
        let text = |name: &str| shown(facts.get(name));
        let system = format!(
            "{} {}",
            text("ansible_distribution"),
            text("ansible_distribution_version")
        );
        let memory = facts.get("ansible_memtotal_mb").and_then(Value::as_u64);
        let address = facts.get("ansible_default_ipv4");
        let guest = match text("ansible_virtualization_role").as_str() {
            "host" => String::new(),
            _ => text("ansible_virtualization_type"),
        };
        table.row([
            host.clone(),
            system.trim().to_owned(),
            text("ansible_kernel"),
            text("ansible_architecture"),
            text("ansible_processor_vcpus"),
            memory.map_or_else(String::new, |mib| bytes(mib << 20)),
            shown(address.and_then(|address| address.get("address"))),
            guest,
            text("ansible_service_mgr"),
        ]);
    }
    table.render(painter)
}

fn every(hosts: &[HostFacts], painter: Painter) -> String {
    let mut table = Table::new(&[
        ("host", Align::Left),
        ("fact", Align::Left),
        ("value", Align::Left),
    ]);
    for HostFacts { host, facts } in hosts {
        for (name, value) in facts {
            table.row([host.clone(), name.clone(), shown(Some(value))]);
        }
    }
    table.render(painter)
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_main_facts_and_every_fact() {
        let known = json!({
            "ansible_distribution": "Debian", "ansible_distribution_version": "12.11",
            "ansible_kernel": "6.1.0", "ansible_architecture": "x86_64",
            "ansible_processor_vcpus": 2, "ansible_memtotal_mb": 2048,
            "ansible_default_ipv4": {"address": "192.168.122.50"},
            "ansible_virtualization_role": "guest", "ansible_virtualization_type": "kvm",
            "ansible_service_mgr": "systemd",
        });
        let Value::Object(known) = known else {
            panic!("no map")
        };
        let row = |host: &str, facts| HostFacts {
            host: host.to_owned(),
            facts,
        };
        let rows = [row("demo", known), row("bare", Map::new())];
        let painter = Painter::new(false);
        assert_snapshot!(facts(&rows, false, painter), @"
        HOST  SYSTEM        KERNEL  ARCH    CPUS  MEMORY  ADDRESS         VIRTUAL  SERVICES
        demo  Debian 12.11  6.1.0   x86_64     2   2 GiB  192.168.122.50  kvm      systemd
        bare  -             -       -          -       -  -               -        -
        ");
        let Value::Object(two) = json!({"ansible_kernel": "6.1.0", "ansible_mounts": [1]}) else {
            panic!("no map")
        };
        assert_snapshot!(facts(&[row("demo", two)], true, painter), @"
        HOST  FACT            VALUE
        demo  ansible_kernel  6.1.0
        demo  ansible_mounts  [1]
        ");
    }
}
