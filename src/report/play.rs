use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Format, Output, Painter, play_progress::PlayProgress, text::printable};
use crate::{
    plan::Exit,
    play::run::{Cost, Counts, Event, EventSink, Recap, Status},
};

/// How wide a heading is, stars included, as with Ansible on a plain terminal.
const WIDTH: usize = 79;

/// How much of one text of a failed result is shown, in characters; JSON events have
/// all of it.
const SHOWN: usize = 4000;

/// What there is to tell of one task, or one item of its loop, on one host.
struct Told<'a> {
    host: &'a str,
    delegate: Option<&'a str>,
    status: Status,
    label: Option<&'a str>,
    module: Option<&'a str>,
    result: &'a Map<String, Value>,
}

/// Shows what happens in a run of playbooks, in Ansible's familiar shape, or as one
/// line of JSON for each event.
pub struct PlayDrawer {
    output: Arc<Output>,
    diff: bool,
    progress: Option<PlayProgress>,
}

impl PlayDrawer {
    /// Returns a drawer; with `diff` it shows differences.
    pub fn new(output: Arc<Output>, diff: bool) -> Self {
        let progress = PlayProgress::new(&output);
        Self {
            output,
            diff,
            progress,
        }
    }

    /// Writes a text, and keeps the line of progress out of its way.
    fn data(&self, text: &str) {
        match &self.progress {
            Some(progress) => progress.aside(|| self.output.data(text)),
            None => self.output.data(text),
        }
    }

    /// Moves the line of progress on.
    fn follow(&self, event: &Event) {
        let Some(progress) = &self.progress else {
            return;
        };
        match event {
            Event::Task { name, .. } => progress.task(name),
            Event::Running { hosts } => progress.running(hosts),
            Event::Done { host, .. } => progress.done(host),
            Event::Recap { .. } => progress.end(),
            _ => {}
        }
    }

    fn heading(&self, text: &str) {
        let stars = WIDTH.saturating_sub(text.chars().count() + 1).max(3);
        self.data(&format!("\n{text} {}", "*".repeat(stars)));
    }

    fn draw(&self, event: &Event) {
        let painter = self.output.data_painter();
        match event {
            Event::Play { name } => self.heading(&format!("PLAY [{}]", printable(name))),
            Event::NoHosts => self.data("skipping: no hosts matched"),
            Event::Task { name, handler } => {
                let word = if *handler { "RUNNING HANDLER" } else { "TASK" };
                self.heading(&format!("{word} [{}]", printable(name)));
            }
            Event::Item {
                host,
                status,
                label,
                result,
            } => {
                let told = Told {
                    host,
                    delegate: None,
                    status: *status,
                    label: Some(label),
                    module: None,
                    result,
                };
                self.line(&told, painter);
            }
            Event::Done {
                host,
                delegate,
                status,
                result,
                module,
            } => {
                // The items of a loop were told one by one, if there were any.
                let items = result.get("results").and_then(|items| items.as_array());
                if items.is_some_and(|items| !items.is_empty()) {
                    return;
                }
                let told = Told {
                    host,
                    delegate: delegate.as_deref(),
                    status: *status,
                    label: None,
                    module: Some(module),
                    result,
                };
                self.line(&told, painter);
            }
            Event::Retry { host, left } => self.data(&format!(
                "FAILED - RETRYING: [{}] ({left} retries left).",
                printable(host)
            )),
            Event::Included { name, hosts } => self.data(&format!(
                "included: {} for {}",
                printable(name),
                hosts.join(", ")
            )),
            Event::Running { .. } => {}
            Event::Warning { text } => match &self.progress {
                Some(progress) => progress.aside(|| self.output.warn(text)),
                None => self.output.warn(text),
            },
            Event::Recap { recap } => {
                self.heading("PLAY RECAP");
                self.data(&totals(recap, painter));
                let open: u64 = recap.hosts().iter().map(|(_, one)| one.unpredicted).sum();
                if open > 0 {
                    self.output.warn(&format!(
                        "{open} tasks could not be predicted: apply may change more than is \
                         shown, and says what"
                    ));
                }
            }
        }
    }

    fn line(&self, told: &Told<'_>, painter: Painter) {
        let Told {
            host,
            delegate,
            status,
            label,
            module,
            result,
        } = *told;
        let host = match delegate {
            Some(delegate) => format!("[{} -> {}]", printable(host), printable(delegate)),
            None => format!("[{}]", printable(host)),
        };
        let item = label.map_or_else(String::new, |label| {
            format!(" => (item={})", printable(label))
        });
        if self.diff
            && let Some(text) = differences(result)
        {
            self.data(&text);
        }
        let why = || failure(result).to_string();
        let text = match status {
            Status::Ok => painter.good(&format!("ok: {host}{item}{}", said(module, result))),
            Status::Changed => painter.warn(&format!("changed: {host}{item}")),
            Status::Skipped => {
                let why = unpredicted(result).map_or_else(String::new, |what| {
                    format!(" => can't be predicted: depends on {}", printable(what))
                });
                painter.dim(&format!("skipping: {host}{item}{why}"))
            }
            Status::Failed => painter.bad(&format!("fatal: {host}{item}: FAILED! => {}", why())),
            Status::Ignored => {
                let text = format!("fatal: {host}{item}: FAILED! => {}\n...ignoring", why());
                painter.warn(&text)
            }
            Status::Unreachable => {
                painter.bad(&format!("fatal: {host}{item}: UNREACHABLE! => {}", why()))
            }
        };
        self.data(&text);
    }
}

impl EventSink for PlayDrawer {
    fn send(&self, event: Event) {
        match self.output.format() {
            Format::Table => {
                self.draw(&event);
                self.follow(&event);
            }
            // Which hosts a task runs on is told by their results.
            Format::Json | Format::Yaml if matches!(event, Event::Running { .. }) => {}
            Format::Json | Format::Yaml => self.output.event(document(&event)),
        }
    }
}

/// Returns the exit code of a run; `check` makes changes count.
pub fn play_exit(recap: &Recap, check: bool) -> Exit {
    recap
        .hosts()
        .into_iter()
        .fold(Exit::Done, |exit, (_, counts)| {
            let own = if counts.failed > 0 {
                Exit::Failed
            } else if counts.unreachable > 0 {
                Exit::Unreachable
            } else if check && counts.changed + counts.unpredicted > 0 {
                Exit::Changes
            } else {
                Exit::Done
            };
            exit.worse(own)
        })
}

fn totals(recap: &Recap, painter: Painter) -> String {
    let hosts = recap.hosts();
    let width = hosts.iter().map(|(name, _)| name.chars().count()).max();
    let width = width.unwrap_or_default().max(26);
    let lines: Vec<String> = hosts
        .iter()
        .map(|(name, counts)| {
            let spent = spent(&recap.cost(name));
            let name = printable(name);
            let text = format!("{name:<width$} : {} {spent}", counted(*counts));
            if counts.failed + counts.unreachable > 0 {
                painter.bad(&text)
            } else if counts.changed > 0 {
                painter.warn(&text)
            } else {
                painter.good(&text)
            }
        })
        .collect();
    lines.join("\n")
}

fn counted(counts: Counts) -> String {
    let Counts {
        ok,
        changed,
        unreachable,
        failed,
        skipped,
        rescued,
        ignored,
        unpredicted,
    } = counts;
    let open = match unpredicted {
        0 => String::new(),
        count => format!(" unpredicted={count}"),
    };
    let text = format!(
        "ok={ok:<4} changed={changed:<4} unreachable={unreachable:<4} failed={failed:<4} \
         skipped={skipped:<4} rescued={rescued:<4} ignored={ignored:<4}"
    );
    text.trim_end().to_owned() + &open
}

/// What a host cost: seconds, round trips, bytes both ways.
fn spent(cost: &Cost) -> String {
    format!(
        "{:.1}s {} trips {} up {} down",
        cost.time.as_secs_f64(),
        cost.round_trips,
        bytes(cost.sent),
        bytes(cost.received)
    )
}

fn bytes(count: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "one digit is shown")]
    let count = count as f64;
    match count {
        0.0..1e3 => format!("{count} B"),
        1e3..1e6 => format!("{:.1} kB", count / 1e3),
        _ => format!("{:.1} MB", count / 1e6),
    }
}

/// What `debug` has to say; other modules that went well need no more words.
fn said(module: Option<&str>, result: &Map<String, Value>) -> String {
    if module != Some("debug") {
        return String::new();
    }
    let mut told = shown(result);
    told.remove("changed");
    format!(" => {:#}", Value::Object(told))
}

/// A result without what only plays need.
fn shown(result: &Map<String, Value>) -> Map<String, Value> {
    let hidden = [
        "stdout_lines",
        "stderr_lines",
        "failed",
        "diff",
        "ansible_facts",
        "unknown",
    ];
    result
        .iter()
        .filter(|(name, _)| !hidden.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// A failed result with its long texts trimmed.
fn failure(result: &Map<String, Value>) -> Value {
    let mut shown = shown(result);
    for value in shown.values_mut() {
        if let Value::String(text) = value {
            *text = trimmed(text);
        }
    }
    Value::Object(shown)
}

/// The end of a long text: that is where programs say what went wrong.
fn trimmed(text: &str) -> String {
    let count = text.chars().count();
    if count <= SHOWN {
        return text.to_owned();
    }
    let end: String = text.chars().skip(count - SHOWN).collect();
    format!("({} characters before this) … {end}", count - SHOWN)
}

/// What a task depends on that check mode can't know.
fn unpredicted(result: &Map<String, Value>) -> Option<&str> {
    result.get("unpredicted")?.as_str()
}

pub(super) fn differences(result: &Map<String, Value>) -> Option<String> {
    let texts: Vec<String> = result
        .get("diff")?
        .as_array()?
        .iter()
        .map(|diff| {
            let text = |name: &str| diff[name].as_str().unwrap_or_default();
            similar::TextDiff::from_lines(text("before"), text("after"))
                .unified_diff()
                .header(text("before_header"), text("after_header"))
                .to_string()
        })
        .filter(|text| !text.is_empty())
        .collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

fn document(event: &Event) -> Value {
    let word = |status: &Status| match status {
        Status::Ok => "ok",
        Status::Changed => "changed",
        Status::Skipped => "skipped",
        Status::Failed => "failed",
        Status::Ignored => "ignored",
        Status::Unreachable => "unreachable",
    };
    let mut body = match event {
        Event::Play { name } => json!({ "kind": "play", "name": name }),
        Event::NoHosts => json!({ "kind": "no_hosts" }),
        Event::Task { name, handler } => {
            json!({ "kind": "task", "name": name, "handler": handler })
        }
        Event::Item {
            host,
            status,
            label,
            result,
        } => json!({
            "kind": "item", "host": host, "status": word(status), "item": label, "result": result,
        }),
        Event::Done {
            host,
            delegate,
            status,
            result,
            module,
        } => json!({
            "kind": "done", "host": host, "delegate": delegate, "status": word(status),
            "module": module, "result": result,
        }),
        Event::Retry { host, left } => json!({ "kind": "retry", "host": host, "left": left }),
        Event::Included { name, hosts } => {
            json!({ "kind": "included", "name": name, "hosts": hosts })
        }
        Event::Running { hosts } => json!({ "kind": "running", "hosts": hosts }),
        Event::Warning { text } => json!({ "kind": "warning", "text": text }),
        Event::Recap { recap } => {
            let hosts: Map<String, Value> = recap
                .hosts()
                .into_iter()
                .map(|(name, counts)| (name.to_owned(), counts_json(counts, &recap.cost(name))))
                .collect();
            json!({ "kind": "recap", "hosts": hosts })
        }
    };
    body["schema"] = "swarmctl/play-event/1".into();
    body
}

fn counts_json(counts: Counts, cost: &Cost) -> Value {
    json!({
        "ok": counts.ok,
        "changed": counts.changed,
        "unreachable": counts.unreachable,
        "failed": counts.failed,
        "skipped": counts.skipped,
        "rescued": counts.rescued,
        "ignored": counts.ignored,
        "unpredicted": counts.unpredicted,
        "seconds": (cost.time.as_secs_f64() * 1e3).round() / 1e3,
        "round_trips": cost.round_trips,
        "bytes_sent": cost.sent,
        "bytes_received": cost.received,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_text_the_end_is_shown() {
        assert_eq!(trimmed("short"), "short");
        let long = format!("{}the end", "x".repeat(SHOWN));
        let shown = trimmed(&long);
        assert!(shown.starts_with("(7 characters before this) …"), "{shown}");
        assert!(shown.ends_with("the end"));
    }
}
