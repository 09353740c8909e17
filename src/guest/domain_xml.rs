use std::path::{Path, PathBuf};

use minijinja::{Value, context};

use super::{documents::instance_value, metadata::Metadata};
use crate::{inventory::Instance, plan::Diagnostic, template::Engine};

/// The template, relative to the fleet directory.
const TEMPLATE: &str = "templates/domain.xml.j2";

/// What a domain's definition needs beside the instance itself.
#[derive(Clone, Copy, Debug)]
pub struct DomainInputs<'a> {
    /// Whether KVM runs the guest; emulation otherwise.
    pub kvm: bool,
    /// The overlay on the hypervisor.
    pub disk_path: &'a Path,
    /// The seed on the hypervisor.
    pub seed_path: &'a Path,
    /// Folders on the hypervisor with their mount tags.
    pub shares: &'a [(PathBuf, String)],
    /// The UUID of a domain that exists already.
    pub machine_uuid: Option<&'a str>,
    /// What the domain remembers about its making.
    pub metadata: &'a Metadata,
}

/// Renders `templates/domain.xml.j2` for `instance`, every value escaped.
///
/// # Errors
///
/// Fails with the template's place, also when what it renders is no XML.
pub fn domain_xml(
    engine: &Engine,
    instance: &Instance,
    inputs: &DomainInputs<'_>,
) -> Result<String, Diagnostic> {
    // libvirt's mock driver takes domains of its own type only.
    let domain_type = match (instance.hypervisor.starts_with("test:"), inputs.kvm) {
        (true, _) => "test",
        (false, true) => "kvm",
        (false, false) => "qemu",
    };
    // In emulation qemu64 costs the least: every feature of `maximum` is emulated.
    let default_cpu = if inputs.kvm {
        "host-passthrough"
    } else {
        "qemu64"
    };
    let shares: Vec<Value> = inputs
        .shares
        .iter()
        .map(|(source, tag)| context! { source => source.to_string_lossy().as_ref(), tag => tag.as_str() })
        .collect();
    let context = context! {
        instance => instance_value(instance),
        metadata => inputs.metadata.value(),
        domain => context! {
            type => domain_type,
            uuid => inputs.machine_uuid,
            cpu => instance.cpu_model.as_deref().unwrap_or(default_cpu),
            disk_path => inputs.disk_path.to_string_lossy().as_ref(),
            seed_path => inputs.seed_path.to_string_lossy().as_ref(),
            shares => shares,
        },
    };
    let xml = engine.render_file(TEMPLATE, context)?;
    if let Err(error) = roxmltree::Document::parse(&xml) {
        let place = engine
            .file(TEMPLATE)
            .map(|path| crate::plan::Place::new(&path, 0, 0));
        return Err(Diagnostic::error(
            place,
            format!("the template gives no well-formed XML: {error}"),
        ));
    }
    Ok(xml)
}

#[cfg(test)]
mod tests {
    use crate::guest::testing::{engine, instance};

    use super::*;

    fn metadata() -> Metadata {
        Metadata {
            instance: "zap".to_owned(),
            fleet: "/srv/fleet & <co>".to_owned(),
            seed_digest: "abc".to_owned(),
            image: "base.qcow2".to_owned(),
            host_key: "ssh-ed25519 AAAA".to_owned(),
            version: "0.1.0".to_owned(),
        }
    }

    fn xml(text: &str, kvm: bool) -> String {
        let shares = [(PathBuf::from("/srv/it's \"here\""), "swarm".to_owned())];
        let inputs = DomainInputs {
            kvm,
            disk_path: Path::new("/var/lib/libvirt/images/claw.qcow2"),
            seed_path: Path::new("/var/lib/libvirt/images/zap-seed.img"),
            shares: &shares,
            machine_uuid: None,
            metadata: &metadata(),
        };
        domain_xml(&engine(), &instance("zap", text), &inputs).unwrap()
    }

    #[test]
    fn the_whole_domain_in_emulation() {
        let text = "vm_ip: 10.0.0.2\nvm_domain: 'zap [claw] <&\"''>'\nvm_mac: 52:54:00:01:00:71\n";
        insta::assert_snapshot!(xml(text, false), @r#"
        <domain type="qemu">
          <name>zap [claw] &lt;&amp;&quot;&apos;&gt;</name>
          <metadata>
            <swarmctl:domain xmlns:swarmctl="https://swarmctl.dev/domain/1">
              <swarmctl:instance>zap</swarmctl:instance>
              <swarmctl:fleet>/srv/fleet &amp; &lt;co&gt;</swarmctl:fleet>
              <swarmctl:seed-digest>abc</swarmctl:seed-digest>
              <swarmctl:image>base.qcow2</swarmctl:image>
              <swarmctl:host-key>ssh-ed25519 AAAA</swarmctl:host-key>
              <swarmctl:version>0.1.0</swarmctl:version>
            </swarmctl:domain>
          </metadata>
          <memory unit="MiB">2048</memory>
          <currentMemory unit="MiB">2048</currentMemory>
          <memoryBacking>
            <source type="memfd"/>
            <access mode="shared"/>
          </memoryBacking>
          <vcpu placement="static">2</vcpu>
          <os firmware="efi">
            <type arch="x86_64" machine="q35">hvm</type>
            <firmware>
              <feature enabled="yes" name="enrolled-keys"/>
              <feature enabled="yes" name="secure-boot"/>
            </firmware>
            <loader secure="yes"/>
            <boot dev="hd"/>
          </os>
          <features>
            <acpi/>
            <apic/>
            <smm state="on"/>
            <tcg>
              <tb-cache unit="MiB">256</tb-cache>
            </tcg>
          </features>
          <cpu mode="custom" match="exact">
            <model fallback="forbid">qemu64</model>
          </cpu>
          <clock offset="utc"/>
          <on_poweroff>destroy</on_poweroff>
          <on_reboot>restart</on_reboot>
          <on_crash>restart</on_crash>
          <devices>
            <disk type="file" device="disk">
              <driver name="qemu" type="qcow2" discard="unmap"/>
              <source file="/var/lib/libvirt/images/claw.qcow2"/>
              <target dev="vda" bus="virtio"/>
            </disk>
            <disk type="file" device="disk">
              <driver name="qemu" type="raw"/>
              <source file="/var/lib/libvirt/images/zap-seed.img"/>
              <target dev="vdb" bus="virtio"/>
              <readonly/>
            </disk>
            <interface type="network">
              <mac address="52:54:00:01:00:71"/>
              <source network="default"/>
              <model type="virtio"/>
            </interface>
            <filesystem type="mount" accessmode="passthrough">
              <driver type="virtiofs"/>
              <source dir="/srv/it&apos;s &quot;here&quot;"/>
              <target dir="swarm"/>
            </filesystem>
            <serial type="pty">
              <target port="0"/>
            </serial>
            <console type="pty">
              <target type="serial" port="0"/>
            </console>
            <channel type="unix">
              <target type="virtio" name="org.qemu.guest_agent.0"/>
            </channel>
            <rng model="virtio">
              <backend model="random">/dev/urandom</backend>
            </rng>
            <tpm model="tpm-crb">
              <backend type="emulator" version="2.0"/>
            </tpm>
            <watchdog model="i6300esb" action="reset"/>
            <memballoon model="virtio"/>
          </devices>
        </domain>
        "#);
    }

    #[test]
    fn metadata_and_name_read_back() {
        let text = xml("vm_ip: 10.0.0.2\nvm_domain: 'zap [claw] <&\"''>'\n", true);
        assert_eq!(Metadata::parse(&text), Some(metadata()));
        let document = roxmltree::Document::parse(&text).unwrap();
        let name = document
            .descendants()
            .find(|node| node.has_tag_name("name"));
        assert_eq!(name.unwrap().text(), Some("zap [claw] <&\"'>"));
        assert!(text.contains("<cpu mode=\"host-passthrough\"/>") && text.contains("kvmclock"));
        assert!(!text.contains("<tcg>"));
    }

    #[test]
    fn parts_can_be_left_out() {
        let bare = "vm_ip: 10.0.0.2\nvm_firmware: bios\nvm_tpm: false\nvm_watchdog: false\n\
                    vm_cpu_model: EPYC-Rome\n";
        let text = xml(bare, true);
        for part in ["<tpm", "<watchdog", "firmware=", "<smm"] {
            assert!(!text.contains(part), "{part}");
        }
        assert!(text.contains("<model fallback=\"forbid\">EPYC-Rome</model>"));
    }
}
