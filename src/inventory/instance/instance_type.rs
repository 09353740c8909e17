use std::{net::Ipv4Addr, path::PathBuf};

use indexmap::IndexMap;

use super::{Connection, DomainType, Firmware, ImageChecksum, ImageSource, Share, User};
use crate::{
    inventory::{Map, Node},
    plan::Place,
};

/// One instance: a named OpenClaw guest of the inventory, with defaults filled in
/// and templates rendered.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The inventory name.
    pub name: String,
    /// libvirt's name for it (`vm_domain`), any characters; default: the name.
    pub domain: String,
    /// The guest's hostname (`vm_hostname`); default: the name.
    pub hostname: String,
    /// Memory in MiB (`vm_memory_mib`).
    pub memory_mib: u64,
    /// Virtual CPUs (`vm_vcpus`).
    pub vcpus: u32,
    /// The overlay's path on the hypervisor (`vm_disk_path`); default: a volume
    /// `<name>.qcow2` in the pool.
    pub disk_path: Option<PathBuf>,
    /// The disk's virtual size in bytes (`vm_disk_size`).
    pub disk_bytes: u64,
    /// MAC address, lower case with colons (`vm_mac`); default: derived from the name.
    pub mac: String,
    /// The leased IPv4 address (`vm_ip`).
    pub ip: Ipv4Addr,
    /// libvirt URI (`vm_hypervisor`).
    pub hypervisor: String,
    /// KVM or emulation (`vm_domain_type`).
    pub domain_type: DomainType,
    /// Where the base image comes from (`vm_image`).
    pub image: ImageSource,
    /// What its SHA-256 must be (`vm_image_checksum`).
    pub image_checksum: Option<ImageChecksum>,
    /// Storage pool for base images and seeds, and for the disk unless
    /// `disk_path` says otherwise (`vm_pool`).
    pub pool: String,
    /// libvirt network (`vm_network`).
    pub network: String,
    /// Firmware (`vm_firmware`).
    pub firmware: Firmware,
    /// Whether the guest has a TPM 2.0 (`vm_tpm`).
    pub tpm: bool,
    /// Whether the guest has a watchdog (i6300esb, action reset) (`vm_watchdog`).
    pub watchdog: bool,
    /// Whether the domain starts with its hypervisor (`vm_autostart`).
    pub autostart: bool,
    /// CPU model (`vm_cpu_model`): `host-passthrough`, `host-model`, `maximum` or
    /// a libvirt model name. `None`: host-passthrough on KVM, qemu64 in emulation.
    pub cpu_model: Option<String>,
    /// Shared folders (`vm_virtiofs_source` with `vm_virtiofs_tag`, then `vm_virtiofs`).
    pub shares: Vec<Share>,
    /// Users that cloud-init makes (`vm_users`).
    pub users: Vec<User>,
    /// Public keys that may log in as each of the users (`vm_ssh_keys`), read from
    /// files where a path was given.
    pub ssh_keys: Vec<String>,
    /// Whether destroy and rebuild are refused (`vm_protected`).
    pub protected: bool,
    /// Merged into the user-data (`vm_cloud_init`), templates rendered.
    pub cloud_init: Option<Node>,
    /// How to reach it by SSH.
    pub connection: Connection,
    /// All variables, merged, templates not rendered.
    pub vars: Map,
    /// Where each `vm_*` variable that was set was set.
    pub places: IndexMap<String, Place>,
}
