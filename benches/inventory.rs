//! `inventory list` of 1,000 hosts with host_vars, against `ansible-inventory`.
//!
//! Compares both outputs before it prints any time. Needs `SWARMCTL_ANSIBLE` (see
//! `scripts/ansible-venv`); without it only our own time is shown.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench may panic, and prints"
)]

use std::{fs, path::Path, process::Command, time::Instant};

use serde_json::Value;
use swarmctl::{
    inventory::{Inventory, LoadOptions},
    secret::VaultPasswords,
};

const HOSTS: usize = 1_000;
const RUNS: usize = 20;
const THEIR_RUNS: usize = 3;
/// What `docs/` promise for our time, and how much faster than Ansible it is.
const GOAL_MS: f64 = 40.0;
const GOAL_RATIO: f64 = 20.0;

fn main() {
    let dir = tempfile::tempdir().unwrap();
    write_fleet(dir.path());
    let source = dir.path().join("hosts.yml").to_str().unwrap().to_owned();

    let mut times = Vec::new();
    let mut ours = String::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        ours = list(&source);
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    let our_time = median(&mut times);
    println!("swarmctl inventory list, {HOSTS} hosts: {our_time:.1} ms (goal {GOAL_MS} ms)");

    let Some(bin) = std::env::var_os("SWARMCTL_ANSIBLE") else {
        println!("SWARMCTL_ANSIBLE is not set: no comparison");
        return;
    };
    let mut times = Vec::new();
    for _ in 0..THEIR_RUNS {
        let start = Instant::now();
        let theirs = Command::new(Path::new(&bin).join("ansible-inventory"))
            .args(["-i", &source, "--list"])
            .current_dir(dir.path().join("empty"))
            .output()
            .unwrap();
        times.push(start.elapsed().as_secs_f64() * 1000.0);
        let theirs: Value = serde_json::from_slice(&theirs.stdout).unwrap();
        let ours: Value = serde_json::from_str(&ours).unwrap();
        assert_eq!(ours, theirs, "the lists differ");
    }
    let their_time = median(&mut times);
    let ratio = their_time / our_time;
    println!("ansible-inventory --list: {their_time:.0} ms");
    println!("ratio: {ratio:.0} times (goal {GOAL_RATIO}); the lists are equal");
}

fn list(source: &str) -> String {
    let vault = VaultPasswords::new();
    let inventory = Inventory::load(&LoadOptions {
        sources: &[source.to_owned()],
        fleet_root: None,
        extra_vars: &[],
        vault: &vault,
    })
    .unwrap();
    serde_json::to_string_pretty(&inventory.list_json()).unwrap()
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn write_fleet(dir: &Path) {
    for sub in ["host_vars", "group_vars", "empty"] {
        fs::create_dir(dir.join(sub)).unwrap();
    }
    let mut text = "all:\n  children:\n".to_owned();
    for group in 0..20 {
        text.push_str(&format!("    g{group}:\n      hosts:\n"));
        for host in (group..HOSTS).step_by(20) {
            text.push_str(&format!("        claw-{host:04}:\n"));
        }
        fs::write(
            dir.join(format!("group_vars/g{group}.yml")),
            format!("rack: {group}\nntp: [10.0.0.1, 10.0.0.2]\n"),
        )
        .unwrap();
    }
    fs::write(dir.join("hosts.yml"), text).unwrap();
    fs::write(
        dir.join("group_vars/all.yml"),
        "vm_memory_mib: 3072\nvm_vcpus: 2\nvm_network: default\nansible_user: claw\n",
    )
    .unwrap();
    for host in 0..HOSTS {
        let (high, low) = (host / 250, host % 250 + 2);
        let vars = format!(
            "vm_domain: \"claw {host} [claw]\"\nvm_hostname: claw-{host}\nvm_disk_size: 60G\n\
             vm_mac: 52:54:00:01:{high:02x}:{low:02x}\nvm_ip: 10.1.{high}.{low}\n\
             vm_virtiofs:\n  - source: /srv/{host}\n    tag: swarm\nenabled: yes\n"
        );
        fs::write(dir.join(format!("host_vars/claw-{host:04}.yml")), vars).unwrap();
    }
}
