//! Dead hosts cost one timeout together.

use std::{
    fmt::Write as _,
    fs,
    process::Command,
    time::{Duration, Instant},
};

use crate::fleet::{Fleet, Ran};

#[test]
fn thirty_dead_hosts_cost_one_timeout() {
    let Some(fleet) = Fleet::new() else { return };
    // In a network of its own, whose one device lets every packet vanish.
    let probe = Command::new("unshare").args(["-n", "true"]).status();
    if !probe.is_ok_and(|status| status.success()) {
        println!("skipped: no network namespace can be made here");
        return;
    }
    let (mut hosts, mut pins) = (String::new(), String::new());
    let key = fs::read_to_string(fleet.sshd.path("host.pub")).unwrap();
    let key: Vec<&str> = key.split_whitespace().collect();
    for number in 1..=30 {
        let user = fleet.sshd.path("user").display().to_string();
        writeln!(
            hosts,
            "    h{number}: {{ansible_host: 10.99.0.{number}, ansible_user: root, \
             ansible_ssh_private_key_file: {user}}}"
        )
        .unwrap();
        // Half of them go by russh, half by OpenSSH.
        if number % 2 == 0 {
            writeln!(pins, "10.99.0.{number} {} {}", key[0], key[1]).unwrap();
        }
    }
    fleet.hosts(&hosts);
    fleet.write(".swarm/known_hosts", &pins);
    fleet.write(
        "book.yml",
        "- hosts: all\n  gather_facts: false\n  tasks:\n    - command: id\n      when: true\n    - command: id\n",
    );
    let inner = fleet.swarmctl(&["play", "book.yml", "--forks", "5", "--timeout", "3"]);
    let begun = Instant::now();
    let output = Command::new("unshare")
        .args([
            "-n",
            "sh",
            "-c",
            "ip link add dead type veth peer name end && ip link set dead arp off && ip addr add 10.99.0.254/24 dev dead && ip link set end up && ip link set dead up && exec \"$@\"",
            "sh",
        ])
        .arg(inner.get_program())
        .args(inner.get_args())
        .current_dir(fleet.dir.path())
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let took = begun.elapsed();
    let ran = Ran::of(&output).code(4);
    println!("{}", ran.stdout);
    assert_eq!(ran.stdout.matches("UNREACHABLE!").count(), 30);
    assert!(ran.stdout.contains("no answer within 3 s"));
    assert!(
        took >= Duration::from_secs(3),
        "{took:?}: nothing was waited for"
    );
    assert!(took < Duration::from_secs(9), "{took:?}");
}
