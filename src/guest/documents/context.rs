use minijinja::Value;
use serde_json::{Value as Json, json};

use crate::{
    inventory::{Firmware, Instance},
    template::from_json,
};

/// Returns the typed instance as templates see it under the name `instance`.
///
/// `hostname` is the name up to the first dot and `fqdn` all of it; each user's
/// `ssh_keys` hold the instance's keys and the user's own.
pub fn instance_value(instance: &Instance) -> Value {
    from_json(&instance_json(instance))
}

fn instance_json(instance: &Instance) -> Json {
    let short = instance.hostname.split('.').next();
    let users: Vec<Json> = instance
        .users
        .iter()
        .map(|user| {
            let mut keys: Vec<&String> = instance.ssh_keys.iter().collect();
            for key in &user.ssh_keys {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
            json!({
                "name": user.name,
                "shell": user.shell,
                "sudo": user.sudo,
                "groups": user.groups,
                "ssh_keys": keys,
            })
        })
        .collect();
    let shares: Vec<Json> = instance
        .shares
        .iter()
        .map(|share| json!({ "tag": share.tag, "mount": share.mount }))
        .collect();
    json!({
        "name": instance.name,
        "domain": instance.domain,
        "hostname": short,
        "fqdn": instance.hostname,
        "memory_mib": instance.memory_mib,
        "vcpus": instance.vcpus,
        "disk_bytes": instance.disk_bytes,
        "mac": instance.mac,
        "ip": instance.ip.to_string(),
        "network": instance.network,
        "firmware": match instance.firmware {
            Firmware::SecureBoot => "secure-boot",
            Firmware::Efi => "efi",
            Firmware::Bios => "bios",
        },
        "tpm": instance.tpm,
        "watchdog": instance.watchdog,
        "users": users,
        "shares": shares,
    })
}
