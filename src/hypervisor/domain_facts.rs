use roxmltree::Node;
use serde::Serialize;

use super::{
    DomainState,
    error::HypervisorError,
    xml::{at, attribute, bytes, child, children, parse, text},
};

/// What a domain's firmware is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Firmware {
    /// UEFI that demands signed boot loaders.
    SecureBoot,
    /// UEFI.
    Efi,
    /// A BIOS.
    Bios,
}

/// One disk of a domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DiskFacts {
    /// The path of its file or block device on the hypervisor.
    pub source: Option<String>,
    /// Its name in the guest, such as `vda`.
    pub target: String,
    /// Its bus, such as `virtio`.
    pub bus: Option<String>,
    /// `disk`, `cdrom`, `floppy` or `lun`.
    pub device: String,
    /// The format of its image, such as `qcow2`.
    pub format: Option<String>,
    /// Its size for the guest, in bytes, where libvirt could tell.
    pub capacity: Option<u64>,
    /// Whether the guest may only read it.
    pub read_only: bool,
}

/// One network interface of a domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InterfaceFacts {
    /// Its MAC address, as libvirt writes it.
    pub mac: Option<String>,
    /// The virtual network it is on.
    pub network: Option<String>,
    /// The bridge it is on, when it is on no virtual network.
    pub bridge: Option<String>,
    /// Its name on the hypervisor while the domain runs, such as `vnet3`.
    pub target_dev: Option<String>,
    /// Its model, such as `virtio`.
    pub model: Option<String>,
}

/// One directory that a domain shares with its hypervisor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FilesystemFacts {
    /// The directory on the hypervisor.
    pub source: String,
    /// The tag that the guest mounts it by.
    pub tag: String,
    /// `virtiofs`, `path` (9p) or another driver.
    pub driver: Option<String>,
}

/// What is known about one domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DomainFacts {
    /// Its name.
    pub name: String,
    /// Its UUID.
    pub uuid: String,
    /// What it is doing.
    pub state: DomainState,
    /// Whether it stays defined when it is off.
    pub persistent: bool,
    /// Whether it starts with its hypervisor.
    pub autostart: bool,
    /// The most memory it may have, in KiB.
    pub memory_kib: u64,
    /// The memory it has, in KiB.
    pub current_memory_kib: u64,
    /// The most virtual CPUs it may have.
    pub vcpus: u32,
    /// The virtual CPUs it has.
    pub current_vcpus: u32,
    /// `kvm` or `qemu`.
    pub domain_type: String,
    /// Its disks, in the document's order.
    pub disks: Vec<DiskFacts>,
    /// Its network interfaces, in the document's order.
    pub interfaces: Vec<InterfaceFacts>,
    /// The directories it shares.
    pub filesystems: Vec<FilesystemFacts>,
    /// Whether it has a TPM.
    pub tpm: bool,
    /// The model of its watchdog.
    pub watchdog: Option<String>,
    /// Its firmware.
    pub firmware: Firmware,
    /// The file of its UEFI variables.
    pub nvram: Option<String>,
    /// Its CPU mode, such as `custom` or `host-passthrough`.
    pub cpu_mode: Option<String>,
    /// Its CPU model.
    pub cpu_model: Option<String>,
    /// The document it will start with next time.
    #[serde(skip)]
    pub xml_inactive: String,
    /// The document it runs with.
    #[serde(skip)]
    pub xml_live: Option<String>,
}

/// What libvirt tells beside the document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around {
    pub(super) state: DomainState,
    pub(super) persistent: bool,
    pub(super) autostart: bool,
}

impl DomainFacts {
    /// Reads the documents of a domain. The live one, when there is one, tells what
    /// the domain is; the inactive one what it will be.
    pub(super) fn read(
        around: Around,
        xml_inactive: String,
        xml_live: Option<String>,
    ) -> Result<Self, HypervisorError> {
        let facts = Self::of_document(around, xml_live.as_deref().unwrap_or(&xml_inactive))?;
        Ok(Self {
            xml_inactive,
            xml_live,
            ..facts
        })
    }

    /// Returns what the domain will be when it starts next time: the same facts, read
    /// from its definition instead of from what runs.
    #[must_use]
    pub fn as_defined(&self) -> Self {
        let around = Around {
            state: self.state,
            persistent: self.persistent,
            autostart: self.autostart,
        };
        let defined = Self::of_document(around, &self.xml_inactive);
        defined.unwrap_or_else(|_| self.clone())
    }

    /// Reads the documents of a domain that no connection tells about.
    ///
    /// # Errors
    /// `Rejected` when a document isn't well-formed.
    pub fn from_documents(
        state: DomainState,
        autostart: bool,
        xml_inactive: String,
        xml_live: Option<String>,
    ) -> Result<Self, HypervisorError> {
        let around = Around {
            state,
            persistent: true,
            autostart,
        };
        Self::read(around, xml_inactive, xml_live)
    }

    /// Reads one document, and keeps none.
    pub(super) fn of_document(around: Around, xml: &str) -> Result<Self, HypervisorError> {
        let document = parse(xml)?;
        let root = document.root_element();
        let kib = |name: &str| Some(bytes(child(root, name)?, "KiB")? / 1024);
        let memory_kib = kib("memory").unwrap_or(0);
        let vcpu = child(root, "vcpu");
        let vcpus = vcpu
            .and_then(|node| node.text()?.trim().parse().ok())
            .unwrap_or(1);
        let devices = child(root, "devices");
        let all = |name: &'static str| {
            devices
                .into_iter()
                .flat_map(move |devices| children(devices, name))
        };
        Ok(Self {
            name: text(root, &["name"]).unwrap_or_default(),
            uuid: text(root, &["uuid"]).unwrap_or_default(),
            state: around.state,
            persistent: around.persistent,
            autostart: around.autostart,
            memory_kib,
            current_memory_kib: kib("currentMemory").unwrap_or(memory_kib),
            vcpus,
            current_vcpus: vcpu
                .and_then(|node| node.attribute("current")?.parse().ok())
                .unwrap_or(vcpus),
            domain_type: root.attribute("type").unwrap_or_default().to_owned(),
            disks: all("disk").map(disk).collect(),
            interfaces: all("interface").map(interface).collect(),
            filesystems: all("filesystem").filter_map(filesystem).collect(),
            tpm: all("tpm").next().is_some(),
            watchdog: all("watchdog")
                .find_map(|node| node.attribute("model"))
                .map(str::to_owned),
            firmware: firmware(root),
            // Newer libvirt writes a <source file=…/> inside.
            nvram: text(root, &["os", "nvram"])
                .or_else(|| attribute(root, &["os", "nvram", "source"], "file")),
            cpu_mode: attribute(root, &["cpu"], "mode"),
            cpu_model: text(root, &["cpu", "model"]),
            xml_inactive: String::new(),
            xml_live: None,
        })
    }
}

fn disk(node: Node<'_, '_>) -> DiskFacts {
    let source = child(node, "source").and_then(|source| {
        ["file", "dev", "name", "volume", "dir"]
            .iter()
            .find_map(|name| source.attribute(*name))
            .map(str::to_owned)
    });
    DiskFacts {
        source,
        target: attribute(node, &["target"], "dev").unwrap_or_default(),
        bus: attribute(node, &["target"], "bus"),
        device: node.attribute("device").unwrap_or("disk").to_owned(),
        format: attribute(node, &["driver"], "type"),
        capacity: None,
        read_only: child(node, "readonly").is_some(),
    }
}

fn interface(node: Node<'_, '_>) -> InterfaceFacts {
    InterfaceFacts {
        mac: attribute(node, &["mac"], "address"),
        network: attribute(node, &["source"], "network"),
        bridge: attribute(node, &["source"], "bridge"),
        target_dev: attribute(node, &["target"], "dev"),
        model: attribute(node, &["model"], "type"),
    }
}

fn filesystem(node: Node<'_, '_>) -> Option<FilesystemFacts> {
    Some(FilesystemFacts {
        source: attribute(node, &["source"], "dir")?,
        tag: attribute(node, &["target"], "dir")?,
        driver: attribute(node, &["driver"], "type"),
    })
}

/// Tells the firmware by the loader, or, while libvirt has yet to choose one, by the
/// features that it is asked for.
/// <https://libvirt.org/formatdomain.html#bios-bootloader>
fn firmware(root: Node<'_, '_>) -> Firmware {
    let Some(os) = child(root, "os") else {
        return Firmware::Bios;
    };
    let loader = child(os, "loader");
    let secure_loader = loader.and_then(|node| node.attribute("secure")) == Some("yes");
    let secure_feature = at(os, &["firmware"]).is_some_and(|firmware| {
        children(firmware, "feature").any(|feature| {
            feature.attribute("name") == Some("secure-boot")
                && feature.attribute("enabled") == Some("yes")
        })
    });
    if secure_loader || secure_feature {
        return Firmware::SecureBoot;
    }
    let flash = loader.and_then(|node| node.attribute("type")) == Some("pflash");
    if flash || os.attribute("firmware") == Some("efi") {
        Firmware::Efi
    } else {
        Firmware::Bios
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZAP: &str = "<domain type='kvm'>
        <name>zap [claw]</name><uuid>2e2f5c52-0a62-4b6e-8c3a-3f6d3e4a4d0e</uuid>
        <metadata><s:spec xmlns:s='https://swarmctl/1'><name>other</name></s:spec></metadata>
        <memory unit='KiB'>3145728</memory><currentMemory unit='KiB'>2097152</currentMemory>
        <vcpu placement='static' current='1'>2</vcpu>
        <os><type arch='x86_64' machine='q35'>hvm</type>
          <loader readonly='yes' secure='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.ms.fd</loader>
          <nvram template='/t'>/var/lib/libvirt/qemu/nvram/zap_VARS.fd</nvram></os>
        <cpu mode='custom'><model fallback='forbid'>qemu64</model></cpu>
        <devices>
          <disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
            <source file='/i/claw.qcow2'/><target dev='vda' bus='virtio'/></disk>
          <disk type='file' device='disk'><driver name='qemu' type='raw'/>
            <source file='/i/seed.img'/><target dev='vdb' bus='virtio'/><readonly/></disk>
          <filesystem type='mount'><driver type='virtiofs'/>
            <source dir='/home/will/lab/swarm'/><target dir='swarm'/></filesystem>
          <interface type='network'><mac address='52:54:00:01:00:71'/>
            <source network='default'/><target dev='vnet0'/><model type='virtio'/></interface>
          <tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>
          <watchdog model='i6300esb' action='reset'/>
        </devices></domain>";

    fn read(xml: &str) -> DomainFacts {
        let around = Around {
            state: DomainState::ShutOff,
            persistent: true,
            autostart: true,
        };
        DomainFacts::read(around, xml.to_owned(), None).unwrap()
    }

    #[test]
    fn a_whole_domain_is_read() {
        let facts = read(ZAP);
        assert_eq!(facts.name, "zap [claw]");
        assert_eq!(facts.memory_kib, 3_145_728);
        assert_eq!(facts.current_memory_kib, 2_097_152);
        assert_eq!((facts.vcpus, facts.current_vcpus), (2, 1));
        assert_eq!(facts.firmware, Firmware::SecureBoot);
        assert_eq!(
            facts.nvram.as_deref(),
            Some("/var/lib/libvirt/qemu/nvram/zap_VARS.fd")
        );
        assert_eq!(facts.cpu_model.as_deref(), Some("qemu64"));
        assert_eq!(facts.disks.len(), 2);
        assert!(!facts.disks[0].read_only && facts.disks[1].read_only);
        assert_eq!(facts.disks[1].source.as_deref(), Some("/i/seed.img"));
        assert_eq!(facts.interfaces[0].target_dev.as_deref(), Some("vnet0"));
        assert_eq!(facts.filesystems[0].tag, "swarm");
        assert!(facts.tpm);
        assert_eq!(facts.watchdog.as_deref(), Some("i6300esb"));
    }

    #[test]
    fn firmware_is_told_by_loader_or_feature() {
        for (os, expected) in [
            ("<os/>", Firmware::Bios),
            ("<os firmware='efi'/>", Firmware::Efi),
            ("<os><loader type='pflash'>/x</loader></os>", Firmware::Efi),
            (
                "<os firmware='efi'><firmware><feature enabled='yes' name='secure-boot'/></firmware></os>",
                Firmware::SecureBoot,
            ),
            (
                "<os firmware='efi'><firmware><feature enabled='no' name='secure-boot'/></firmware></os>",
                Firmware::Efi,
            ),
        ] {
            let facts = read(&format!("<domain><name>a</name>{os}</domain>"));
            assert_eq!(facts.firmware, expected, "{os}");
        }
    }

    #[test]
    fn newer_nvram_is_read_too() {
        let facts =
            read("<domain><os><nvram type='file'><source file='/n'/></nvram></os></domain>");
        assert_eq!(facts.nvram.as_deref(), Some("/n"));
    }
}
