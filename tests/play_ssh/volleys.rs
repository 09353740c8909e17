//! Tasks that go to a host together: how often an answer is waited for, and that
//! nothing is done which one task at a time would not have done.

use std::fs;

use crate::fleet::Fleet;

/// Runs a play of these tasks; returns the exit code, the output and the host's part of
/// the recap.
fn play(fleet: &Fleet, tasks: &str, more: &[&str]) -> (i32, Vec<serde_json::Value>) {
    let site = format!("- hosts: one\n  gather_facts: false\n  tasks:\n{tasks}");
    fs::write(fleet.path("volley.yml"), site).unwrap();
    let mut args = vec!["play", "volley.yml", "-o", "json"];
    args.extend(more);
    let ran = fleet.ran(&args);
    let events = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    (ran.code, events)
}

fn recap(events: &[serde_json::Value]) -> &serde_json::Value {
    &events.last().unwrap()["hosts"]["one"]
}

fn counts(events: &[serde_json::Value]) -> [u64; 6] {
    let names = ["ok", "changed", "failed", "skipped", "rescued", "ignored"];
    names.map(|name| recap(events)[name].as_u64().unwrap())
}

fn trips(events: &[serde_json::Value]) -> u64 {
    recap(events)["round_trips"].as_u64().unwrap()
}

fn large(text: &str) -> String {
    text.repeat(400)
}

/// Files of several kinds of modules, `count` times.
fn many(count: usize) -> String {
    let mut tasks = String::from("    - file: {path: '{{ dir }}', state: directory}\n");
    for number in 0..count {
        tasks.push_str(&match number % 5 {
            0 | 1 => format!(
                "    - copy: {{content: \"{}\\n\", dest: '{{{{ dir }}}}/c{number}'}}\n",
                large("text ")
            ),
            2 => format!("    - template: {{src: t.j2, dest: '{{{{ dir }}}}/t{number}'}}\n      vars: {{system: x}}\n"),
            3 => format!("    - file: {{path: '{{{{ dir }}}}/d{number}', state: directory, mode: '0700'}}\n"),
            _ => format!("    - lineinfile: {{path: '{{{{ dir }}}}/l{number}', line: 'a b', create: true}}\n"),
        });
    }
    tasks
}

#[test]
fn round_trips_do_not_grow_with_the_number_of_tasks() {
    let mut seen = Vec::new();
    for count in [5, 20, 100] {
        let Some(fleet) = Fleet::new() else { return };
        fleet.write(
            "templates/t.j2",
            "{{ inventory_hostname }} on {{ system }}\n",
        );
        let tasks = many(count);
        let (code, events) = play(&fleet, &tasks, &["--check"]);
        assert_eq!(code, 5);
        let checked = counts(&events);
        assert!(!fleet.path("made").exists());
        let (code, events) = play(&fleet, &tasks, &[]);
        assert_eq!(code, 0);
        assert_eq!(counts(&events), checked);
        assert_eq!(checked[1], count as u64 + 1);
        let first = trips(&events);
        let (_, events) = play(&fleet, &tasks, &[]);
        assert_eq!(counts(&events), [count as u64 + 1, 0, 0, 0, 0, 0]);
        seen.push((first, trips(&events)));
        let text = fs::read_to_string(fleet.path("made/c1")).unwrap();
        assert_eq!(text, format!("{}\n", large("text ")));
        assert_eq!(fs::read_to_string(fleet.path("made/l4")).unwrap(), "a b\n");
    }
    assert!(seen.iter().all(|one| *one == seen[0]), "{seen:?}");
}

#[test]
fn nothing_behind_a_failure_is_done() {
    let Some(fleet) = Fleet::new() else { return };
    let text = large("x");
    let tasks = format!(
        "    - file: {{path: '{{{{ dir }}}}', state: directory}}\n\
         \x20   - copy: {{content: {text}, dest: '{{{{ dir }}}}/a'}}\n\
         \x20   - shell: echo run >> {{{{ dir }}}}/log; exit 3\n\
         \x20   - copy: {{content: {text}, dest: '{{{{ dir }}}}/b'}}\n\
         \x20   - command: touch {{{{ dir }}}}/c\n"
    );
    let (code, events) = play(&fleet, &tasks, &[]);
    assert_eq!(code, 1);
    assert_eq!(counts(&events), [2, 2, 1, 0, 0, 0]);
    let made = |name: &str| fleet.path("made").join(name).exists();
    assert!(made("a") && !made("b") && !made("c"));
    let log = fs::read_to_string(fleet.path("made/log")).unwrap();
    assert_eq!(log, "run\n");
}

#[test]
fn rescue_and_always_follow_a_failure_and_ignored_ones_go_on() {
    let Some(fleet) = Fleet::new() else { return };
    let tasks = "
    - file: {path: '{{ dir }}', state: directory}
    - block:
        - shell: echo 1 >> {{ dir }}/log
        - command: /bin/false
        - shell: echo never >> {{ dir }}/log
      rescue:
        - shell: echo rescue >> {{ dir }}/log
        - copy: {content: '{{ ansible_failed_result.rc }}', dest: '{{ dir }}/rc'}
      always:
        - shell: echo always >> {{ dir }}/log
    - command: /bin/false
      ignore_errors: true
    - shell: echo 2 >> {{ dir }}/log
    - shell: '[ {{ item }} != b ] && echo {{ item }} >> {{ dir }}/log'
      loop: [a, b, c]
    - shell: echo never >> {{ dir }}/log
";
    let (code, events) = play(&fleet, tasks, &[]);
    assert_eq!(code, 1);
    let log = fs::read_to_string(fleet.path("made/log")).unwrap();
    assert_eq!(log, "1\nrescue\nalways\n2\na\nc\n");
    assert_eq!(fs::read_to_string(fleet.path("made/rc")).unwrap(), "1");
    assert_eq!(counts(&events), [7, 7, 1, 0, 1, 1]);
}

#[test]
fn a_task_that_needs_a_result_waits_for_it() {
    let Some(fleet) = Fleet::new() else { return };
    let tasks = "
    - file: {path: '{{ dir }}', state: directory}
    - command: echo one
      register: r
    - set_fact: {told: '{{ r.stdout }} two'}
    - copy: {content: '{{ told }}', dest: '{{ dir }}/told'}
    - stat: {path: '{{ dir }}/told'}
      register: r
    - copy: {content: '{{ r.stat.size }}', dest: '{{ dir }}/size'}
      when: r.stat.exists
    - copy: {content: x, dest: '{{ dir }}/none'}
      when: not r.stat.exists
    - command: echo {{ item }} {{ r.rc | default('first') }}
      loop: [a, b]
      register: r
    - copy: {content: '{{ r.results[1].stdout }}', dest: '{{ dir }}/loop'}
";
    let (code, events) = play(&fleet, tasks, &[]);
    assert_eq!(code, 0);
    assert_eq!(counts(&events), [8, 6, 0, 1, 0, 0]);
    let read = |name: &str| fs::read_to_string(fleet.path("made").join(name)).unwrap();
    assert_eq!(read("told"), "one two");
    assert_eq!(read("size"), "7");
    assert_eq!(read("loop"), "b 0");
    assert!(!fleet.path("made/none").exists());
}

#[test]
fn what_a_task_before_does_is_seen_by_those_that_only_looked() {
    let Some(fleet) = Fleet::new() else { return };
    let (old, new) = (large("old "), large("new "));
    // The first file is asked for, so all others only look, and see what is not yet so.
    let tasks = format!(
        "    - file: {{path: '{{{{ dir }}}}', state: directory}}
    - copy: {{content: '{new}', dest: '{{{{ dir }}}}/a'}}
    - shell: printf %s '{new}' > {{{{ dir }}}}/b
    - copy: {{content: '{new}', dest: '{{{{ dir }}}}/b'}}
    - copy: {{content: '{old}', dest: '{{{{ dir }}}}/a'}}
    - copy: {{content: '{new}', dest: '{{{{ dir }}}}/a'}}
    - lineinfile: {{path: '{{{{ dir }}}}/l', line: one, create: true}}
    - lineinfile: {{path: '{{{{ dir }}}}/l', line: two}}
    - lineinfile: {{path: '{{{{ dir }}}}/l', line: one, state: absent}}
    - stat: {{path: '{{{{ dir }}}}/l'}}
      register: r
    - assert: {{that: r.stat.size == 4}}
"
    );
    let (code, events) = play(&fleet, &tasks, &[]);
    assert_eq!(code, 0);
    assert_eq!(counts(&events), [11, 8, 0, 0, 0, 0]);
    let read = |name: &str| fs::read_to_string(fleet.path("made").join(name)).unwrap();
    assert_eq!((read("a"), read("b")), (new.clone(), new));
    assert_eq!(read("l"), "two\n");
}

#[test]
fn names_of_variables_are_those_of_the_command_and_valid() {
    let Some(fleet) = Fleet::new() else { return };
    let tasks = "
    - command: printenv LONGER
      environment: {LONGER: \"it's\"}
    - command: printenv K
      environment: {K: '1', TZ: UTC}
    - command: 'true'
      environment: {a-b: '1'}
";
    let (code, events) = play(&fleet, tasks, &[]);
    assert_eq!(code, 1);
    assert_eq!(events[2]["result"]["stdout"], "it's");
    assert_eq!(events[4]["result"]["stdout"], "1");
    assert_eq!(counts(&events), [2, 2, 1, 0, 0, 0]);
}
