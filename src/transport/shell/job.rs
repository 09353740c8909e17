use std::{fmt, time::Duration};

/// A program for a [`Shell`](super::Shell).
#[derive(Clone, PartialEq, Eq)]
pub struct Job {
    /// POSIX sh text, without NUL bytes.
    pub program: String,
    /// Its stdin, any bytes. Text up to 64 KiB costs no round trip more, anything
    /// else costs one.
    pub input: Vec<u8>,
    /// How long it may take from when the job before it ended.
    pub timeout: Duration,
}

/// Both may hold secrets, so only their sizes are shown.
impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job")
            .field("program", &format_args!("{} bytes", self.program.len()))
            .field("input", &format_args!("{} bytes", self.input.len()))
            .field("timeout", &self.timeout)
            .finish()
    }
}

/// How a [`Job`] ended.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// The exit code; 128 plus the number of the signal that ended it.
    pub code: i32,
    /// What it wrote to stdout until it ended.
    pub stdout: Vec<u8>,
    /// What it wrote to stderr until it ended.
    pub stderr: Vec<u8>,
}

/// The streams may hold secrets, so only their sizes are shown.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("code", &self.code)
            .field("stdout", &format_args!("{} bytes", self.stdout.len()))
            .field("stderr", &format_args!("{} bytes", self.stderr.len()))
            .finish()
    }
}
