//! fetch, wait_for_connection, reset_connection, and other users on this machine.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::fleet::Fleet;

#[test]
fn files_are_fetched_where_ansible_puts_them() {
    let Some(fleet) = Fleet::new() else { return };
    let bytes: Vec<u8> = (0..=255_u8).cycle().take(70_000).collect();
    fs::write(fleet.path("there.bin"), &bytes).unwrap();
    let there = fleet.path("there.bin").display().to_string();
    let book = format!(
        "- hosts: one\n  gather_facts: false\n  tasks:\n    \
         - {{name: deep, fetch: {{src: {there}, dest: kept}}}}\n    \
         - {{name: flat, fetch: {{src: {there}, dest: flat/, flat: true}}}}\n    \
         - {{name: named, fetch: {{src: {there}, dest: flat/own, flat: true}}, register: r}}\n    \
         - {{name: none, fetch: {{src: /nowhere/x, dest: kept, fail_on_missing: false}}}}\n    \
         - {{name: sums, assert: {{that: [r.checksum | length == 40, r.dest is search('flat/own')]}}}}\n"
    );
    let checked = fleet.play(&book, &["--check"]).code(5);
    assert_eq!(checked.word("deep"), "changed");
    assert!(!fleet.path("kept").exists());
    let applied = fleet.play(&book, &[]).code(0);
    assert_eq!(applied.word("none"), "ok");
    let deep = fleet
        .path("kept")
        .join("one")
        .join(there.trim_start_matches('/'));
    for path in [deep, fleet.path("flat/there.bin"), fleet.path("flat/own")] {
        assert_eq!(fs::read(&path).unwrap(), bytes, "{}", path.display());
    }
    let again = fleet.play(&book, &[]).code(0);
    assert!(!again.stdout.contains("changed: [one]"), "{}", again.stdout);
    let missing =
        "- hosts: one\n  gather_facts: false\n  tasks:\n    - fetch: {src: /nowhere, dest: x}\n";
    fleet.play(missing, &[]).code(1).has("file not found");
    let secret = format!(
        "- hosts: one\n  gather_facts: false\n  tasks:\n    - {{fetch: {{src: {there}, dest: own, flat: true}}, no_log: true}}\n"
    );
    fleet.play(&secret, &[]).code(0);
    let mode = fs::metadata(fleet.path("own"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn connections_are_made_anew_when_asked_for() {
    let Some(fleet) = Fleet::new() else { return };
    let book = "- hosts: one\n  gather_facts: false\n  tasks:\n    \
         - {wait_for_connection: {timeout: 20}, register: waited}\n    \
         - {shell: echo $SSH_CONNECTION, register: first}\n    \
         - {shell: echo $SSH_CONNECTION, register: second}\n    \
         - meta: reset_connection\n    \
         - {shell: echo $SSH_CONNECTION, register: third}\n    \
         - assert: {that: [waited.elapsed is defined, first.stdout == second.stdout, first.stdout != third.stdout]}\n";
    fleet.play(book, &[]).code(0);
    let dead = "- hosts: dead\n  gather_facts: false\n  tasks:\n    \
         - wait_for_connection: {timeout: 2, sleep: 1, connect_timeout: 1}\n";
    let ran = fleet.play(dead, &[]).code(1);
    ran.has("timed out waiting for the host").has("refused");
}

#[test]
fn other_users_on_this_machine() {
    let Some(fleet) = Fleet::new() else { return };
    if crate::sshd::run("id", &["-u"]) != "0" {
        println!("skipped: only root may become another user without a password");
        return;
    }
    for method in ["su", "sudo"] {
        if std::process::Command::new(method)
            .arg("--help")
            .output()
            .is_err()
        {
            continue;
        }
        let book = format!(
            "- hosts: one\n  connection: local\n  gather_facts: false\n  tasks:\n    \
             - {{command: id -un, register: own}}\n    \
             - {{command: id -un, register: other, become: true, become_user: nobody, become_method: {method}}}\n    \
             - {{shell: cat, args: {{stdin: told}}, register: told, become: true, become_user: nobody, become_method: {method}}}\n    \
             - assert: {{that: [own.stdout == 'root', other.stdout == 'nobody', told.stdout == 'told']}}\n    \
             - {{command: id, become: true, become_user: swe-nobody, become_method: {method}, ignore_errors: true}}\n"
        );
        fleet
            .play(&book, &[])
            .code(0)
            .has("become swe-nobody on this machine");
    }
}
