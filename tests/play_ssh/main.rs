//! `swarmctl play` end to end: a real sshd, real files, the binary as a user runs it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    dead_code,
    missing_docs,
    reason = "tests may panic, and say why they are skipped; the sshd is shared with others"
)]

mod check_mode;
mod dead_hosts;
mod fleet;
mod secrets;
#[path = "../transport/sshd.rs"]
mod sshd;
mod unreachable;
mod volleys;
mod waits;

use std::fs;

use fleet::Fleet;

/// A fleet with a template and the playbook below.
fn site() -> Option<Fleet> {
    let fleet = Fleet::new()?;
    fleet.write("group_vars/all.yml", "greeting: hello\n");
    fleet.write(
        "templates/t.j2",
        "{{ greeting }} {{ inventory_hostname }} on {{ ansible_system }}\n",
    );
    fleet.write("site.yml", SITE);
    Some(fleet)
}

const SITE: &str = r#"
- name: files and more
  hosts: one
  tasks:
    - file: {path: "{{ dir }}", state: directory, mode: "0750"}
    - template: {src: t.j2, dest: "{{ dir }}/t.txt", mode: "0640"}
      notify: told
    - copy: {content: "{{ item }}\n", dest: "{{ dir }}/{{ item }}"}
      loop: [a, b]
    - command: uname -s
      register: kernel
      changed_when: false
      check_mode: false
    - copy: {content: "{{ kernel.stdout }}\n", dest: "{{ dir }}/kernel"}
    - block:
        - command: /bin/false
          check_mode: false
      rescue:
        - debug: msg=rescued
  handlers:
    - name: told
      shell: echo told >> {{ dir }}/log
"#;

/// Runs swarmctl and returns its exit code and standard output.
fn run(fleet: &Fleet, args: &[&str]) -> (i32, String) {
    let ran = fleet.ran(args);
    (ran.code, ran.stdout)
}

#[test]
fn check_predicts_apply_and_a_second_run_changes_nothing() {
    let Some(fleet) = site() else { return };
    let (code, checked) = run(&fleet, &["play", "site.yml", "--check", "--diff"]);
    assert_eq!(code, 5);
    assert!(checked.contains("+hello one on Linux"), "{checked}");
    assert!(!fleet.path("made").exists(), "check mode changed something");
    let (code, applied) = run(&fleet, &["play", "site.yml"]);
    assert_eq!(code, 0);
    let changed = |text: &str| text.matches("changed: [one]").count();
    // A command can't be predicted, so the handler's shell is the one that check left out.
    assert_eq!(changed(&checked) + 1, changed(&applied));
    let read = |name: &str| fs::read_to_string(fleet.path("made").join(name)).unwrap();
    assert_eq!(read("t.txt"), "hello one on Linux\n");
    assert_eq!((read("a"), read("b")), ("a\n".to_owned(), "b\n".to_owned()));
    assert_eq!(read("kernel"), "Linux\n");
    assert_eq!(read("log"), "told\n");
    let (code, again) = run(&fleet, &["play", "site.yml"]);
    assert_eq!(code, 0);
    assert_eq!(changed(&again), 0, "{again}");
    assert!(again.contains("rescued=1"));
    let (code, _) = run(&fleet, &["play", "site.yml", "--check"]);
    assert_eq!(code, 0, "nothing left to change");
}

#[test]
fn a_host_that_cannot_be_reached_and_a_task_that_fails_have_their_own_codes() {
    let Some(fleet) = site() else { return };
    fs::write(
        fleet.path("all.yml"),
        "- hosts: all\n  tasks:\n    - ping:\n",
    )
    .unwrap();
    let (code, text) = run(&fleet, &["play", "all.yml"]);
    assert_eq!(code, 4);
    assert!(text.contains("fatal: [dead]: UNREACHABLE!"), "{text}");
    assert!(text.contains("ok: [one]"), "the other host goes on");
    fs::write(
        fleet.path("bad.yml"),
        "- hosts: one\n  tasks:\n    - command: /bin/false\n",
    )
    .unwrap();
    let (code, text) = run(&fleet, &["play", "bad.yml"]);
    assert_eq!(code, 1);
    assert!(text.contains("\"rc\":1"), "{text}");
    let (_, json) = run(&fleet, &["play", "bad.yml", "-o", "json"]);
    let events: Vec<serde_json::Value> = json
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events.last().unwrap()["hosts"]["one"]["failed"], 1);
    assert!(
        events
            .iter()
            .all(|event| event["schema"] == "swarmctl/play-event/1")
    );
}

#[test]
fn what_is_not_supported_is_refused_before_anything_runs() {
    let Some(fleet) = site() else { return };
    let text = "- hosts: one\n  tasks:\n    - copy: {content: x, dest: \"{{ dir }}\"}\n    - nxos_vlan: {id: 1}\n";
    fs::write(fleet.path("odd.yml"), text).unwrap();
    let (code, text) = run(&fleet, &["play", "odd.yml"]);
    assert_eq!((code, text.as_str()), (3, ""));
    assert!(!fleet.path("made").exists());
}
