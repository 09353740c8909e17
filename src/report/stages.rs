use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use serde_json::{Map, Value};

use super::{PlayDrawer, play::differences, text::seconds};
use crate::{
    plan::{self, EventKind, Failure, FailureKind, Undo},
    play::run::{Event, EventSink, Recap, Status},
};

/// How much of what a failed program wrote is shown, in characters.
const SHOWN: usize = 2000;

/// Shows runs of playbooks as steps of instances, one run after the other, and keeps
/// what each changed and why it failed.
pub struct Stages {
    sink: Arc<dyn plan::EventSink>,
    tasks: Option<PlayDrawer>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    stage: Option<Stage>,
    /// The task at hand.
    task: String,
    hosts: HashMap<String, Seen>,
}

/// A run of a playbook.
#[derive(Clone, Copy, Debug)]
pub struct Stage {
    /// Its stable name: `install`.
    pub name: &'static str,
    /// What it does.
    pub what: &'static str,
}

/// What was seen of an instance.
#[derive(Default)]
struct Seen {
    index: usize,
    of: usize,
    since: Option<Instant>,
    /// The task that runs on it, and since when.
    runs: Option<(String, Instant)>,
    changes: Vec<Change>,
    /// Differences that the items of the task at hand told of.
    diffs: Vec<String>,
    failure: Option<Failure>,
    unpredicted: u64,
}

/// A task that changed something, or would.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The stage.
    pub stage: &'static str,
    /// The task's name.
    pub task: String,
    /// The difference in files.
    pub diff: Option<String>,
}

impl Stages {
    /// Returns stages of no instance yet, which tell `sink`. `tasks` gets the events of
    /// single tasks as well.
    pub fn new(sink: Arc<dyn plan::EventSink>, tasks: Option<PlayDrawer>) -> Self {
        Self {
            sink,
            tasks,
            state: Mutex::default(),
        }
    }

    /// Adds an instance. `done` steps of it are done, and it has `of` in all.
    pub fn add(&self, instance: &str, done: usize, of: usize) {
        let seen = Seen {
            index: done,
            of,
            ..Seen::default()
        };
        self.state().hosts.insert(instance.to_owned(), seen);
    }

    /// Begins a stage of these instances.
    pub fn begin(&self, stage: Stage, instances: &[String]) {
        let mut state = self.state();
        state.stage = Some(stage);
        state.task.clear();
        for name in instances {
            let Some(seen) = state.hosts.get_mut(name) else {
                continue;
            };
            seen.index += 1;
            seen.since = Some(Instant::now());
            let event = EventKind::StepStarted {
                index: seen.index,
                of: seen.of,
                name: stage.name,
                what: stage.what.to_owned(),
                why: "only running it tells whether anything is to do".to_owned(),
                undo: Undo::By(format!("swarmctl provision {name} --rebuild")),
            };
            self.tell(name, event);
        }
    }

    /// Tells how long the tasks at hand take already.
    pub fn tick(&self) {
        for (host, seen) in &self.state().hosts {
            if let Some((task, since)) = &seen.runs {
                let took = seconds(since.elapsed().as_secs_f64());
                let text = format!("{task}, {took}");
                self.tell(host, EventKind::Note { text });
            }
        }
    }

    /// Ends a stage. Returns why instances failed in it.
    pub fn end(&self, recap: &Recap) -> HashMap<String, Failure> {
        let mut state = self.state();
        let Some(stage) = state.stage.take() else {
            return HashMap::new();
        };
        let mut failures = HashMap::new();
        for (name, seen) in &mut state.hosts {
            let Some(since) = seen.since.take() else {
                continue;
            };
            seen.runs = None;
            let failure = seen.failure.take();
            let counts = recap.of(name);
            seen.unpredicted = counts.unpredicted;
            if counts.failed + counts.unreachable == 0 {
                let done = EventKind::StepDone {
                    index: seen.index,
                    name: stage.name,
                    seconds: since.elapsed().as_secs_f64(),
                };
                self.tell(name, done);
            } else {
                let unknown = || Failure::new(FailureKind::Failed, "the playbook failed");
                failures.insert(name.clone(), failure.unwrap_or_else(unknown));
            }
        }
        failures
    }

    /// Returns what an instance's tasks changed, in order.
    pub fn changes(&self, instance: &str) -> Vec<Change> {
        let state = self.state();
        let seen = state.hosts.get(instance);
        seen.map(|seen| seen.changes.clone()).unwrap_or_default()
    }

    /// Returns how many tasks check mode could not predict on an instance.
    pub fn unpredicted(&self, instance: &str) -> u64 {
        let state = self.state();
        state.hosts.get(instance).map_or(0, |seen| seen.unpredicted)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, instance: &str, event: EventKind) {
        self.sink.send(plan::Event {
            instance: instance.to_owned(),
            event,
        });
    }

    fn note(&self, event: &Event) {
        let mut state = self.state();
        match event {
            Event::Task { name, .. } => state.task.clone_from(name),
            Event::Running { hosts } => {
                let task = state.task.clone();
                for host in hosts {
                    if let Some(seen) = state.hosts.get_mut(host) {
                        seen.runs = Some((task.clone(), Instant::now()));
                        self.tell(host, EventKind::Note { text: task.clone() });
                    }
                }
            }
            Event::Retry { host, left, .. } => {
                let text = format!("{}, {left} more tries", state.task);
                self.tell(host, EventKind::Note { text });
            }
            Event::Warning { text, .. } => {
                self.tell("", EventKind::Warning { text: text.clone() });
            }
            Event::Item { host, result, .. } => {
                if let (Some(seen), Some(diff)) = (state.hosts.get_mut(host), differences(result)) {
                    seen.diffs.push(diff);
                }
            }
            Event::Done {
                host,
                status,
                result,
                ..
            } => state.done(host, *status, result),
            _ => {}
        }
    }
}

impl State {
    fn done(&mut self, host: &str, status: Status, result: &Map<String, Value>) {
        let task = self.task.clone();
        let (Some(stage), Some(seen)) = (self.stage, self.hosts.get_mut(host)) else {
            return;
        };
        seen.runs = None;
        let mut diffs = std::mem::take(&mut seen.diffs);
        diffs.extend(differences(result));
        match status {
            Status::Changed => seen.changes.push(Change {
                stage: stage.name,
                task,
                diff: (!diffs.is_empty()).then(|| diffs.join("\n")),
            }),
            Status::Failed => {
                let failure = Failure::new(FailureKind::Failed, why(result));
                seen.failure = Some(failure.context(task));
            }
            Status::Unreachable => {
                let failure = Failure::new(FailureKind::Unreachable, why(result));
                seen.failure = Some(failure);
            }
            _ => {}
        }
    }
}

impl EventSink for Stages {
    fn send(&self, event: Event) {
        self.note(&event);
        if let Some(tasks) = &self.tasks {
            tasks.send(event);
        }
    }
}

/// Returns why a task failed: the module's message, the exit code, and the end of what
/// its program wrote.
fn why(result: &Map<String, Value>) -> String {
    let failed = |item: &&Value| item["failed"] == true || item["unreachable"] == true;
    let items = result.get("results").and_then(Value::as_array);
    let item = items.and_then(|items| items.iter().find(failed));
    let result = item.and_then(Value::as_object).unwrap_or(result);
    let text = |name: &str| result.get(name).and_then(Value::as_str).map(str::trim);
    let mut why = text("msg").unwrap_or("the task failed").to_owned();
    if let Some(code) = result
        .get("rc")
        .and_then(Value::as_i64)
        .filter(|code| *code != 0)
    {
        why.push_str(&format!(" (exit code {code})"));
    }
    let said = [text("stderr"), text("stdout")];
    if let Some(said) = said.into_iter().flatten().find(|said| !said.is_empty()) {
        let skip = said.chars().count().saturating_sub(SHOWN);
        let end: String = said.chars().skip(skip).collect();
        why.push_str(&format!(": {}{end}", if skip > 0 { "… " } else { "" }));
    }
    why
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::Silent;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_failed_task_says_why() {
        let result = map(json!({
            "failed": true, "msg": "non-zero return code", "rc": 2, "stderr": "no such file\n",
        }));
        assert_eq!(
            why(&result),
            "non-zero return code (exit code 2): no such file"
        );
        let looped = map(json!({
            "failed": true, "msg": "One or more items failed",
            "results": [{"changed": true}, {"failed": true, "msg": "bad item"}],
        }));
        assert_eq!(why(&looped), "bad item");
        let long = map(json!({"msg": "m", "stdout": "x".repeat(5000)}));
        assert!(why(&long).len() < 2100);
    }

    #[test]
    fn changes_and_failures_are_kept_for_each_instance() {
        let stages = Stages::new(Arc::new(Silent), None);
        for host in ["a", "b"] {
            stages.add(host, 0, 2);
        }
        let install = Stage {
            name: "install",
            what: "install it",
        };
        stages.begin(install, &["a".to_owned(), "b".to_owned()]);
        stages.send(Event::Task {
            name: "packages".to_owned(),
            handler: false,
        });
        for (host, status, result) in [
            ("a", Status::Changed, json!({"changed": true})),
            ("b", Status::Failed, json!({"failed": true, "msg": "no"})),
        ] {
            stages.send(Event::Done {
                host: host.to_owned(),
                delegate: None,
                status,
                result: map(result),
                module: "apt",
            });
        }
        let change = Change {
            stage: "install",
            task: "packages".to_owned(),
            diff: None,
        };
        assert_eq!(stages.changes("a"), [change]);
        assert!(stages.changes("b").is_empty());
        // By the recap, `rescue` took over.
        assert!(stages.end(&Recap::default()).is_empty());
    }
}
