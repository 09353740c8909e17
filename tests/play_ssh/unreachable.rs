//! What is in the way is said: what failed, where, why, and what to do.

use std::{fs, net::TcpListener};

use crate::fleet::Fleet;

const BOOK: &str = "- hosts: one\n  gather_facts: false\n  tasks:\n    - command: id\n";

#[test]
fn each_way_to_fail_has_words_of_its_own() {
    let Some(fleet) = Fleet::new() else { return };
    let key = fleet.sshd.path("user").display().to_string();
    let host = |host: &str, port: u16, key: &str| {
        format!(
            "    one: {{ansible_host: {host}, ansible_port: {port}, ansible_user: root, \
             ansible_ssh_private_key_file: {key}}}\n"
        )
    };
    let port = fleet.sshd.port();

    fleet.hosts(&host("no-such-host.invalid", 22, &key));
    let ran = fleet.play(BOOK, &[]).code(4);
    ran.has("find an address for no-such-host.invalid")
        .has("ansible_host");

    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    fleet.hosts(&host("127.0.0.1", closed, &key));
    let ran = fleet.play(BOOK, &[]).code(4);
    ran.has("refused")
        .has(&format!("127.0.0.1 port {closed}"))
        .has("swarmctl list");

    // One that takes connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    fleet.hosts(&host(
        "127.0.0.1",
        silent.local_addr().unwrap().port(),
        &key,
    ));
    let ran = fleet.play(BOOK, &["--timeout", "2"]).code(4);
    ran.has("no answer within 2 s").has("--timeout");

    // Another key is pinned than the one that the host shows.
    let pins = fs::read_to_string(fleet.path(".swarm/known_hosts")).unwrap();
    let other = fs::read_to_string(fleet.sshd.path("other_host.pub")).unwrap();
    let words: Vec<&str> = other.split_whitespace().collect();
    let wrong = format!("[127.0.0.1]:{port} {} {}\n", words[0], words[1]);
    fleet.write(".swarm/known_hosts", &wrong);
    fleet.hosts(&host("127.0.0.1", port, &key));
    let ran = fleet.play(BOOK, &[]).code(4);
    for key in ["host.pub", "other_host.pub"] {
        ran.has(&crate::sshd::fingerprint(&fleet.sshd.path(key)));
    }
    fleet.write(".swarm/known_hosts", &pins);

    let other = fleet.sshd.path("other_user");
    fleet.hosts(&host("127.0.0.1", port, &other.display().to_string()));
    let ran = fleet.play(BOOK, &[]).code(4);
    ran.has("accepted no key")
        .has(&crate::sshd::fingerprint(&other))
        .has("vm_ssh_keys");

    fleet.hosts(&host("127.0.0.1", port, "/nowhere/key"));
    let ran = fleet.play(BOOK, &[]).code(4);
    ran.has("/nowhere/key").has("0600");
}

#[test]
fn a_login_without_a_shell_is_told_from_a_dead_host() {
    let Some(fleet) = Fleet::with("ForceCommand echo this account is not available; exit 1") else {
        return;
    };
    let ran = fleet.play(BOOK, &[]).code(4);
    ran.has("start a shell on")
        .has("this account is not available")
        .has("getent passwd");
}
