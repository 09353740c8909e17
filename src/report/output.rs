use std::{
    io::{self, Write},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;

use super::{Bases, DiagnosticRenderer, Painter, document, stream::Stream, text::printable};
use crate::plan::{Diagnostics, Severity};

/// The shape of what goes to standard output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Tables and sentences for people.
    #[default]
    Table,
    /// One JSON document, or JSON lines for what happens over time.
    Json,
    /// The same document as YAML.
    Yaml,
}

/// How much is said on standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Errors only.
    Quiet,
    /// Progress, warnings and a recap.
    #[default]
    Normal,
    /// Reasons and waiting notes too.
    Verbose,
}

/// What is known about the terminal; handed in, never asked for here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terminal {
    /// Standard input is a terminal, so a question can be asked.
    pub stdin: bool,
    /// Standard output is a terminal.
    pub stdout: bool,
    /// Standard error is a terminal, so lines can be redrawn.
    pub stderr: bool,
    /// Its width in columns.
    pub width: Option<u16>,
    /// Colour may be used where a terminal is.
    pub colour: bool,
}

/// Takes secrets out of a text before it is shown.
pub type Redact = Box<dyn Fn(&str) -> String + Send + Sync>;

/// Where everything that is said goes: data to standard output, talk to standard
/// error, both without secrets.
///
/// A reader that went away (`swarmctl list | head -1`) ends the writing, not the
/// work: what comes after is dropped. Any other write error is kept for
/// [`Output::finish`].
pub struct Output {
    format: Format,
    verbosity: Verbosity,
    terminal: Terminal,
    redact: Mutex<Option<Redact>>,
    out: Mutex<Stream>,
    err: Mutex<Stream>,
}

impl Output {
    /// Returns an output that writes data to `out` and talk to `err`.
    pub fn new(
        format: Format,
        verbosity: Verbosity,
        terminal: Terminal,
        out: Box<dyn Write + Send>,
        err: Box<dyn Write + Send>,
    ) -> Self {
        let stream = |writer| Mutex::new(Stream::new(writer));
        Self {
            format,
            verbosity,
            terminal,
            redact: Mutex::new(None),
            out: stream(out),
            err: stream(err),
        }
    }

    /// Sets what takes secrets out of everything that is said from now on.
    pub fn redact_with(&self, redact: Redact) {
        *lock(&self.redact) = Some(redact);
    }

    /// Returns the shape of what goes to standard output.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Returns how much is said.
    pub fn verbosity(&self) -> Verbosity {
        self.verbosity
    }

    /// Returns what is known about the terminal.
    pub fn terminal(&self) -> Terminal {
        self.terminal
    }

    /// Returns the painter for standard output.
    pub fn data_painter(&self) -> Painter {
        Painter::new(self.terminal.colour && self.terminal.stdout)
    }

    /// Returns the painter for standard error.
    pub fn talk_painter(&self) -> Painter {
        Painter::new(self.terminal.colour && self.terminal.stderr)
    }

    /// Returns `text` without secrets.
    pub fn redacted(&self, text: &str) -> String {
        match &*lock(&self.redact) {
            Some(redact) => redact(text),
            None => text.to_owned(),
        }
    }

    /// Writes human text to standard output, without secrets.
    pub fn data(&self, text: &str) {
        lock(&self.out).line(&self.redacted(text));
    }

    /// Writes text to standard output as it is. For documents whose secrets are
    /// masked already and whose bytes matter.
    pub fn raw(&self, text: &str) {
        lock(&self.out).line(text);
    }

    /// Writes bytes that a guest sent to standard output, at once and as they are.
    pub fn bytes(&self, bytes: &[u8]) {
        lock(&self.out).bytes(bytes);
    }

    /// Writes bytes that a host's program wrote to its standard error to ours.
    pub fn error_bytes(&self, bytes: &[u8]) {
        lock(&self.err).bytes(bytes);
    }

    /// Writes `body` as a document of our own: JSON or YAML as asked for, with
    /// `schema` in front (`swarmctl/check/1`). Strings lose their secrets.
    ///
    /// # Errors
    /// When `body` can't be serialized.
    pub fn document<T: Serialize>(&self, schema: &str, body: &T) -> Result<(), document::Error> {
        let value = document::with_schema(schema, body)?;
        self.value(&document::map_strings(value, &|text| self.redacted(text)))
    }

    /// Writes a value that has a shape of its own and shows no secrets, as it is.
    ///
    /// # Errors
    /// When it can't be serialized.
    pub fn value(&self, value: &serde_json::Value) -> Result<(), document::Error> {
        self.raw(&document::render(value, self.format)?);
        Ok(())
    }

    /// Writes one event at once: a line of JSON, or a YAML document of its own.
    pub fn event(&self, value: serde_json::Value) {
        let value = document::map_strings(value, &|text| self.redacted(text));
        match (self.format, document::render(&value, Format::Yaml)) {
            (Format::Yaml, Ok(text)) => self.raw(&format!("---\n{text}")),
            _ => self.raw(&value.to_string()),
        }
    }

    /// Says something on standard error, unless quiet.
    pub fn talk(&self, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            self.complain(text);
        }
    }

    /// Says something on standard error that only `-v` wants to know.
    pub fn detail(&self, text: &str) {
        if self.verbosity >= Verbosity::Verbose {
            self.complain(text);
        }
    }

    /// Says something on standard error, quiet or not.
    pub fn complain(&self, text: &str) {
        lock(&self.err).line(&self.redacted(text));
    }

    /// Says something on standard error and stays on the line, for a question.
    pub fn ask(&self, text: &str) {
        lock(&self.err).write(&self.redacted(text));
    }

    /// Warns on standard error, unless quiet.
    pub fn warn(&self, text: &str) {
        let label = self.talk_painter().warn("warning");
        self.talk(&format!("{label}: {}", printable(text)));
    }

    /// Shows findings on standard error; warnings alone are kept back when quiet.
    pub fn diagnostics(&self, diagnostics: &Diagnostics, bases: Bases) {
        if diagnostics.0.is_empty() || (!diagnostics.has_errors() && self.is_quiet()) {
            return;
        }
        let colour = self.talk_painter().is_on();
        let mut renderer = DiagnosticRenderer::new(colour, self.terminal.width, bases);
        self.complain(&renderer.render_all(diagnostics));
    }

    /// Writes findings to standard output, as the result of a check; warnings are
    /// kept back when quiet.
    pub fn findings(&self, diagnostics: &Diagnostics, bases: Bases) {
        let mut shown = diagnostics.clone();
        if self.is_quiet() {
            shown.0.retain(|one| one.severity == Severity::Error);
        }
        if shown.0.is_empty() {
            return;
        }
        let colour = self.data_painter().is_on();
        let mut renderer = DiagnosticRenderer::new(colour, self.terminal.width, bases);
        self.data(&renderer.render_all(&shown));
    }

    /// Ends the writing.
    ///
    /// # Errors
    /// The first write to standard output that failed, except for a reader that
    /// went away.
    pub fn finish(&self) -> io::Result<()> {
        let mut out = lock(&self.out);
        out.flush();
        out.result()
    }

    fn is_quiet(&self) -> bool {
        self.verbosity == Verbosity::Quiet
    }
}

/// Locks, also after a panic elsewhere: half a line is better than none.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
pub(super) mod testing {
    use std::sync::Arc;

    use super::*;

    /// A buffer that can be read while an [`Output`] writes to it.
    #[derive(Clone, Default)]
    pub struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Shared {
        pub fn text(&self) -> String {
            String::from_utf8(lock(&self.0).clone()).unwrap()
        }
    }

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            lock(&self.0).extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Returns an output without a terminal, and what it wrote to both streams.
    pub fn output(format: Format, verbosity: Verbosity) -> (Output, Shared, Shared) {
        on_terminal(format, verbosity, Terminal::default())
    }

    /// Returns an output with the given terminal, and what it wrote.
    pub fn on_terminal(
        format: Format,
        verbosity: Verbosity,
        terminal: Terminal,
    ) -> (Output, Shared, Shared) {
        let (out, err) = (Shared::default(), Shared::default());
        let output = Output::new(
            format,
            verbosity,
            terminal,
            Box::new(out.clone()),
            Box::new(err.clone()),
        );
        (output, out, err)
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::{testing::output, *};

    struct Failing(ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::from(self.0))
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn finish_after(kind: ErrorKind) -> io::Result<()> {
        let output = Output::new(
            Format::Table,
            Verbosity::Normal,
            Terminal::default(),
            Box::new(Failing(kind)),
            Box::new(io::sink()),
        );
        output.data("one");
        output.data("two");
        output.finish()
    }

    #[test]
    fn a_reader_that_left_is_no_error_but_a_full_disk_is() {
        assert!(finish_after(ErrorKind::BrokenPipe).is_ok());
        let error = finish_after(ErrorKind::StorageFull).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull);
    }

    #[test]
    fn secrets_leave_every_stream() {
        let (output, out, err) = output(Format::Json, Verbosity::Normal);
        output.redact_with(Box::new(|text| text.replace("hunter2", "***")));
        output.data("a hunter2");
        output.warn("b hunter2");
        output.complain("c hunter2");
        let body = serde_json::json!({"d": ["hunter2"]});
        output.document("swarmctl/test/1", &body).unwrap();
        output.event(body);
        assert!(!out.text().contains("hunter2"), "{}", out.text());
        assert!(!err.text().contains("hunter2"), "{}", err.text());
        assert_eq!(out.text().matches("***").count(), 3);
    }

    #[test]
    fn quiet_keeps_back_talk_and_warnings() {
        let (output, _, err) = output(Format::Table, Verbosity::Quiet);
        output.talk("talk");
        output.warn("warning");
        output.detail("detail");
        output.complain("complaint");
        assert_eq!(err.text(), "complaint\n");
    }
}
