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
        let done = |value: Value| Outcome::Done(value.as_object().unwrap().clone());
        match text.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["gone", hosts] if hosts.split(',').any(|host| host == call.host) => {
                Outcome::Unreachable("no route".to_owned())
            }
            ["third", what] => {
                let mut tries = self.tries.lock().unwrap();
                let count = tries.entry(format!("{} {what}", call.host)).or_default();
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
    let (hands, heard) = (Arc::new(Puppet::default()), Arc::new(Heard::default()));
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
