use super::{
    fleet::Fleet,
    libvirt::{CleanUp, Traces, virsh},
    remote::RemoteLibvirt,
};

const DISK: &str = "/var/lib/libvirt/images/swarmctl-foreign-test.qcow2";
const VARS: &str = r#"
vm_domain: swarmctl foreign test
vm_disk_path: /var/lib/libvirt/images/swarmctl-foreign-test.qcow2
vm_disk_size: 10G
vm_mac: "52:54:00:5a:00:41"
vm_ip: 192.168.122.241
"#;

#[test]
fn a_foreign_domain_is_left_alone() {
    let Some(fleet) = Fleet::new() else { return };
    let _clean = CleanUp(vec![("swarmctl foreign test", DISK)]);
    fleet.instances(&[("foreign", VARS)]);
    let xml = fleet.path("foreign.xml");
    let text = "<domain type='qemu'><name>swarmctl foreign test</name><memory>65536</memory>\
                <os><type arch='x86_64' machine='q35'>hvm</type></os></domain>";
    std::fs::write(&xml, text).unwrap();
    virsh(&["define", xml.to_str().unwrap()]);
    let before = virsh(&["dumpxml", "swarmctl foreign test"]);
    for verb in [
        &["provision", "foreign"][..],
        &["provision", "foreign", "--rebuild", "--yes"],
        &["destroy", "foreign", "--yes"],
        &["stop", "foreign"],
    ] {
        let ran = fleet.run(verb);
        assert_eq!(ran.code, 6, "{verb:?}");
        assert!(ran.stderr.contains("swarmctl did not make"), "{verb:?}");
        assert!(ran.stderr.contains("next: "), "{verb:?}");
    }
    assert_eq!(virsh(&["dumpxml", "swarmctl foreign test"]), before);
}

#[test]
fn a_foreign_file_is_left_alone() {
    let Some(fleet) = Fleet::new() else { return };
    let _clean = CleanUp(vec![("swarmctl foreign test", DISK)]);
    fleet.instances(&[("foreign", VARS)]);
    std::fs::create_dir_all("/var/lib/libvirt/images").unwrap();
    std::fs::write(DISK, "somebody's").unwrap();
    let ran = fleet.run(&["provision", "foreign"]);
    assert_eq!(ran.code, 6);
    assert!(ran.stderr.contains(DISK));
    fleet.run(&["destroy", "foreign", "--yes"]);
    assert_eq!(std::fs::read_to_string(DISK).unwrap(), "somebody's");
    let traces = Traces::of(&["swarmctl foreign test", "192.168.122.241"]);
    assert!(traces.none(), "{traces:?}");
}

#[test]
fn what_the_hypervisor_lacks_is_explained_before_anything_is_made() {
    let Some(fleet) = Fleet::new() else { return };
    let cases = [
        ("vm_network: nowhere", 3, "network nowhere does not exist"),
        (
            "vm_pool: nowhere\nvm_disk_path: null",
            3,
            "storage pool nowhere does not exist",
        ),
        ("vm_ip: 10.9.8.7", 3, "outside of network default"),
        (
            "vm_hypervisor: qemu+unix:///system?socket=/nonexistent",
            4,
            "/nonexistent",
        ),
    ];
    for (change, code, message) in cases {
        let variable = change.split(':').next().unwrap();
        let kept: String = VARS
            .lines()
            .filter(|line| {
                let other_disk = change.contains("disk_path") && line.contains("disk_path");
                !(line.starts_with(variable) || other_disk)
            })
            .map(|line| format!("{line}\n"))
            .collect();
        let change = change.replace("\nvm_disk_path: null", "");
        fleet.instances(&[("foreign", &format!("{kept}{change}\n"))]);
        let ran = fleet.run(&["provision", "foreign"]);
        assert_eq!(ran.code, code, "{change}");
        assert!(ran.stderr.contains(message), "{change}");
        assert!(!ran.stderr.contains("panicked"));
    }
    let traces = Traces::of(&["swarmctl foreign test", "10.9.8.7"]);
    assert!(traces.none(), "{traces:?}");
}

#[test]
fn a_hypervisor_with_another_key_is_not_spoken_to() {
    let Some(fleet) = Fleet::new() else { return };
    let Some(sshd) = RemoteLibvirt::start() else {
        return;
    };
    fleet.instances(&[("foreign", VARS)]);
    let extra = format!("vm_hypervisor={}", sshd.uri());
    assert_eq!(fleet.run(&["-e", &extra, "list"]).code, 0);
    sshd.change_known_key();
    let ran = fleet.run(&["-e", &extra, "list"]);
    assert_eq!(ran.code, 4);
    assert!(ran.stderr.contains("next: "));
    assert!(ran.stdout.contains("unknown"));
}
