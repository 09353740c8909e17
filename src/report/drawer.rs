use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use super::{
    Format, Output, Verbosity, recap,
    text::{bytes, printable, seconds},
};
use crate::plan::{Event, EventKind, EventSink};

/// How often a running step may speak where lines can't be redrawn.
const LINE_PAUSE: Duration = Duration::from_secs(10);

/// How often the spinner moves, so that a long wait is seen to live.
const TICK: Duration = Duration::from_millis(120);

/// Receives the events of a run and shows them: JSON lines on standard output, or
/// on standard error one line per running instance on a terminal and plain lines
/// elsewhere.
pub struct Drawer {
    output: Arc<Output>,
    look: Look,
    instances: Mutex<HashMap<String, Instance>>,
}

enum Look {
    Documents,
    Bars(MultiProgress),
    Lines,
    Nothing,
}

#[derive(Default)]
struct Instance {
    step: String,
    position: String,
    bar: Option<ProgressBar>,
    spoke: Option<Instant>,
}

impl Drawer {
    /// Returns a drawer in the shape that `output` asks for.
    pub fn new(output: Arc<Output>) -> Self {
        let look = match (output.format(), output.verbosity()) {
            (Format::Json | Format::Yaml, _) => Look::Documents,
            (Format::Table, Verbosity::Quiet) => Look::Nothing,
            (Format::Table, _) if output.terminal().stderr => {
                let target = ProgressDrawTarget::stderr_with_hz(12);
                Look::Bars(MultiProgress::with_draw_target(target))
            }
            (Format::Table, _) => Look::Lines,
        };
        Self {
            output,
            look,
            instances: Mutex::new(HashMap::new()),
        }
    }

    /// Takes away what is drawn of instances that never finish, as in a check.
    pub fn clear(&self) {
        let Look::Bars(bars) = &self.look else { return };
        for bar in self
            .instances()
            .values_mut()
            .filter_map(|one| one.bar.take())
        {
            bar.finish_and_clear();
            bars.remove(&bar);
        }
    }

    fn instances(&self) -> MutexGuard<'_, HashMap<String, Instance>> {
        self.instances
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn draw(&self, event: &Event) {
        let mut instances = self.instances();
        let instance = instances.entry(event.instance.clone()).or_default();
        let painter = self.output.talk_painter();
        let name = printable(&event.instance);
        let name = if name.is_empty() { "all" } else { &name };
        match &event.event {
            EventKind::Planned { .. } => {}
            EventKind::StepStarted {
                index,
                of,
                name: step,
                what,
                why,
                ..
            } => {
                instance.step = (*step).to_owned();
                instance.position = format!("[{index}/{of}]");
                instance.spoke = None;
                if self.output.verbosity() >= Verbosity::Verbose {
                    let reason = painter.dim(&format!("because {}", printable(why)));
                    self.line(&format!("{name}: {step}: {}, {reason}", printable(what)));
                }
                self.bar(name, instance, &printable(what));
            }
            EventKind::Progress { done, total, unit } => {
                let text = amount(*done, *total, unit);
                if !self.bar(name, instance, &format!("{}: {text}", instance.step)) {
                    self.seldom(name, instance, &text);
                }
            }
            EventKind::Note { text } => {
                let text = printable(text);
                if !self.bar(name, instance, &format!("{}: {text}", instance.step)) {
                    self.seldom(name, instance, &text);
                }
            }
            EventKind::Warning { text } => {
                let label = painter.warn("warning");
                self.line(&format!("{label}: {name}: {}", printable(text)));
            }
            EventKind::StepDone {
                name: step,
                seconds: took,
                ..
            } => {
                let line = format!("{name}: {step} … done in {}", seconds(*took));
                if matches!(self.look, Look::Lines) || self.output.verbosity() >= Verbosity::Verbose
                {
                    self.line(&line);
                }
            }
            EventKind::Finished { outcome } => {
                if let (Some(bar), Look::Bars(bars)) = (instance.bar.take(), &self.look) {
                    bar.finish_and_clear();
                    bars.remove(&bar);
                }
                self.line(&recap::ended(outcome, painter));
            }
        }
    }

    /// Sets the instance's bar to `text`; returns false where there are no bars.
    fn bar(&self, name: &str, instance: &mut Instance, text: &str) -> bool {
        let Look::Bars(bars) = &self.look else {
            return false;
        };
        let is_new = instance.bar.is_none();
        let bar = instance.bar.get_or_insert_with(|| {
            let bar = bars.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {wide_msg}") {
                bar.set_style(style);
            }
            bar
        });
        bar.set_prefix(format!("{name} {}", instance.position));
        bar.set_message(self.output.redacted(text));
        if is_new {
            bar.enable_steady_tick(TICK);
        }
        true
    }

    /// Says something about a running step, not more often than [`LINE_PAUSE`]
    /// unless verbose. A step's first words wait too: most steps end sooner.
    fn seldom(&self, name: &str, instance: &mut Instance, text: &str) {
        let verbose = self.output.verbosity() >= Verbosity::Verbose;
        let now = Instant::now();
        let last = *instance.spoke.get_or_insert(now);
        if verbose || now.duration_since(last) >= LINE_PAUSE {
            instance.spoke = Some(now);
            self.line(&format!("{name}: {} … {text}", instance.step));
        }
    }

    fn line(&self, text: &str) {
        match &self.look {
            // The bars are taken away for the moment: indicatif's own printing leaves
            // the cursor at the end of a line.
            Look::Bars(bars) => bars.suspend(|| self.output.talk(text)),
            _ => self.output.talk(text),
        }
    }
}

impl EventSink for Drawer {
    fn send(&self, event: Event) {
        match &self.look {
            Look::Nothing => {}
            Look::Documents => {
                if let Some(line) = document(&event) {
                    self.output.event(line);
                }
            }
            Look::Bars(_) | Look::Lines => self.draw(&event),
        }
    }
}

/// Returns the event as docs/json.md describes it: `schema`, `time`, `instance`,
/// then the event's own fields.
fn document(event: &Event) -> Option<Value> {
    let mut line = json!({
        "schema": "swarmctl/event/1",
        "time": jiff::Timestamp::now().to_string(),
        "instance": event.instance,
    });
    let Ok(Value::Object(fields)) = serde_json::to_value(&event.event) else {
        return None;
    };
    line.as_object_mut()?.extend(fields);
    Some(line)
}

fn amount(done: u64, total: Option<u64>, unit: &str) -> String {
    let say = |n: u64| match unit {
        "bytes" => bytes(n),
        "seconds" => format!("{n} s"),
        _ => format!("{n} {unit}"),
    };
    match total {
        Some(total) if total > 0 => {
            let percent = u128::from(done.min(total)) * 100 / u128::from(total);
            format!("{} of {} ({percent} %)", say(done), say(total))
        }
        _ => say(done),
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::{super::output::testing::output, *};
    use crate::plan::{Outcome, Status, Undo};

    fn play(drawer: &Drawer) {
        let mut outcome = Outcome::unchanged("zap");
        outcome.status = Status::Changed;
        outcome.done = vec!["create-overlay".to_owned()];
        outcome.seconds = 0.25;
        for event in [
            EventKind::Planned { steps: 1 },
            EventKind::StepStarted {
                index: 1,
                of: 1,
                name: "create-overlay",
                what: "create overlay claw.qcow2".to_owned(),
                why: "the volume does not exist".to_owned(),
                undo: Undo::Cannot,
            },
            EventKind::Progress {
                done: 1 << 20,
                total: Some(1 << 22),
                unit: "bytes",
            },
            EventKind::Warning {
                text: "the pool is 91 % full".to_owned(),
            },
            EventKind::StepDone {
                index: 1,
                name: "create-overlay",
                seconds: 0.2,
            },
            EventKind::Finished { outcome },
        ] {
            drawer.send(Event {
                instance: "zap".to_owned(),
                event,
            });
        }
    }

    #[test]
    fn plain_lines_without_a_terminal() {
        let (output, out, err) = output(Format::Table, Verbosity::Normal);
        play(&Drawer::new(Arc::new(output)));
        assert_snapshot!(err.text(), @"
        warning: zap: the pool is 91 % full
        zap: create-overlay … done in 0.2 s
        zap: changed, 1 step in 0.2 s
        ");
        assert_eq!(out.text(), "");
    }

    #[test]
    fn reasons_and_progress_when_verbose() {
        let (output, _, err) = output(Format::Table, Verbosity::Verbose);
        play(&Drawer::new(Arc::new(output)));
        assert_snapshot!(err.text(), @"
        zap: create-overlay: create overlay claw.qcow2, because the volume does not exist
        zap: create-overlay … 1 MiB of 4 MiB (25 %)
        warning: zap: the pool is 91 % full
        zap: create-overlay … done in 0.2 s
        zap: changed, 1 step in 0.2 s
        ");
    }

    #[test]
    fn nothing_when_quiet() {
        let (output, out, err) = output(Format::Table, Verbosity::Quiet);
        play(&Drawer::new(Arc::new(output)));
        assert_eq!((out.text(), err.text()), (String::new(), String::new()));
    }

    #[test]
    fn one_json_line_per_event() {
        let (output, out, err) = output(Format::Json, Verbosity::Normal);
        play(&Drawer::new(Arc::new(output)));
        let lines: Vec<Value> = out
            .text()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 6);
        assert_eq!(lines[0]["schema"], "swarmctl/event/1");
        assert_eq!(lines[1]["instance"], "zap");
        assert_eq!(lines[1]["kind"], "step_started");
        assert_eq!(lines[1]["undo"], "cannot");
        assert_eq!(lines[5]["outcome"]["status"], "changed");
        assert_eq!(err.text(), "");
    }

    #[test]
    fn amounts() {
        assert_eq!(amount(1 << 20, None, "bytes"), "1 MiB");
        assert_eq!(amount(3, Some(12), "seconds"), "3 s of 12 s (25 %)");
        assert_eq!(amount(9, Some(0), "seconds"), "9 s");
    }
}
