//! What swarmctl itself takes to provision a guest, beside the same steps by hand
//! with virsh, in turns on the same libvirt; copying the base image and booting are
//! left out on both sides. Needs root and a libvirt that answers (scripts/libvirt-up);
//! says so and ends where there is none.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench may panic, and prints"
)]

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    os::unix::fs::FileExt,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

const RUNS: usize = 5;
/// What the issue promises for swarmctl's own share, in seconds.
const GOAL: f64 = 1.0;
const NAME: &str = "swarmctl-bench";
const MAC: &str = "52:54:00:5c:00:01";
const IP: &str = "192.168.122.191";
const IMAGES: &str = "/var/lib/libvirt/images";

fn main() {
    if !virsh(&["net-info", "default"]).0 {
        println!("left out: no libvirt with a network `default` (run scripts/libvirt-up as root)");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    fleet(dir.path());
    let (mut ours, mut own, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    let mut facts = Vec::new();
    for _ in 0..RUNS {
        let (all, without_libvirt) = provision(dir.path());
        ours.push(all);
        own.push(without_libvirt);
        facts.push(end_state());
        remove(dir.path());
        theirs.push(by_hand(dir.path()));
        facts.push(end_state());
        remove_by_hand();
    }
    assert!(
        facts.windows(2).all(|pair| pair[0] == pair[1]),
        "the end states differ: {facts:?}"
    );
    virsh(&["vol-delete", "--pool", "default", &base()]);
    virsh(&[
        "vol-delete",
        "--pool",
        "default",
        &format!("{}.complete", base()),
    ]);
    let (all, cpu, hand) = (median(&mut ours), median(&mut own), median(&mut theirs));
    println!("median of {RUNS}, without copying and booting:");
    println!("  swarmctl provision   {all:.3} s, of it {cpu:.3} s of its own CPU");
    println!("  the same by virsh    {hand:.3} s");
    println!("  ratio                {:.2}", all / hand);
    println!(
        "  goal <= {GOAL} s         {}",
        if all <= GOAL { "met" } else { "MISSED" }
    );
}

fn fleet(dir: &Path) {
    let image = dir.join("bench.raw");
    let file = File::create(&image).unwrap();
    file.set_len(8 << 20).unwrap();
    file.write_all_at(&[0x55, 0xaa], 510).unwrap();
    fs::create_dir(dir.join("inventory")).unwrap();
    fs::create_dir(dir.join("host_vars")).unwrap();
    fs::write(
        dir.join("inventory/hosts.yml"),
        format!("all: {{hosts: {{{NAME}: }}}}\n"),
    )
    .unwrap();
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(dir.join("key"))
        .status();
    assert!(made.unwrap().success());
    fs::write(
        dir.join("host_vars").join(format!("{NAME}.yml")),
        format!(
            "vm_image: bench.raw\nvm_mac: \"{MAC}\"\nvm_ip: {IP}\nvm_memory_mib: 256\nvm_domain_type: qemu\n\
             vm_firmware: bios\nvm_tpm: false\nvm_virtiofs: []\nansible_ssh_private_key_file: key\n"
        ),
    )
    .unwrap();
}

fn swarmctl(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_swarmctl"));
    command
        .args(args)
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// Provisions until the guest is to be waited for. Returns the seconds without the
/// steps that copy the image and start QEMU, and the process's own CPU seconds.
fn provision(dir: &Path) -> (f64, f64) {
    let begun = Instant::now();
    let mut child = swarmctl(dir, &["provision", NAME, "-o", "json"])
        .spawn()
        .unwrap();
    let mut left_out = 0.0;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let event: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        let (kind, name) = (event["kind"].as_str(), event["name"].as_str());
        if kind == Some("step_done") && matches!(name, Some("upload-base" | "start")) {
            left_out += event["seconds"].as_f64().unwrap();
        }
        if kind == Some("step_started") && name == Some("wait-ready") {
            break;
        }
    }
    let all = begun.elapsed().as_secs_f64() - left_out;
    let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
    // proc(5): utime and stime are fields 14 and 15, in ticks of a hundredth second.
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    (all, ticks / 100.0)
}

fn remove(dir: &Path) {
    virsh(&["destroy", NAME]);
    let removed = swarmctl(dir, &["destroy", NAME, "--yes"]).status().unwrap();
    assert!(removed.success());
}

/// The same guest with the hypervisor's own tools, as an operator's script does it.
fn by_hand(dir: &Path) -> f64 {
    let seed = dir.join("seed.img");
    let xml = dir.join("domain.xml");
    fs::write(&seed, vec![0; 1 << 20]).unwrap();
    fs::write(
        &xml,
        format!(
            "<domain type='qemu'><name>{NAME}</name><memory unit='MiB'>256</memory><vcpu>2</vcpu>\
             <os><type arch='x86_64' machine='q35'>hvm</type></os><devices>\
             <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='{IMAGES}/{NAME}.qcow2'/><target dev='vda' bus='virtio'/></disk>\
             <interface type='network'><mac address='{MAC}'/><source network='default'/></interface>\
             </devices></domain>"
        ),
    )
    .unwrap();
    let begun = Instant::now();
    let host = format!("<host mac='{MAC}' name='{NAME}' ip='{IP}'/>");
    let disk = format!("{NAME}.qcow2");
    let seed_volume = format!("{NAME}-seed.img");
    let (xml, seed) = (xml.to_str().unwrap(), seed.to_str().unwrap());
    let base = base();
    for step in [
        &[
            "vol-create-as",
            "default",
            &seed_volume,
            "1M",
            "--format",
            "raw",
        ][..],
        &["vol-upload", "--pool", "default", &seed_volume, seed],
        &["define", "--validate", xml],
        &[
            "vol-create-as",
            "default",
            &disk,
            "60G",
            "--format",
            "qcow2",
            "--backing-vol",
            &base,
            "--backing-vol-format",
            "raw",
        ],
        &["autostart", NAME],
        &[
            "net-update",
            "default",
            "add",
            "ip-dhcp-host",
            &host,
            "--live",
            "--config",
        ],
    ] {
        let (done, said) = virsh(step);
        assert!(done, "{step:?}: {said}");
    }
    begun.elapsed().as_secs_f64()
}

fn remove_by_hand() {
    let host = format!("<host mac='{MAC}' name='{NAME}' ip='{IP}'/>");
    virsh(&["undefine", NAME]);
    virsh(&["vol-delete", "--pool", "default", &format!("{NAME}.qcow2")]);
    virsh(&[
        "vol-delete",
        "--pool",
        "default",
        &format!("{NAME}-seed.img"),
    ]);
    virsh(&[
        "net-update",
        "default",
        "delete",
        "ip-dhcp-host",
        &host,
        "--live",
        "--config",
    ]);
}

/// What both must have made: disk, reservation, autostart.
fn end_state() -> (bool, bool, bool) {
    let disk = virsh(&["vol-info", "--pool", "default", &format!("{NAME}.qcow2")]).1;
    let network = virsh(&["net-dumpxml", "default"]).1;
    let domain = virsh(&["dominfo", NAME]).1;
    (
        disk.contains("60.00 GiB"),
        network.contains(&format!("mac='{MAC}' name='{NAME}' ip='{IP}'")),
        domain.contains("Autostart:      enable"),
    )
}

/// The base image's volume.
fn base() -> String {
    let volumes = virsh(&["vol-list", "default"]).1;
    volumes
        .split_whitespace()
        .find(|word| word.starts_with("base-bench-") && word.ends_with(".qcow2"))
        .unwrap_or_default()
        .to_owned()
}

fn virsh(args: &[&str]) -> (bool, String) {
    let Ok(output) = Command::new("virsh")
        .args(["-c", "qemu:///system"])
        .args(args)
        .output()
    else {
        return (false, "virsh is not installed".to_owned());
    };
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
