use std::{fs, time::Duration, time::Instant};

use super::{
    fleet::{Fleet, lines},
    libvirt::{CleanUp, Traces, virsh},
    remote::RemoteLibvirt,
};

const DOMAIN: &str = "swarmctl live [test]";
const DISK: &str = "/var/lib/libvirt/images/swarmctl-live-test.qcow2";
const IP: &str = "192.168.122.231";
const VARS: &str = r#"
vm_domain: "swarmctl live [test]"
vm_hostname: live-test
vm_memory_mib: 768
vm_vcpus: 2
vm_disk_path: /var/lib/libvirt/images/swarmctl-live-test.qcow2
vm_disk_size: 10G
vm_mac: "52:54:00:5a:00:31"
vm_ip: 192.168.122.231
vm_virtiofs_tag: swarm
"#;

/// One guest from its first step to its last trace.
#[test]
fn a_guest_lives_and_leaves_nothing_behind() {
    let Some(fleet) = Fleet::new() else { return };
    let _clean = CleanUp(vec![(DOMAIN, DISK)]);
    fleet.instances(&[("live", VARS)]);
    fleet.ok(&["check"]);
    let planned = fleet.steps(&["live"]);
    assert!(planned.ends_with(&["start".to_owned(), "wait-ready".to_owned()]));

    killed_after_every_step(&fleet, &planned);
    interrupted_while_it_waits(&fleet);
    fleet.ok(&["provision", "live"]);
    assert!(
        fleet.steps(&["live"]).is_empty(),
        "a second run has no steps"
    );
    inside_the_guest(&fleet);
    drift(&fleet);
    stop_and_remote_start(&fleet);
    gone(&fleet);
}

/// `kill -9` after each single step, and another run goes on where it was.
fn killed_after_every_step(fleet: &Fleet, planned: &[String]) {
    let mut done = Vec::new();
    while done.last().map(String::as_str) != Some("start") {
        let run = fleet.until(&["provision", "live"], "step_done", None);
        done.extend(run.kill());
        assert!(done.len() <= planned.len(), "does the same again: {done:?}");
    }
    assert_eq!(done, planned[..planned.len() - 1]);
    assert_eq!(fleet.steps(&["live"]), ["wait-ready"]);
}

/// Ctrl-C ends the run soon, with its own exit code, and the guest boots on.
fn interrupted_while_it_waits(fleet: &Fleet) {
    let run = fleet.until(&["provision", "live"], "step_started", Some("wait-ready"));
    let begun = Instant::now();
    run.signal("INT");
    assert_eq!(run.code(), 130);
    assert!(begun.elapsed() < Duration::from_secs(25));
    assert!(virsh(&["domstate", DOMAIN]).contains("running"));
}

fn inside_the_guest(fleet: &Fleet) {
    let guest = |command: &str| {
        let out = fleet.ok(&["ssh", "live", "--", "sh", "-c", command]);
        out.trim().to_owned()
    };
    assert_eq!(guest("hostname"), "live-test");
    assert!(guest("ip -4 -br addr").contains(&format!("{IP}/24")));
    assert!(guest("mokutil --sb-state").contains("SecureBoot enabled"));
    assert_eq!(guest("cat /sys/class/tpm/tpm0/tpm_version_major"), "2");
    assert!(guest("cat /sys/class/watchdog/watchdog0/identity").contains("i6300ESB"));
    assert!(guest("cloud-init status").contains("status: done"));
    let size: u64 = guest("df -B1 --output=size / | tail -1").parse().unwrap();
    assert!(size > 9 << 30, "the root grew with the disk: {size}");

    // virtiofs, both ways.
    let xml = virsh(&["dumpxml", DOMAIN]);
    let from = xml.find("/var/lib/swarmctl/shares/").unwrap();
    let share = xml[from..].split('\'').next().unwrap();
    fs::write(format!("{share}/from-host"), "host").unwrap();
    assert_eq!(guest("cat /mnt/swarm/from-host"), "host");
    guest("sudo sh -c 'echo guest > /mnt/swarm/from-guest'");
    assert_eq!(
        fs::read_to_string(format!("{share}/from-guest")).unwrap(),
        "guest\n"
    );
    for name in ["from-host", "from-guest"] {
        fs::remove_file(format!("{share}/{name}")).unwrap();
    }

    // The pinned key is the guest's, and was there before the first connection.
    let key = guest("sudo cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub");
    let pins = lines(&fleet.path(".swarm/known_hosts"));
    assert!(pins.iter().any(|pin| pin.contains(&key)), "{key}\n{pins:?}");
    assert_eq!(
        guest("ls /etc/ssh/ssh_host_*_key"),
        "/etc/ssh/ssh_host_ed25519_key"
    );
}

/// What changes at once, what waits for a restart, and a lock in between.
fn drift(fleet: &Fleet) {
    fleet.change(
        "live",
        "vm_memory_mib: 768",
        "vm_memory_mib: 1024\nvm_autostart: false",
    );
    fleet.change("live", "vm_disk_size: 10G", "vm_disk_size: 12G");
    assert!(fleet.ok(&["list"]).contains("needs --restart"));
    assert_eq!(fleet.steps(&["live"]), ["grow-disk", "set-autostart"]);
    let ran = fleet.run(&["provision", "live"]);
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.contains("memory 768 MiB, wanted 1024 MiB"));
    assert!(virsh(&["dominfo", DOMAIN]).contains("Autostart:      disable"));
    assert!(fleet.steps(&["live"]).is_empty());

    assert_eq!(
        fleet.steps(&["live", "--restart"]),
        ["stop", "define", "start", "wait-ready"]
    );
    let run = fleet.until(
        &["provision", "live", "--restart"],
        "step_started",
        Some("wait-ready"),
    );
    let begun = Instant::now();
    let second = fleet.run(&["provision", "live"]);
    assert_eq!(second.code, 75, "locked");
    assert!(
        second.stderr.contains(&run.child.id().to_string()),
        "names the holder"
    );
    assert!(begun.elapsed() < Duration::from_secs(5), "at once");
    assert_eq!(run.code(), 0);
    let memory = fleet.ok(&["ssh", "live", "--", "grep", "MemTotal", "/proc/meminfo"]);
    let kib: u64 = memory.split_whitespace().nth(1).unwrap().parse().unwrap();
    assert!(kib > 850 * 1024, "{memory}");
    assert!(fleet.steps(&["live"]).is_empty());
}

/// Stops the guest, then starts it over `qemu+ssh://`, as on another machine.
fn stop_and_remote_start(fleet: &Fleet) {
    let ran = fleet.run(&["stop", "live", "--timeout", "90"]);
    assert_eq!(ran.code, 0);
    assert!(
        !ran.stderr.contains("power cut"),
        "the guest shuts down when asked"
    );
    assert!(fleet.ok(&["list"]).contains("shut off"));
    let Some(sshd) = RemoteLibvirt::start() else {
        return;
    };
    // Its guests are this machine's: no way leads through the hypervisor's own sshd.
    let extra = format!("vm_hypervisor={} ansible_ssh_common_args=''", sshd.uri());
    fleet.ok(&["-e", &extra, "start", "live"]);
    assert!(fleet.ok(&["-e", &extra, "list"]).contains("running"));
    assert!(fleet.steps(&["live", "-e", &extra]).is_empty());
}

/// Refuses without being asked twice, then leaves no trace.
fn gone(fleet: &Fleet) {
    assert_eq!(fleet.run(&["destroy", "live"]).code, 6);
    fleet.ok(&["destroy", "live", "--yes"]);
    let traces = Traces::of(&["swarmctl live", "swarmctl-live", IP]);
    assert!(traces.none(), "{traces:?}");
    assert!(lines(&fleet.path(".swarm/known_hosts")).is_empty());
    assert!(
        virsh(&["vol-list", "default"]).contains(".complete"),
        "the base image stays"
    );
    assert!(fleet.ok(&["list"]).contains("absent"));
}
