//! Check mode says what it can't know, and apply does what was predicted.

use crate::fleet::Fleet;

/// What an install playbook does on an empty host, with nothing that would change this
/// machine: it is only ever checked.
const INSTALL: &str = r#"
- hosts: one
  gather_facts: false
  tasks:
    - {name: typo, file: {path: /tmp, owner: swe-nobody-at-all}, ignore_errors: true}
    - {name: user, user: {name: swe-new, shell: /bin/sh}}
    - {name: key, authorized_key: {user: swe-new, key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0123456789abcdefghijklmnopqrstuvwxyzABCDEF x"}}
    - {name: owned, file: {path: "{{ dir }}", state: directory, owner: swe-new}}
    - {name: template, copy: {content: x, dest: "{{ dir }}/x", owner: swe-new}}
    - {name: attributes, file: {path: "{{ dir }}/x", mode: "0600"}}
    - {name: look, stat: {path: "{{ dir }}/x"}, register: look}
    - {name: depends, debug: {msg: "{{ look.stat.exists }}"}}
    - {name: as user, command: id, become: true, become_user: swe-new, become_method: su}
    - {name: probe, command: uname -s, register: kernel}
    - {name: conditional, copy: {content: x, dest: /tmp/swe-never}, when: kernel.stdout == 'Linux'}
    - {name: fact, set_fact: {system: "{{ kernel.stdout }}"}}
    - {name: second hand, debug: {msg: "{{ system }}"}}
    - {name: guarded, debug: {msg: no}, when: not ansible_check_mode and kernel.rc == 0}
    - {name: unit, service: {name: swe-unit, state: started}}
    - {name: notifies, shell: make, notify: handler}
  handlers:
    - {name: handler, command: id}
"#;

#[test]
fn what_depends_on_the_unknown_says_so() {
    let Some(fleet) = Fleet::new() else { return };
    if crate::sshd::run("id", &["-u"]) != "0" {
        println!("skipped: users are made by root");
        return;
    }
    let ran = fleet.play(INSTALL, &["--check"]).code(5);
    for (task, word, why) in [
        ("user", "changed", ""),
        ("key", "changed", ""),
        ("owned", "changed", ""),
        ("template", "changed", ""),
        (
            "attributes",
            "skipping",
            "made/x, which \"template\" would change",
        ),
        ("look", "skipping", "which \"owned\" would change"),
        ("depends", "skipping", "depends on `look`"),
        (
            "as user",
            "skipping",
            "the user swe-new, whom \"user\" would make",
        ),
        ("typo", "fatal", "no task before this one would make it"),
        ("probe", "skipping", "the command itself"),
        ("conditional", "skipping", "depends on `kernel`"),
        ("fact", "skipping", "depends on `kernel`"),
        ("second hand", "skipping", "depends on `system`"),
        ("unit", "skipping", "swe-unit yet"),
        ("notifies", "skipping", "the command itself"),
        ("handler", "skipping", "a task that may notify it"),
    ] {
        let told = ran.told("one");
        let (_, said, rest) = told
            .iter()
            .find(|(name, ..)| name == task)
            .unwrap_or_else(|| panic!("nothing of {task}"));
        assert!(said == word && rest.contains(why), "{task}: {said}{rest}");
    }
    // What check mode is asked to leave out is left out for that reason alone.
    let told = ran.told("one");
    let guarded = told.iter().find(|(name, ..)| name == "guarded").unwrap();
    assert!(!guarded.2.contains("predicted"), "{guarded:?}");
    ran.has("unpredicted=");
    assert!(
        ran.stderr.contains("could not be predicted"),
        "{}",
        ran.stderr
    );
}

const FILES: &str = r#"
- hosts: one
  gather_facts: false
  tasks:
    - {name: top, file: {path: "{{ dir }}/a/b", state: directory, mode: "0750"}}
    - {name: inside, copy: {content: "one\n", dest: "{{ dir }}/a/b/f", mode: "0640", force: false}}
    - {name: beside, copy: {content: "two\n", dest: "{{ dir }}/a/g"}}
    - {name: line, lineinfile: {path: "{{ dir }}/a/b/f", line: more}}
    - {name: creates, command: "touch {{ dir }}/a/done", args: {creates: "{{ dir }}/a/done"}, register: made}
    - {name: quiet, command: "cat {{ dir }}/a/b/f", register: text, changed_when: false}
    - {name: same, copy: {content: "{{ text.stdout }}", dest: "{{ dir }}/same"}}
    - {name: link, file: {src: a, dest: "{{ dir }}/l", state: link, force: true}}
    - {name: told, debug: {msg: "{{ made.changed }}"}}
"#;

#[test]
fn apply_does_what_was_predicted() {
    let Some(fleet) = Fleet::new() else { return };
    let checked = fleet.play(FILES, &["--check"]).code(5);
    assert!(!fleet.path("made").exists());
    let applied = fleet.play(FILES, &[]).code(0);
    let (checked, applied) = (checked.told("one"), applied.told("one"));
    assert_eq!(checked.len(), applied.len());
    let mut predicted = 0;
    for (check, apply) in checked.iter().zip(&applied) {
        if check.1 != "skipping" {
            assert_eq!((&check.0, &check.1), (&apply.0, &apply.1));
            predicted += 1;
        }
    }
    assert!(predicted >= 5, "{checked:?}");
    // Nothing is left to do, and nothing is unknown but the command that always runs.
    let again = fleet.play(FILES, &["--check"]);
    for (task, word, rest) in again.told("one") {
        assert!(word != "changed", "{task}: {word}{rest}");
        assert!(
            !rest.contains("predicted") || task == "same",
            "{task}: {word}{rest}"
        );
    }
}

#[test]
fn a_directory_that_nobody_makes_is_a_failure() {
    let Some(fleet) = Fleet::new() else { return };
    let book = "- hosts: one\n  gather_facts: false\n  tasks:\n    - copy: {content: x, dest: /nowhere/at/all}\n";
    let ran = fleet.play(book, &["--check"]).code(1);
    ran.has("there is no directory /nowhere/at");
    fleet.play(book, &[]).code(1);
}
