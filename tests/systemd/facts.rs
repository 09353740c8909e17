//! What the two find out of a host.

use std::fs;

use serde_json::Value;

use crate::{
    pair::{Outcome, Pair, Pass},
    rig,
};

/// Facts that plays use, and that are the same on two equal hosts.
const FACTS: &[&str] = &[
    "architecture",
    "date_time.tz",
    "date_time.tz_offset",
    "default_ipv4.alias",
    "default_ipv4.broadcast",
    "default_ipv4.gateway",
    "default_ipv4.interface",
    "default_ipv4.mtu",
    "default_ipv4.netmask",
    "default_ipv4.network",
    "default_ipv4.prefix",
    "default_ipv4.type",
    "default_ipv6",
    "distribution",
    "distribution_file_path",
    "distribution_file_variety",
    "distribution_major_version",
    "distribution_release",
    "distribution_version",
    "dns.nameservers",
    "domain",
    "effective_group_id",
    "effective_user_id",
    "env.HOME",
    "env.LOGNAME",
    "env.PATH",
    "env.SHELL",
    "env.USER",
    "fqdn",
    "hostname",
    "kernel",
    "kernel_version",
    "machine",
    "memtotal_mb",
    "nodename",
    "os_family",
    "pkg_mgr",
    "processor",
    "processor_cores",
    "processor_count",
    "processor_nproc",
    "processor_threads_per_core",
    "processor_vcpus",
    "python.executable",
    "python.version.major",
    "python.version.minor",
    "python_version",
    "real_group_id",
    "real_user_id",
    "selinux.status",
    "service_mgr",
    "swaptotal_mb",
    "system",
    "user_dir",
    "user_gecos",
    "user_gid",
    "user_id",
    "user_shell",
    "user_uid",
    "userspace_architecture",
    "userspace_bits",
    "virtualization_role",
    "virtualization_type",
];

/// What gathering them may cost on the wire, in bytes.
const BUDGET: u64 = 20_000;

fn of<'a>(facts: &'a Value, path: &str) -> &'a Value {
    let mut at = facts;
    for (depth, part) in path.split('.').enumerate() {
        let name = if depth == 0 {
            format!("ansible_{part}")
        } else {
            part.to_owned()
        };
        at = at.get(&name).unwrap_or(&Value::Null);
    }
    at
}

fn gathered(run: &[Outcome]) -> Value {
    run[0].result["ansible_facts"].clone()
}

#[test]
fn facts_agree() {
    if let Some(why) = rig::missing() {
        println!("skipped: {why}");
        return;
    }
    let pair = Pair::up("difffacts", 5, &[]);
    let play =
        |task: &str| format!("- hosts: all\n  gather_facts: false\n  tasks:\n    - {task}\n");
    pair.write("facts.yml", &play("ansible.builtin.setup:"));
    pair.write("nothing.yml", &play("ansible.builtin.command: echo"));
    let [ours, theirs] = pair.run("facts.yml", Pass::First).map(Result::unwrap);
    let (ours, theirs) = (gathered(&ours), gathered(&theirs));
    let mut wrong: Vec<String> = FACTS
        .iter()
        .filter(|name| of(&ours, name) != of(&theirs, name))
        .map(|name| {
            format!(
                "{name}\n  ours   {}\n  theirs {}",
                of(&ours, name),
                of(&theirs, name)
            )
        })
        .collect();
    // Of these the numbers differ from one moment or host to the next, but not their kind.
    for name in [
        // In the order of a directory.
        "interfaces",
        "all_ipv4_addresses.0",
        "date_time.iso8601",
        "date_time.epoch",
        "default_ipv4.address",
        "default_ipv4.macaddress",
        "machine_id",
        "memfree_mb",
        "mounts.0.mount",
        "uptime_seconds",
        "product_name",
        "host0.ipv4.address",
        "memory_mb.real.total",
        "memory_mb.nocache.free",
        "ssh_host_key_ed25519_public",
        "bios_vendor",
        "board_serial",
    ] {
        let (a, b) = (of(&ours, name), of(&theirs, name));
        if std::mem::discriminant(a) != std::mem::discriminant(b) {
            wrong.push(format!("{name}\n  ours   {a}\n  theirs {b}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} facts differ\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    // What it costs: the same connection with a task that does nothing is taken off.
    let bytes = |playbook: &str| {
        let count = || -> u64 {
            ["rx_bytes", "tx_bytes"]
                .iter()
                .map(|name| {
                    let path = format!("/sys/class/net/swdiff5v1/statistics/{name}");
                    fs::read_to_string(path)
                        .unwrap()
                        .trim()
                        .parse::<u64>()
                        .unwrap()
                })
                .sum()
        };
        let before = count();
        pair.ours_only(playbook).unwrap();
        count() - before
    };
    let (nothing, facts) = (bytes("nothing.yml"), bytes("facts.yml"));
    println!("{nothing} bytes for a task that does nothing, {facts} for facts");
    assert!(facts - nothing.min(facts) < BUDGET, "{facts} - {nothing}");
}
