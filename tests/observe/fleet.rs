//! A fleet of many instances on a node of libvirt's test driver.

use std::{fmt::Write as _, fs, path::Path, sync::Arc, time::Duration};

use swarmctl::{
    fleet::FleetDir,
    guest::{GuestEnv, ImageStore},
    inventory::{Instance, Inventory, LoadOptions},
    secret::VaultPasswords,
    template::Engine,
};

const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ a@b";

/// A fleet directory whose instances are on one `test://` node.
pub struct Fleet {
    dir: tempfile::TempDir,
}

impl Fleet {
    /// Writes `count` instances. Domains of the first `running` run, others are off;
    /// those from `defined` on aren't there.
    pub fn new(count: usize, running: usize, defined: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let node = dir.path().join("node.xml");
        fs::write(&node, node_xml(running, defined)).unwrap();
        let mut hosts = "all:\n  hosts:\n".to_owned();
        for number in 0..count {
            writeln!(hosts, "    claw-{number:03}:").unwrap();
            let (high, low) = (number / 250, number % 250 + 2);
            let vars = format!(
                "vm_domain: \"claw {number:03} [claw]\"\nvm_ip: 192.168.{}.{low}\n\
                 vm_mac: \"52:54:00:01:{high:02x}:{low:02x}\"\nvm_memory_mib: 1024\nvm_vcpus: 2\n",
                122 + high
            );
            let file = dir.path().join(format!("host_vars/claw-{number:03}.yml"));
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, vars).unwrap();
        }
        fs::create_dir(dir.path().join("inventory")).unwrap();
        fs::write(dir.path().join("inventory/hosts.yml"), hosts).unwrap();
        fs::create_dir(dir.path().join("group_vars")).unwrap();
        let all = format!(
            "vm_hypervisor: test://{}\nvm_ssh_keys: {KEY}\n",
            node.display()
        );
        fs::write(dir.path().join("group_vars/all.yml"), all).unwrap();
        Self { dir }
    }

    pub fn root(&self) -> &Path {
        self.dir.path()
    }

    pub fn instances(&self) -> Vec<Instance> {
        let source = self.root().join("inventory/hosts.yml");
        let inventory = Inventory::load(&LoadOptions {
            sources: &[source.to_str().unwrap().to_owned()],
            fleet_root: Some(self.root()),
            extra_vars: &[],
            vault: &VaultPasswords::new(),
        })
        .unwrap();
        let hosts = inventory.hosts();
        hosts
            .map(|host| {
                let (vars, groups) = (inventory.vars(host), inventory.groups_of(host));
                Instance::from_vars(host, &groups, vars, self.root(), None)
                    .unwrap()
                    .0
            })
            .collect()
    }

    pub fn env(&self) -> Arc<GuestEnv> {
        let fleet = FleetDir::at(self.root());
        let source = fleet.clone();
        Arc::new(GuestEnv {
            fleet,
            engine: Arc::new(Engine::new(move |name| source.file(name))),
            images: ImageStore::new(self.root().join("images")),
            ready_timeout: Duration::from_secs(1),
            stop_timeout: Duration::from_secs(1),
            call_timeout: Duration::from_secs(30),
            forks: 2,
            ssh_agent: None,
            command: "swarmctl list".to_owned(),
        })
    }
}

/// The test driver's own elements say whether a domain of a node runs: 1 is running,
/// 5 is off (`virDomainState`). <https://libvirt.org/drvtest.html>
fn node_xml(running: usize, defined: usize) -> String {
    let mut node = "<node><cpu><mhz>2000</mhz><model>x86_64</model><active>4</active>\
        <nodes>1</nodes><sockets>1</sockets><cores>4</cores><threads>1</threads></cpu>\
        <memory>8388608</memory>"
        .to_owned();
    for number in 0..defined {
        let state = if number < running { 1 } else { 5 };
        write!(
            node,
            "<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>\
             <name>claw {number:03} [claw]</name><metadata>\
             <swarmctl:domain xmlns:swarmctl='https://swarmctl.dev/domain/1'>\
             <swarmctl:instance>claw-{number:03}</swarmctl:instance></swarmctl:domain></metadata>\
             <memory unit='MiB'>{}</memory><vcpu>2</vcpu><os><type>hvm</type></os>\
             <devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/>\
             <source file='/var/lib/libvirt/images/claw-{number:03}.qcow2'/>\
             <target dev='vda' bus='virtio'/></disk></devices>\
             <test:runstate>{state}</test:runstate></domain>",
            if number % 2 == 0 { 1024 } else { 2048 },
        )
        .unwrap();
    }
    node + "<network><name>default</name><bridge name='virbr0'/><forward mode='nat'/>\
        <ip address='192.168.122.1' netmask='255.255.255.0'/></network>\
        <pool type='dir'><name>default</name><target><path>/var/lib/libvirt/images</path>\
        </target></pool></node>"
}
