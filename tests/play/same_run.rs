use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use serde_json::{Map, Value, json};
use swarmctl::{
    inventory::{Inventory, LoadOptions},
    play::{
        Modules,
        hosts::{Reach, RemoteHands},
        parse::{DiskFiles, Reader, TagFilter},
        run::{Engine, Event, EventSink, RunOptions, Status},
        vars::{Controller, World},
    },
    secret::VaultPasswords,
};

use crate::books::Books;

/// How both run it.
#[derive(Clone, Copy, Default)]
pub struct How<'a> {
    pub tags: &'a str,
    pub skip_tags: &'a str,
    pub extra: &'a [&'a str],
    pub check: bool,
    pub start_at: Option<&'a str>,
}

/// Runs a playbook with both, and demands the same tasks in the same order, the same
/// result of each on each host, the same texts of `debug`, and the same recap.
pub fn same(files: &[(&str, &str)]) {
    same_how(files, How::default());
}

/// Runs a playbook that changes files below `out/` in check mode, for real, and once
/// more, each side in a directory of its own; demands the same each time.
pub fn same_twice(files: &[(&str, &str)]) {
    let (one, other) = (Books::new(files), Books::new(files));
    let check = How {
        check: true,
        ..How::default()
    };
    for how in [check, How::default(), How::default(), check] {
        let ours = ours(&one, how);
        let Some(theirs) = theirs(&other, how) else {
            return;
        };
        agree(&theirs, &ours, how);
    }
}

/// Demands the same of both runs. In check mode, what swarmctl does not predict is left
/// out, and so is what Ansible has fail since it can't know what would be there.
fn agree(theirs: &[Value], ours: &[Value], how: How<'_>) {
    let (theirs, ours) = (sorted(theirs), sorted(ours));
    if !how.check {
        assert!(
            ours == theirs,
            "runs differ (-theirs +ours)\n{}",
            difference(&theirs, &ours)
        );
        return;
    }
    let (theirs, ours) = (by_task(&theirs), by_task(&ours));
    let mut compared = 0;
    for (at, status) in &ours {
        match theirs.get(at) {
            Some(other) if status != "skipped" && other != "failed" => {
                assert_eq!(other, status, "check mode: {at:?} (theirs, ours)");
                compared += 1;
            }
            _ => {}
        }
    }
    assert!(compared > 0, "nothing to compare");
}

/// The result of each task on each host: task number, name, host.
fn by_task(run: &[Value]) -> BTreeMap<(usize, String, String), String> {
    let (mut number, mut name) = (0, String::new());
    let mut results = BTreeMap::new();
    for line in run {
        match line[0].as_str() {
            Some("task" | "handler") => {
                number += 1;
                name = line[1].to_string();
            }
            Some("done") => {
                let host = line[1].to_string();
                let status = line[2].as_str().unwrap_or_default().to_owned();
                results.insert((number, name.clone(), host), status);
            }
            _ => {}
        }
    }
    results
}

pub fn same_how(files: &[(&str, &str)], how: How<'_>) {
    let books = Books::new(files);
    let ours = ours(&books, how);
    let Some(theirs) = theirs(&books, how) else {
        return;
    };
    agree(&theirs, &ours, how);
}

fn difference(theirs: &[Value], ours: &[Value]) -> String {
    let text = |run: &[Value]| {
        let lines: Vec<String> = run.iter().map(Value::to_string).collect();
        lines.join("\n") + "\n"
    };
    let (theirs, ours) = (text(theirs), text(ours));
    similar::TextDiff::from_lines(&theirs, &ours)
        .unified_diff()
        .context_radius(4)
        .to_string()
}

/// Hosts answer in any order: the results of a task are sorted, items first.
fn sorted(run: &[Value]) -> Vec<Value> {
    let mut run = run.to_vec();
    let is_result = |line: &Value| line[0] == "done" || line[0] == "item";
    for results in run.chunk_by_mut(|a, b| is_result(a) && is_result(b)) {
        results.sort_by_key(|line| (line[1].to_string(), line[0] == "done"));
    }
    run
}

fn theirs(books: &Books, how: How<'_>) -> Option<Vec<Value>> {
    let mut line = "site.yml".to_owned();
    for (option, value) in [("--tags", how.tags), ("--skip-tags", how.skip_tags)] {
        if !value.is_empty() {
            line += &format!(" {option} {value}");
        }
    }
    for extra in how.extra {
        line += &format!(" -e {extra}");
    }
    if how.check {
        line += " --check";
    }
    if let Some(task) = how.start_at {
        line += &format!(" --start-at-task {task}");
    }
    let (_, out, errors) = books.recorded(&line)?;
    let lines: Vec<Value> = out
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    assert!(!lines.is_empty(), "theirs says nothing: {out}{errors}");
    Some(lines)
}

#[derive(Default)]
struct Recorder(Mutex<Vec<Value>>);

impl Recorder {
    fn lines(&self) -> Vec<Value> {
        self.0.lock().unwrap().clone()
    }
}

impl EventSink for Recorder {
    fn send(&self, event: Event) {
        let line = match event {
            Event::Play { name } => json!(["play", name]),
            Event::NoHosts => json!(["nohosts"]),
            Event::Task { name, handler } => {
                json!([if handler { "handler" } else { "task" }, name])
            }
            Event::Item {
                host,
                status,
                label,
                result,
            } => json!(["item", host, word(status), label, shown(status, &result)]),
            Event::Done {
                host,
                status,
                result,
                module,
                ..
            } => {
                let shown = if module == "debug" {
                    shown(status, &result)
                } else {
                    Value::Null
                };
                json!(["done", host, word(status), null, shown])
            }
            Event::Recap { recap } => {
                let mut lines = self.0.lock().unwrap();
                for (host, c) in recap.hosts() {
                    lines.push(json!([
                        "recap",
                        host,
                        c.ok,
                        c.changed,
                        c.unreachable,
                        c.failed,
                        c.skipped,
                        c.rescued,
                        c.ignored
                    ]));
                }
                return;
            }
            Event::Retry { .. }
            | Event::Running { .. }
            | Event::Included { .. }
            | Event::Warning { .. } => return,
        };
        self.0.lock().unwrap().push(line);
    }
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Ok => "ok",
        Status::Changed => "changed",
        Status::Skipped => "skipped",
        Status::Failed => "failed",
        Status::Ignored => "ignored",
        Status::Unreachable => "unreachable",
    }
}

/// What `debug` printed.
fn shown(status: Status, result: &Map<String, Value>) -> Value {
    if status != Status::Ok || result.contains_key("results") || result.contains_key("rc") {
        return Value::Null;
    }
    let hidden = ["changed", "failed", "attempts", "ansible_facts", "ping"];
    let mut kept = result.clone();
    kept.retain(|name, _| !hidden.contains(&name.as_str()));
    if kept.is_empty() {
        return Value::Null;
    }
    kept.into()
}

fn ours(books: &Books, how: How<'_>) -> Vec<Value> {
    let vault = VaultPasswords::new();
    let source = books.path().join("inventory").display().to_string();
    let in_directory = |extra: &&str| match extra.strip_prefix('@') {
        Some(file) => format!("@{}", books.path().join(file).display()),
        None => (*extra).to_owned(),
    };
    let extra: Vec<String> = how.extra.iter().map(in_directory).collect();
    let inventory = Inventory::load(&LoadOptions {
        sources: &[source],
        fleet_root: Some(books.path()),
        extra_vars: &extra,
        vault: &vault,
    })
    .unwrap();
    let files = Arc::new(DiskFiles::default());
    let reader = Arc::new(Reader::new(
        files.clone(),
        Arc::new(Modules),
        inventory.extra_vars().clone(),
        Arc::new(vault),
    ));
    let playbooks = reader
        .playbooks(&[books.path().join("site.yml")])
        .unwrap_or_else(|errors| panic!("ours refuses: {errors}"));
    let tags = TagFilter::new(&[how.tags.to_owned()], &[how.skip_tags.to_owned()]);
    let controller = Controller {
        environment: std::env::vars().collect(),
        files,
        inventory_sources: vec![books.path().join("inventory")],
        check: how.check,
        diff: false,
        verbosity: 0,
        forks: 5,
        run_tags: tags.only.iter().cloned().collect(),
        skip_tags: tags.skip.iter().cloned().collect(),
        limit: None,
    };
    let recorder = Arc::new(Recorder::default());
    let world = Arc::new(World::new(inventory, controller));
    let engine = Arc::new(Engine::new(
        reader,
        Arc::clone(&world),
        Arc::new(RemoteHands::new(reach(books))),
        recorder.clone(),
        RunOptions {
            check: how.check,
            diff: false,
            forks: 5,
            tags,
            limit: None,
            start_at: how.start_at.map(str::to_owned),
        },
    ));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(engine.run(&playbooks)).unwrap();
    recorder.lines()
}

/// All hosts are this machine; nothing is reached over SSH.
fn reach(books: &Books) -> Reach {
    Reach {
        instances: std::collections::HashMap::new(),
        known_hosts: books.path().join("known_hosts"),
        agent: None,
        connect_timeout: std::time::Duration::from_secs(1),
        root: books.path().to_owned(),
        home: None,
    }
}
