use std::fmt;

use crate::{
    hypervisor::{self, DomainFacts},
    inventory::{Firmware, Instance},
};

use super::desired::Desired;

/// The settings of a domain that swarmctl has an opinion on, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Memory in MiB.
    pub memory: String,
    /// Virtual CPUs.
    pub vcpus: String,
    /// MAC address, lower case.
    pub mac: String,
    /// libvirt network.
    pub network: String,
    /// Shares as `source as tag`, sorted.
    pub shares: String,
    /// `on` or `off`.
    pub watchdog: String,
    /// `on` or `off`.
    pub tpm: String,
    /// `kvm` or `qemu`.
    pub domain_type: String,
    /// A model's name, or a mode that stands for one.
    pub cpu_model: String,
    /// As `vm_firmware` has it.
    pub firmware: String,
    /// Path of the disk.
    pub disk: String,
}

impl Settings {
    /// Returns what a domain has.
    pub fn defined(facts: &DomainFacts) -> Self {
        let nic = facts.interfaces.first();
        let disk = facts.disks.iter().find(|disk| disk.target == "vda");
        Self {
            memory: mib(facts.memory_kib / 1024),
            vcpus: facts.vcpus.to_string(),
            mac: nic
                .and_then(|nic| nic.mac.as_ref())
                .map_or_else(none, |mac| mac.to_ascii_lowercase()),
            network: nic.and_then(|nic| nic.network.clone()).unwrap_or_else(none),
            shares: shares(
                facts
                    .filesystems
                    .iter()
                    .map(|share| format!("{} as {}", share.source, share.tag)),
            ),
            watchdog: on_off(facts.watchdog.is_some()),
            tpm: on_off(facts.tpm),
            domain_type: facts.domain_type.clone(),
            cpu_model: match (facts.cpu_mode.as_deref(), &facts.cpu_model) {
                (None | Some("custom"), Some(model)) => model.clone(),
                (Some(mode), _) => mode.to_owned(),
                (None, None) => none(),
            },
            firmware: match facts.firmware {
                hypervisor::Firmware::SecureBoot => "secure-boot",
                hypervisor::Firmware::Efi => "efi",
                hypervisor::Firmware::Bios => "bios",
            }
            .to_owned(),
            disk: disk
                .and_then(|disk| disk.source.clone())
                .unwrap_or_else(none),
        }
    }

    /// Returns what the inventory wants.
    pub fn wanted(instance: &Instance, desired: &Desired) -> Self {
        Self {
            memory: mib(instance.memory_mib),
            vcpus: instance.vcpus.to_string(),
            mac: instance.mac.clone(),
            network: instance.network.clone(),
            shares: shares(
                desired
                    .shares
                    .iter()
                    .map(|(source, tag)| format!("{} as {tag}", source.display())),
            ),
            watchdog: on_off(instance.watchdog),
            tpm: on_off(instance.tpm),
            domain_type: if desired.kvm { "kvm" } else { "qemu" }.to_owned(),
            cpu_model: desired.cpu_model(instance, desired.kvm),
            firmware: match instance.firmware {
                Firmware::SecureBoot => "secure-boot",
                Firmware::Efi => "efi",
                Firmware::Bios => "bios",
            }
            .to_owned(),
            disk: desired.disk_path.display().to_string(),
        }
    }

    /// Returns each setting with its name, always in the same order.
    pub fn list(&self) -> Vec<(&'static str, String)> {
        [
            ("memory", &self.memory),
            ("vCPUs", &self.vcpus),
            ("MAC", &self.mac),
            ("network", &self.network),
            ("shares", &self.shares),
            ("watchdog", &self.watchdog),
            ("TPM", &self.tpm),
            ("domain type", &self.domain_type),
            ("CPU model", &self.cpu_model),
            ("firmware", &self.firmware),
            ("disk", &self.disk),
        ]
        .map(|(name, value)| (name, value.clone()))
        .into()
    }
}

impl fmt::Display for Settings {
    /// One setting a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in self.list() {
            writeln!(f, "{name}: {value}")?;
        }
        Ok(())
    }
}

fn mib(mib: u64) -> String {
    format!("{mib} MiB")
}

fn none() -> String {
    "none".to_owned()
}

fn on_off(on: bool) -> String {
    if on { "on" } else { "off" }.to_owned()
}

fn shares(shares: impl Iterator<Item = String>) -> String {
    let mut list: Vec<String> = shares.collect();
    if list.is_empty() {
        return none();
    }
    list.sort();
    list.join(", ")
}
