use std::io::{self, ErrorKind, Write};

/// A writer that falls silent when its reader left, and keeps any other error.
pub struct Stream {
    writer: Box<dyn Write + Send>,
    closed: bool,
    error: Option<io::Error>,
}

impl Stream {
    /// Returns a stream that writes to `writer`.
    pub fn new(writer: Box<dyn Write + Send>) -> Self {
        Self {
            writer,
            closed: false,
            error: None,
        }
    }

    /// Writes `text` and ends the line.
    pub fn line(&mut self, text: &str) {
        if text.ends_with('\n') || text.is_empty() {
            self.write(text);
        } else {
            self.write(&format!("{text}\n"));
        }
    }

    /// Writes `text` at once.
    pub fn write(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Writes `bytes` at once.
    pub fn bytes(&mut self, bytes: &[u8]) {
        if !self.closed {
            let result = self.writer.write_all(bytes);
            self.note(result);
            self.flush();
        }
    }

    /// Hands everything on.
    pub fn flush(&mut self) {
        if !self.closed {
            let result = self.writer.flush();
            self.note(result);
        }
    }

    fn note(&mut self, result: io::Result<()>) {
        if let Err(error) = result {
            self.closed = true;
            if error.kind() != ErrorKind::BrokenPipe {
                self.error.get_or_insert(error);
            }
        }
    }

    /// Returns the first error, once.
    ///
    /// # Errors
    /// That error.
    pub fn result(&mut self) -> io::Result<()> {
        self.error.take().map_or(Ok(()), Err)
    }
}
