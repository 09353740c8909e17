use super::{
    fleet::Fleet,
    libvirt::{CleanUp, Traces},
};

/// Two guests side by side, without Secure Boot and without UEFI, given no time:
/// both are reported as not ready, neither holds the other up, both can be removed.
#[test]
fn two_guests_that_are_not_ready_in_time() {
    let Some(fleet) = Fleet::new() else { return };
    let _clean = CleanUp(vec![
        ("swarmctl pair one", "/var/lib/libvirt/images/one.qcow2"),
        ("swarmctl pair two", "/var/lib/libvirt/images/two.qcow2"),
    ]);
    let vars = |word: &str, number: u8, firmware: &str| {
        format!(
            "vm_domain: swarmctl pair {word}\nvm_firmware: {firmware}\nvm_memory_mib: 256\nvm_tpm: false\n\
             vm_domain_type: qemu\nvm_virtiofs: []\nvm_mac: \"52:54:00:5a:00:{number}\"\nvm_ip: 192.168.122.2{number}\n"
        )
    };
    let (one, two) = (vars("one", 51, "efi"), vars("two", 52, "bios"));
    fleet.instances(&[("one", &one), ("two", &two)]);
    let ran = fleet.run(&["provision", "all", "--timeout", "4"]);
    assert_eq!(ran.code, 4);
    for name in ["one", "two"] {
        assert!(
            ran.stderr.contains(&format!("{name}: wait-ready: ")),
            "{name}"
        );
    }
    assert!(ran.stderr.contains("swarmctl console"));
    assert_eq!(fleet.steps(&["all"]), ["wait-ready", "wait-ready"]);
    // The guests are still in their firmware, which does not listen: force it is.
    let ran = fleet.run(&["stop", "one", "--timeout", "2"]);
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.contains("power cut"));
    fleet.ok(&["destroy", "all", "--yes", "--timeout", "2"]);
    let traces = Traces::of(&["swarmctl pair", "192.168.122.251", "192.168.122.252"]);
    assert!(traces.none(), "{traces:?}");
}
