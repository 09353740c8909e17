//! Plays against hands that do as they are told.

use std::{
    collections::HashMap,
    fs,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::{Map, Value, json};

use super::*;
use crate::{
    inventory::{Inventory, LoadOptions},
    play::{
        parse::{DiskFiles, Reader, SomeModules, TagFilter},
        vars::{Controller, World},
    },
    secret::VaultPasswords,
};

/// Answers `command`s: the text says what comes of it.
#[derive(Default)]
struct Puppet {
    calls: Mutex<Vec<String>>,
    tries: Mutex<HashMap<String, u64>>,
    running: AtomicUsize,
    most: AtomicUsize,
    /// Whether calls may be sent ahead.
    ahead: bool,
    /// What was sent together.
    windows: Mutex<Vec<Vec<String>>>,
}

impl Hands for Puppet {
    async fn call(&self, call: Call) -> Outcome {
        let text = call.args.get("_raw_params").or(call.args.get("msg"));
        let text = text.and_then(Value::as_str).unwrap_or_default().to_owned();
        let who = call.r#become.map(|one| one.user).unwrap_or_default();
        let said = format!("{}:{who}:{text}", call.host);
        self.calls.lock().unwrap().push(said);
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(running, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(2)).await;
        self.running.fetch_sub(1, Ordering::SeqCst);
        self.answer(&text, &call.host)
    }

    fn ready(&self, call: &Call) -> Option<Ready> {
        let text = call.args.get("_raw_params")?.as_str()?.to_owned();
        let facts = text.starts_with("facts");
        self.ahead.then(|| Ready {
            size: text.len(),
            sets: if facts { Sets::Facts } else { Sets::Nothing },
            inward: text.starts_with("in"),
            work: Box::new((call.host.clone(), text)),
        })
    }

    fn send(&self, calls: Vec<Ahead>) -> Vec<Coming> {
        let mut failed = None;
        let mut window = Vec::new();
        let coming = calls
            .into_iter()
            .map(|call| {
                let (sender, coming) = tokio::sync::oneshot::channel();
                let (host, text) = *call.ready.work.downcast::<(String, String)>().unwrap();
                window.push(text.clone());
                if failed.is_none_or(|task| task == call.task) {
                    self.calls.lock().unwrap().push(format!("{host}::{text}"));
                    let outcome = self.answer(&text, &host);
                    let bad = matches!(&outcome, Outcome::Done(fields) if results::flag(fields, "failed"));
                    if bad && !call.ignored {
                        failed = Some(call.task);
                    }
                    drop(sender.send(outcome));
                }
                coming
            })
            .collect();
        self.windows.lock().unwrap().push(window);
        coming
    }
}

impl Puppet {
    fn answer(&self, text: &str, host: &str) -> Outcome {
        let done = |value: Value| Outcome::Done(value.as_object().unwrap().clone());
        match text.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["gone", hosts] if hosts.split(',').any(|one| one == host) => {
                Outcome::Unreachable("no route".to_owned())
            }
            ["third", what] => {
                let mut tries = self.tries.lock().unwrap();
                let count = tries.entry(format!("{host} {what}")).or_default();
                *count += 1;
                done(json!({ "rc": i32::from(*count < 3), "changed": true }))
            }
            ["fail"] => done(json!({ "failed": true, "msg": "told to" })),
            ["same"] => done(json!({ "changed": false })),
            _ => done(json!({ "changed": true, "stdout": text })),
        }
    }
}

#[derive(Default)]
struct Heard(Mutex<Vec<Event>>);

impl EventSink for Heard {
    fn send(&self, event: Event) {
        self.0.lock().unwrap().push(event);
    }
}

struct Ran {
    recap: Recap,
    events: Vec<Event>,
    hands: Arc<Puppet>,
}

impl Ran {
    fn counts(&self, host: &str) -> [u64; 7] {
        let c = self.recap.of(host);
        [
            c.ok,
            c.changed,
            c.unreachable,
            c.failed,
            c.skipped,
            c.rescued,
            c.ignored,
        ]
    }

    fn calls(&self) -> Vec<String> {
        self.hands.calls.lock().unwrap().clone()
    }
}

fn run(site: &str, hosts: &str, forks: usize) -> Ran {
    run_by(Puppet::default(), site, hosts, forks)
}

/// Runs a play with calls sent ahead, and without; both must come to the same.
fn run_ahead(site: &str, hosts: &str) -> Ran {
    let puppet = Puppet {
        ahead: true,
        ..Puppet::default()
    };
    let ran = run_by(puppet, site, hosts, 5);
    let other = run(site, hosts, 5);
    let said = |ran: &Ran| -> Vec<String> {
        let costly = |event: &&Event| !matches!(event, Event::Recap { .. });
        let events = ran.events.iter().filter(costly);
        events.map(|event| format!("{event:?}")).collect()
    };
    if !hosts.trim_end_matches(',').contains(',') {
        assert_eq!(said(&ran), said(&other));
        assert_eq!(ran.calls(), other.calls());
    }
    for host in hosts.split(',') {
        assert_eq!(ran.counts(host), other.counts(host));
    }
    ran
}

fn run_by(puppet: Puppet, site: &str, hosts: &str, forks: usize) -> Ran {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("site.yml");
    fs::write(&path, site).unwrap();
    let vault = VaultPasswords::new();
    let inventory = Inventory::load(&LoadOptions {
        sources: &[hosts.to_owned()],
        fleet_root: None,
        extra_vars: &[],
        vault: &vault,
    })
    .unwrap();
    let files = Arc::new(DiskFiles::default());
    let reader = Reader::new(
        files.clone(),
        Arc::new(SomeModules),
        inventory.extra_vars().clone(),
        Arc::new(vault),
    );
    let books = reader.playbooks(&[path]).unwrap();
    let controller = Controller {
        environment: Default::default(),
        files,
        inventory_sources: Vec::new(),
        check: false,
        diff: false,
        verbosity: 0,
        forks,
        run_tags: Vec::new(),
        skip_tags: Vec::new(),
        limit: None,
    };
    let (hands, heard) = (Arc::new(puppet), Arc::new(Heard::default()));
    let engine = Arc::new(Engine::new(
        Arc::new(reader),
        Arc::new(World::new(inventory, controller)),
        hands.clone(),
        heard.clone(),
        RunOptions {
            check: false,
            diff: false,
            forks,
            tags: TagFilter::default(),
            limit: None,
            start_at: None,
        },
    ));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let finished = runtime.block_on(engine.run(&books)).unwrap();
    let events = heard.0.lock().unwrap().clone();
    Ran {
        recap: finished.recap,
        events,
        hands,
    }
}

const HEAD: &str = "- hosts: all\n  gather_facts: false\n  tasks:\n";

#[test]
fn unreachable_hosts_leave_and_no_rescue_helps() {
    let ran = run(
        &format!(
            "{HEAD}    - block:\n        - command: gone b\n      rescue:\n        - command: rescue\n      always:\n        - command: always\n    - command: after\n- hosts: all\n  gather_facts: false\n  tasks:\n    - command: second\n"
        ),
        "a,b,",
        5,
    );
    assert_eq!(ran.counts("a"), [4, 4, 0, 0, 0, 0, 0]);
    assert_eq!(ran.counts("b"), [0, 0, 1, 0, 0, 0, 0]);
    let ran = run(
        &format!("{HEAD}    - command: gone b\n      ignore_unreachable: true\n    - command: x\n"),
        "a,b,",
        5,
    );
    assert_eq!(ran.counts("b"), [2, 1, 0, 0, 0, 0, 1]);
}

#[test]
fn retries_end_when_it_is_well() {
    let ran = run(
        &format!(
            "{HEAD}    - command: third x\n      retries: 5\n      delay: 0\n      register: r\n    - command: tried {{{{ r.attempts }}}}\n    - command: third y\n      retries: 1\n      delay: 0\n"
        ),
        "a,",
        5,
    );
    assert_eq!(ran.counts("a"), [2, 2, 0, 1, 0, 0, 0]);
    assert!(
        ran.calls().contains(&"a::tried 3".to_owned()),
        "{:?}",
        ran.calls()
    );
    let retries = ran
        .events
        .iter()
        .filter(|event| matches!(event, Event::Retry { .. }))
        .count();
    assert_eq!(retries, 3);
}

#[test]
fn no_more_hosts_than_forks_at_once() {
    let hosts: String = (0..20).map(|number| format!("h{number},")).collect();
    let ran = run(&format!("{HEAD}    - command: x\n"), &hosts, 3);
    assert_eq!(ran.hands.most.load(Ordering::SeqCst), 3);
    let site = format!("{HEAD}    - command: x\n      throttle: 1\n");
    let ran = run(&site, &hosts, 3);
    assert_eq!(ran.hands.most.load(Ordering::SeqCst), 1);
}

#[test]
fn what_must_not_be_shown_is_not() {
    let ran = run(
        &format!(
            "{HEAD}    - command: hunter2\n      no_log: true\n      register: r\n    - command: hunter2\n      loop: [hunter2]\n      no_log: true\n    - command: hunter2\n      no_log: '{{{{ nope }}}}'\n      ignore_errors: true\n    - command: same\n      when: r.stdout == 'hunter2'\n"
        ),
        "a,",
        5,
    );
    assert!(!format!("{:?}", ran.events).contains("hunter2"));
    assert_eq!(ran.counts("a"), [4, 2, 0, 0, 0, 0, 1]);
}

#[test]
fn tasks_run_as_whom_they_say() {
    let ran = run(
        "- hosts: all\n  gather_facts: false\n  become: true\n  tasks:\n    - command: one\n    - command: two\n      become_user: web\n    - command: three\n      become: false\n    - command: four\n      delegate_to: b\n",
        "a,",
        5,
    );
    assert_eq!(
        ran.calls(),
        ["a:root:one", "a:web:two", "a::three", "b:root:four"]
    );
}

#[test]
fn free_hosts_do_not_wait_for_each_other() {
    let site = "- hosts: all\n  gather_facts: false\n  strategy: free\n  tasks:\n    - command: x\n      loop: '{{ range(20) | list if inventory_hostname == \"a\" else [1] }}'\n    - command: second\n";
    let ran = run(site, "a,b,", 5);
    let calls = ran.calls();
    let second = |host: &str| {
        let call = format!("{host}::second");
        calls.iter().position(|one| *one == call).unwrap()
    };
    assert!(second("b") < second("a"), "{calls:?}");
    assert_eq!(ran.counts("a"), [2, 2, 0, 0, 0, 0, 0]);
}

#[test]
fn a_handler_that_is_not_there_is_a_failure() {
    let ran = run(
        &format!("{HEAD}    - command: x\n      notify: nobody\n"),
        "a,",
        5,
    );
    assert_eq!(ran.counts("a"), [0, 0, 0, 1, 0, 0, 0]);
    let failed: Vec<&Map<String, Value>> = ran
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Done { result, .. } => Some(result),
            _ => None,
        })
        .collect();
    assert!(failed[0]["msg"].as_str().unwrap().contains("nobody"));
}

#[test]
fn tasks_go_ahead_until_one_needs_a_result() {
    let tasks = "    - command: one
    - command: two
      register: r
    - command: three
      loop: [1, 2]
    - block:
        - command: four {{ x | default('') }}
          vars: {x: \"{{ y | default(1) }}\"}
        - command: five
          when: false
    - command: six {{ r.stdout }}
    - command: seven
      register: y
    - command: eight
      vars: {x: \"{{ y.stdout }}\"}
    - command: nine {{ x }}
      vars: {x: \"{{ y.stdout }}\"}
    - command: ten
      notify: nobody
      when: false
    - command: eleven
      until: true
    - command: twelve
    - command: thirteen {{ hostvars['a'].y.stdout }}
    - command: facts
    - command: fourteen {{ ansible_user | default('') }}
    - command: fifteen {{ ansible_hostname | default('') }}
";
    let ran = run_ahead(&format!("{HEAD}{tasks}"), "a,");
    let windows = ran.hands.windows.lock().unwrap().clone();
    let starts: Vec<(String, usize)> = windows
        .iter()
        .map(|window| {
            (
                window[0].split(' ').next().unwrap().to_owned(),
                window.len(),
            )
        })
        .collect();
    let starts: Vec<(&str, usize)> = starts
        .iter()
        .map(|(first, count)| (first.as_str(), *count))
        .collect();
    assert_eq!(
        starts,
        [
            ("one", 5),
            ("six", 3),
            ("nine", 1),
            ("twelve", 1),
            ("thirteen", 3),
            ("fifteen", 1),
        ]
    );
}

#[test]
fn nothing_behind_a_failure_counts() {
    let tasks = "    - command: one
    - command: fail
      ignore_errors: true
    - block:
        - command: two
        - command: fail
        - command: never
      rescue:
        - command: three
      always:
        - command: four
    - command: '{{ item }}'
      loop: [fail, five]
    - command: never
";
    let ran = run_ahead(&format!("{HEAD}{tasks}"), "a,");
    assert!(!ran.calls().iter().any(|call| call.contains("never")));
    assert_eq!(ran.counts("a"), [5, 4, 0, 1, 0, 1, 1]);
}

#[test]
fn hosts_keep_in_step_where_it_may_matter() {
    let tasks = "    - command: in one
    - command: in two
    - command: out
    - command: in three
";
    let ran = run_ahead(&format!("{HEAD}{tasks}"), "a,b,");
    let windows = ran.hands.windows.lock().unwrap().clone();
    assert_eq!(windows.len(), 4, "{windows:?}");
    assert!(windows[..2].iter().all(|one| *one == ["in one", "in two"]));
    assert!(windows[2..].iter().all(|one| *one == ["out", "in three"]));
}
