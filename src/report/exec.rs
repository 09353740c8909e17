use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    Format, Output, failure,
    text::{counted, printable},
};
use crate::plan::{Exit, Failure, FailureKind};

/// A line is told at this length even without its end, in bytes.
const LONGEST: usize = 64 << 10;

/// How much of one stream is kept of a host to be shown at its end, in bytes.
const KEPT: usize = 16 << 20;

/// What output of hosts looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecLook {
    /// Each line as it comes, with the host's name in front.
    Prefixed,
    /// The bytes as they come and as they are.
    Bare,
    /// Each host's output as a whole, equal ones together.
    Grouped,
}

/// A stream of a host's program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// How a program ended on a host.
#[derive(Clone, Debug)]
pub struct HostEnd {
    /// The host's inventory name.
    pub host: String,
    /// Its exit code, or why there is none.
    pub code: Result<i32, Failure>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// Shows what programs on many hosts write, and how they end.
pub struct ExecDrawer {
    output: Arc<Output>,
    look: ExecLook,
    hosts: Mutex<HashMap<String, Buffers>>,
}

/// What of a host's output was not told yet.
#[derive(Default)]
struct Buffers {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl ExecDrawer {
    /// Returns a drawer; documents have but one look.
    pub fn new(output: Arc<Output>, look: ExecLook) -> Self {
        let look = match output.format() {
            Format::Table => look,
            Format::Json | Format::Yaml => ExecLook::Prefixed,
        };
        Self {
            output,
            look,
            hosts: Mutex::default(),
        }
    }

    fn hosts(&self) -> MutexGuard<'_, HashMap<String, Buffers>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what a program wrote.
    pub fn wrote(&self, host: &str, stream: HostStream, bytes: &[u8]) {
        match (self.look, stream) {
            (ExecLook::Bare, HostStream::Stdout) => return self.output.bytes(bytes),
            (ExecLook::Bare, HostStream::Stderr) => return self.output.error_bytes(bytes),
            (ExecLook::Prefixed | ExecLook::Grouped, _) => {}
        }
        let mut hosts = self.hosts();
        let buffers = hosts.entry(host.to_owned()).or_default();
        let buffer = match stream {
            HostStream::Stdout => &mut buffers.stdout,
            HostStream::Stderr => &mut buffers.stderr,
        };
        if self.look == ExecLook::Grouped {
            let room = KEPT.saturating_sub(buffer.len()).min(bytes.len());
            buffer.extend_from_slice(&bytes[..room]);
            return;
        }
        buffer.extend_from_slice(bytes);
        let lines = match memchr::memrchr(b'\n', buffer) {
            Some(at) => at + 1,
            None if buffer.len() >= LONGEST => buffer.len(),
            None => return,
        };
        let whole: Vec<u8> = buffer.drain(..lines).collect();
        self.tell(host, stream, &whole);
    }

    /// Tells whole lines of a host.
    fn tell(&self, host: &str, stream: HostStream, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if self.output.format() != Format::Table {
            let mut event = event("output", host);
            event["stream"] = match stream {
                HostStream::Stdout => "stdout".into(),
                HostStream::Stderr => "stderr".into(),
            };
            match std::str::from_utf8(bytes) {
                Ok(text) => event["text"] = text.into(),
                Err(_) => event["base64"] = STANDARD.encode(bytes).into(),
            }
            return self.output.event(event);
        }
        let (painter, terminal) = match stream {
            HostStream::Stdout => (self.output.data_painter(), self.output.terminal().stdout),
            HostStream::Stderr => (self.output.talk_painter(), self.output.terminal().stderr),
        };
        let name = painter.bold(&printable(host));
        let text = String::from_utf8_lossy(bytes);
        let mut lines = String::with_capacity(text.len() + 64);
        for line in text.lines() {
            let line = if terminal {
                printable(line)
            } else {
                line.to_owned()
            };
            lines.push_str(&format!("{name}: {line}\n"));
        }
        match stream {
            HostStream::Stdout => self.output.data(&lines),
            HostStream::Stderr => self.output.complain(&lines),
        }
    }

    /// Tells how a program ended.
    pub fn ended(&self, end: &HostEnd) {
        if self.look == ExecLook::Prefixed {
            let left = self.hosts().remove(&end.host).unwrap_or_default();
            self.tell(&end.host, HostStream::Stdout, &left.stdout);
            self.tell(&end.host, HostStream::Stderr, &left.stderr);
        }
        if self.output.format() != Format::Table {
            let mut event = event("ended", &end.host);
            event["status"] = word(end).into();
            event["code"] = end.code.as_ref().ok().copied().into();
            event["causes"] = match &end.code {
                Ok(_) => json!([]),
                Err(failure) => failure.causes.clone().into(),
            };
            event["hint"] = match &end.code {
                Ok(_) => Value::Null,
                Err(failure) => failure.hint.clone().into(),
            };
            event["seconds"] = end.seconds.into();
            return self.output.event(event);
        }
        let painter = self.output.talk_painter();
        match &end.code {
            Ok(0) => {}
            // The heading of a group has it.
            Ok(_) if self.look == ExecLook::Grouped => {}
            Ok(code) => {
                let label = painter.bad("error");
                let host = printable(&end.host);
                self.output
                    .complain(&format!("{label}: {host}: exit code {code}"));
            }
            Err(why) => {
                let why = why.clone().context(end.host.as_str());
                self.output.complain(&failure::failure(&why, painter));
            }
        }
    }

    /// Tells what is left to tell, and returns the exit code for all of it.
    pub fn finish(&self, ends: &[HostEnd]) -> Exit {
        let exit = ends.iter().fold(Exit::Done, |worst, end| {
            worst.worse(match &end.code {
                Ok(0) => Exit::Done,
                Ok(_) => Exit::Failed,
                Err(failure) => failure.kind.exit(),
            })
        });
        let count = |wanted: &str| ends.iter().filter(|end| word(end) == wanted).count();
        if self.output.format() != Format::Table {
            self.output.event(json!({
                "schema": "swarmctl/exec-event/1",
                "kind": "recap",
                "exit": exit.code(),
                "ok": count("ok"),
                "failed": count("failed"),
                "unreachable": count("unreachable"),
            }));
            return exit;
        }
        if self.look == ExecLook::Grouped {
            self.groups(ends);
        }
        if ends.len() > 1 {
            let painter = self.output.talk_painter();
            let mut parts = vec![painter.good(&format!("{} ok", count("ok")))];
            for word in ["failed", "unreachable"] {
                if count(word) > 0 {
                    parts.push(painter.bad(&format!("{} {word}", count(word))));
                }
            }
            let hosts = counted(ends.len(), "host");
            self.output.talk(&format!("{hosts}: {}", parts.join(", ")));
        }
        exit
    }

    /// Shows each output once, with the names of all hosts that wrote it.
    fn groups(&self, ends: &[HostEnd]) {
        type Same = (i32, Vec<u8>, Vec<u8>);
        let mut hosts = self.hosts();
        let mut groups: Vec<(Vec<&str>, Same)> = Vec::new();
        for end in ends {
            let Ok(code) = end.code else { continue };
            let Buffers { stdout, stderr } = hosts.remove(&end.host).unwrap_or_default();
            let same: Same = (code, stdout, stderr);
            match groups.iter_mut().find(|(_, known)| *known == same) {
                Some((names, _)) => names.push(&end.host),
                None => groups.push((vec![&end.host], same)),
            }
        }
        let painter = self.output.data_painter();
        for (names, (code, stdout, stderr)) in groups {
            let mut heading = printable(&names.join(", "));
            if names.len() > 1 {
                heading.push_str(&format!(" ({})", names.len()));
            }
            let mut heading = painter.bold(&heading);
            if code != 0 {
                heading.push_str(&painter.bad(&format!(": exit code {code}")));
            }
            self.output.data(&format!("--- {heading}"));
            for (bytes, label) in [(stdout, None), (stderr, Some("--- stderr"))] {
                if bytes.is_empty() {
                    continue;
                }
                if let Some(label) = label {
                    self.output.data(&painter.dim(label));
                }
                match String::from_utf8(bytes) {
                    Ok(text) => self.output.data(&text),
                    Err(error) => self.output.bytes(error.as_bytes()),
                }
            }
        }
    }
}

/// What became of a host, in one word.
fn word(end: &HostEnd) -> &'static str {
    match &end.code {
        Ok(0) => "ok",
        Err(failure) if failure.kind == FailureKind::Unreachable => "unreachable",
        _ => "failed",
    }
}

fn event(kind: &str, host: &str) -> Value {
    json!({
        "schema": "swarmctl/exec-event/1",
        "time": jiff::Timestamp::now().to_string(),
        "kind": kind,
        "host": host,
    })
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::{super::output::testing::output, *};
    use crate::report::Verbosity;

    fn end(host: &str, code: Result<i32, Failure>) -> HostEnd {
        HostEnd {
            host: host.to_owned(),
            code,
            seconds: 0.5,
        }
    }

    fn ends() -> Vec<HostEnd> {
        let dead = Failure::new(FailureKind::Unreachable, "failed to connect").hint("start it");
        vec![
            end("a", Ok(0)),
            end("b", Ok(0)),
            end("c", Ok(3)),
            end("d", Err(dead)),
        ]
    }

    fn play(drawer: &ExecDrawer) -> Exit {
        drawer.wrote("a", HostStream::Stdout, b"one\ntw");
        drawer.wrote("b", HostStream::Stdout, b"one\n");
        drawer.wrote("a", HostStream::Stdout, b"o\nend");
        drawer.wrote("b", HostStream::Stdout, b"two\nend");
        drawer.wrote("c", HostStream::Stderr, b"oh\xff no\n");
        let ends = ends();
        for end in &ends {
            drawer.ended(end);
        }
        drawer.finish(&ends)
    }

    #[test]
    fn lines_with_names() {
        let (to, out, err) = output(Format::Table, Verbosity::Normal);
        let exit = play(&ExecDrawer::new(Arc::new(to), ExecLook::Prefixed));
        assert_eq!(exit, Exit::Failed);
        assert_snapshot!(out.text(), @"
        a: one
        b: one
        a: two
        b: two
        a: end
        b: end
        ");
        assert_snapshot!(err.text(), @"
        c: oh\u{fffd} no
        error: c: exit code 3
        error: d: failed to connect
        next: start it
        4 hosts: 2 ok, 1 failed, 1 unreachable
        ");
    }

    #[test]
    fn equal_outputs_are_one_group() {
        let (to, out, err) = output(Format::Table, Verbosity::Quiet);
        let to = Arc::new(to);
        let drawer = ExecDrawer::new(Arc::clone(&to), ExecLook::Grouped);
        for host in ["a", "b"] {
            drawer.wrote(host, HostStream::Stdout, b"same\n");
        }
        drawer.wrote("c", HostStream::Stderr, b"other");
        let ends: Vec<_> = ends().into_iter().take(3).collect();
        drawer.finish(&ends);
        assert_snapshot!(out.text(), @"
        --- a, b (2)
        same
        --- c: exit code 3
        --- stderr
        other
        ");
        assert_eq!(err.text(), "");
    }

    #[test]
    fn documents_keep_every_byte() {
        let (to, out, _) = output(Format::Json, Verbosity::Normal);
        play(&ExecDrawer::new(Arc::new(to), ExecLook::Grouped));
        let lines: Vec<Value> = out
            .text()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert!(
            lines
                .iter()
                .all(|line| line["schema"] == "swarmctl/exec-event/1")
        );
        let of = |host: &str, key: &str| -> Vec<&Value> {
            let own = lines.iter().filter(|line| line["host"] == host);
            own.map(|line| &line[key])
                .filter(|v| !v.is_null())
                .collect()
        };
        assert_eq!(of("a", "text"), ["one\n", "two\n", "end"]);
        assert_eq!(of("c", "base64"), ["b2j/IG5vCg=="]);
        assert_eq!(of("c", "code"), [3]);
        assert_eq!(of("d", "status"), ["unreachable"]);
        assert_eq!(lines.last().unwrap()["exit"], 1);
    }
}
