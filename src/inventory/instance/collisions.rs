use std::collections::HashMap;

use super::Instance;
use crate::plan::{Diagnostic, Diagnostics, Place};

/// Returns an error for each thing that two instances can't share: MAC and IP of a
/// network, domain name and disk of a hypervisor, and the host name.
pub fn collisions(instances: &[Instance]) -> Diagnostics {
    let mut found = Diagnostics::default();
    let mut first: HashMap<(&str, String), &Instance> = HashMap::new();
    for instance in instances {
        for claim in claims(instance) {
            let key = (claim.variable, format!("{}\0{}", claim.realm, claim.value));
            let Some(other) = first.get(&key) else {
                first.insert(key, instance);
                continue;
            };
            let message = format!(
                "`{}` has {} {}, which `{}` has too",
                instance.name, claim.what, claim.value, other.name
            );
            let mut diagnostic = Diagnostic::error(place(instance, claim.variable), message)
                .hint(format!("give each a {} of its own", claim.variable));
            if let Some(other_place) = place(other, claim.variable) {
                diagnostic = diagnostic.related(other_place, format!("`{}`", other.name));
            }
            found.push(diagnostic);
        }
    }
    found
}

/// Something that only one instance of a realm can have.
struct Claim {
    variable: &'static str,
    what: &'static str,
    realm: String,
    value: String,
}

fn claims(instance: &Instance) -> Vec<Claim> {
    let network = format!("{} {}", instance.hypervisor, instance.network);
    let claim = |variable, what, realm: &str, value: String| Claim {
        variable,
        what,
        realm: realm.to_owned(),
        value,
    };
    let mut claims = vec![
        claim("vm_mac", "the MAC address", &network, instance.mac.clone()),
        claim("vm_ip", "the address", &network, instance.ip.to_string()),
        claim(
            "vm_domain",
            "the domain name",
            &instance.hypervisor,
            format!("`{}`", instance.domain),
        ),
        claim(
            "vm_hostname",
            "the host name",
            "",
            format!("`{}`", instance.hostname.to_ascii_lowercase()),
        ),
    ];
    if let Some(path) = &instance.disk_path {
        let path = path.display().to_string();
        claims.push(claim(
            "vm_disk_path",
            "the disk",
            &instance.hypervisor,
            path,
        ));
    }
    claims
}

/// Returns where the variable was set, or where the instance's first variable was,
/// when the value is a default.
fn place(instance: &Instance, variable: &str) -> Option<Place> {
    let own = instance.places.get(variable);
    own.or_else(|| instance.places.values().next()).cloned()
}
