//! What must not be shown leaves no trace.

use std::{
    fs,
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use crate::fleet::Fleet;

const SECRET: &str = "hunter2-correct-horse";

const BOOK: &str = r#"
- hosts: one
  gather_facts: false
  vars: {secret: hunter2-correct-horse}
  tasks:
    - {command: "sleep 0.3", no_log: true, environment: {TOKEN: "{{ secret }}"}}
    - {shell: "sleep 0.3; : {{ secret }}", no_log: true}
    - {copy: {content: "{{ secret }}\n", dest: "{{ dir }}/x"}, no_log: true}
    - {copy: {content: "{{ secret }} more\n", dest: "{{ dir }}/x"}, no_log: true}
    - {lineinfile: {path: "{{ dir }}/x", line: "{{ secret }} line"}, no_log: true}
    - {shell: "echo {{ secret }}; exit 1", no_log: true, ignore_errors: true, register: r}
    - {shell: "cat; sleep 0.3", args: {stdin: "{{ secret }}"}, no_log: true}
    - {copy: {content: "{{ item }}", dest: "{{ dir }}/y"}, loop: ["{{ secret }}"], no_log: true}
    - {debug: {msg: "{{ r.stdout }}"}, no_log: true}
    - {uri: {url: "http://127.0.0.1:1/{{ secret }}", url_password: "{{ secret }}", url_username: u}, no_log: true, ignore_errors: true}
    - {template: {src: "nowhere-{{ secret }}", dest: /x}, no_log: true, ignore_errors: true}
    - {fail: {msg: "{{ secret | nonsense_of(secret) if false else secret.none.none }}"}, no_log: true, ignore_errors: true}
    - {user: {name: swe-none, password: "{{ secret }}"}, no_log: true, check_mode: true}
"#;

#[test]
fn no_log_leaves_no_trace() {
    let Some(fleet) = Fleet::new() else { return };
    fs::create_dir(fleet.path("made")).unwrap();
    fleet.write("book.yml", &BOOK.replace("nonsense_of(secret)", "string"));
    let over = AtomicBool::new(false);
    let (seen, rans) = thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut seen = Vec::new();
            while !over.load(Ordering::SeqCst) {
                let ps = Command::new("ps")
                    .args(["axww", "-o", "pid=,args="])
                    .output();
                let text = String::from_utf8_lossy(&ps.unwrap().stdout).into_owned();
                seen.extend(
                    text.lines()
                        .filter(|line| line.contains(SECRET))
                        .map(str::to_owned),
                );
                thread::sleep(Duration::from_millis(5));
            }
            seen
        });
        let rans = [
            vec!["play", "book.yml", "--diff", "-v"],
            vec!["play", "book.yml", "--diff", "-o", "json"],
            vec!["play", "book.yml", "--diff", "--check", "-o", "json"],
            vec!["play", "book.yml", "--diff", "--check", "-v"],
        ]
        .map(|args| {
            fs::remove_file(fleet.path("made/x")).ok();
            fs::remove_file(fleet.path("made/y")).ok();
            (args.join(" "), fleet.ran(&args))
        });
        over.store(true, Ordering::SeqCst);
        (watcher.join().unwrap(), rans)
    });
    for (args, ran) in rans {
        assert!(!ran.stdout.contains(SECRET), "{args}: standard output");
        assert!(!ran.stderr.contains(SECRET), "{args}: standard error");
        assert!(ran.code == 0 || ran.code == 5, "{args}: {}", ran.code);
    }
    assert!(seen.is_empty(), "in the process list: {seen:?}");
}

#[test]
fn vaulted_values_are_not_shown_either() {
    let Some(fleet) = Fleet::new() else { return };
    let vaulted = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/vaulted.yml");
    fleet.write("secret.yml", &fs::read_to_string(vaulted).unwrap());
    fleet.write("password", "swordfish\n");
    let book = r#"
- hosts: one
  gather_facts: false
  vars_files: [secret.yml]
  tasks:
    - file: {path: "{{ dir }}", state: directory}
    - copy: {content: "a {{ token }} b\n", dest: "{{ dir }}/t"}
    - lineinfile: {path: "{{ dir }}/t", line: "x{{ token }}"}
      ignore_errors: true
    - shell: "echo {{ token }} >&2; exit 1"
      ignore_errors: true
    - debug: {var: token}
"#;
    fleet.write("book.yml", book);
    let vault = ["--vault-password-file", "password"];
    fleet
        .ran(&[&["play", "book.yml"], vault.as_slice()].concat())
        .code(0);
    let text = fs::read_to_string(fleet.path("made/t")).unwrap();
    let token = text.split_whitespace().nth(1).unwrap().to_owned();
    assert!(token.len() > 3, "{text:?}");
    for more in [
        ["--diff", "-v"].as_slice(),
        &["--diff", "-o", "json"],
        &["--check", "--diff"],
    ] {
        fs::write(fleet.path("made/t"), format!("old {token}\n")).unwrap();
        let ran = fleet.ran(&[&["play", "book.yml"], vault.as_slice(), more].concat());
        assert!(ran.code == 0 || ran.code == 5, "{more:?}: {}", ran.code);
        assert!(!ran.stdout.contains(&token), "{more:?}: standard output");
        assert!(!ran.stderr.contains(&token), "{more:?}: standard error");
    }
}
