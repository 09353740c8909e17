use std::{sync::Arc, time::Duration};

use tokio::io::{AsyncRead, AsyncWrite};

use super::{
    Become, Live, Shell, Target, Traffic, TransportError,
    carrier::Carrier,
    local::{HERE, Local},
    openssh::OpenSsh,
    options,
    russh::Russh,
    shell::Counters,
    stream::{Streamed, Streams, stream},
};

/// What a program wrote, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The exit code; 127 where there is no such program.
    pub code: i32,
    /// What it wrote to stdout.
    pub stdout: Vec<u8>,
    /// What it wrote to stderr.
    pub stderr: Vec<u8>,
}

/// A login to one machine. Ends when it is closed or dropped, and by itself some
/// minutes after this process was killed.
pub struct Session {
    host: String,
    by: By,
    counters: Arc<Counters>,
}

/// What carries it.
enum By {
    Russh(Box<Russh>),
    OpenSsh(Box<OpenSsh>),
    Local(Local),
}

impl Session {
    /// Connects and logs in: within this process where that does all that OpenSSH
    /// would do for this host, with its configuration and keys, else through OpenSSH.
    ///
    /// # Errors
    /// Why it did not work; [`TransportError::hint`] tells what to do.
    pub async fn connect(target: &Target) -> Result<Self, TransportError> {
        Ok(Self {
            host: target.to_string(),
            // Much is known while connecting that need not be kept for as long as somebody
            // keeps the future.
            by: match Box::pin(Russh::connect(target)).await {
                Some(russh) => By::Russh(Box::new(russh?)),
                None => By::OpenSsh(Box::new(Box::pin(OpenSsh::connect(target)).await?)),
            },
            counters: Arc::default(),
        })
    }

    /// Returns a session on this machine, without any connection.
    pub fn local() -> Self {
        Self {
            host: HERE.to_owned(),
            by: By::Local(Local),
            counters: Arc::default(),
        }
    }

    /// Returns the name of the library that carries it: `russh` or `OpenSSH`;
    /// `nothing` on this machine.
    pub fn carried_by(&self) -> &'static str {
        match &self.by {
            By::Russh(_) => "russh",
            By::OpenSsh(_) => "OpenSSH",
            By::Local(_) => "nothing",
        }
    }

    /// Runs a program with exactly these arguments and nothing on stdin, and waits
    /// for it for at most `timeout`; what ran longer may go on over there. At most
    /// eight run at once, the rest wait for their turn within their `timeout`.
    ///
    /// # Errors
    /// When it was not run to its end: an exit code other than 0 is no error.
    pub async fn run<S: AsRef<str>>(
        &self,
        program: &str,
        args: &[S],
        timeout: Duration,
    ) -> Result<Output, TransportError> {
        let line = options::shell_line(program, args);
        let counters = Counters::of_channel(&self.counters);
        counters.asks();
        counters.sent(line.len());
        let output = match &self.by {
            By::Russh(carrier) => carrier.run(program, &line, timeout).await,
            By::OpenSsh(carrier) => carrier.run(program, &line, timeout).await,
            By::Local(carrier) => carrier.run(program, &line, timeout).await,
        };
        if let Ok(output) = &output {
            counters.received(output.stdout.len() + output.stderr.len());
        }
        counters.answered();
        output
    }

    /// Runs a program with exactly these arguments, gives it `input` on stdin and hands
    /// its stdout on to `output`, without keeping more than some hundred KiB of either.
    /// It is given up when nothing moves for `idle`.
    ///
    /// A slow `output` slows the program down, and may hold up the other channels of
    /// this session: a long stream wants a session of its own.
    ///
    /// # Errors
    /// When it was not run to its end, or `input` or `output` fails: an exit code other
    /// than 0 is no error.
    pub async fn stream<S: AsRef<str>>(
        &self,
        program: &str,
        args: &[S],
        input: impl AsyncRead + Send + Unpin,
        output: impl AsyncWrite + Send + Unpin,
        idle: Duration,
    ) -> Result<Streamed, TransportError> {
        let line = options::shell_line(program, args);
        let counters = Counters::of_channel(&self.counters);
        counters.asks();
        counters.sent(line.len());
        let (host, command) = (&self.host, (program, line.as_str()));
        let streams = Streams {
            input,
            output,
            idle,
        };
        let streamed = match &self.by {
            By::Russh(by) => stream(host, command, &**by, &counters, streams).await,
            By::OpenSsh(by) => stream(host, command, &**by, &counters, streams).await,
            By::Local(by) => stream(host, command, by, &counters, streams).await,
        };
        counters.answered();
        streamed
    }

    /// Starts a shell on a channel of its own, as another user where `become_user`
    /// says so. It takes one of the eight places until all its clones are dropped,
    /// and keeps the connection as long.
    ///
    /// # Errors
    /// When there is no shell over there, or the user can't be changed.
    pub async fn shell(&self, become_user: Option<&Become>) -> Result<Shell, TransportError> {
        let (host, counters) = (&self.host, &self.counters);
        match &self.by {
            By::Russh(by) => Shell::start(host, &**by, become_user, counters).await,
            By::OpenSsh(by) => Shell::start(host, &**by, become_user, counters).await,
            By::Local(by) => Shell::start(host, by, become_user, counters).await,
        }
    }

    /// Returns what went over all channels so far: of all shells, whoever they run as,
    /// and of [`run`](Self::run).
    pub fn traffic(&self) -> Traffic {
        self.counters.traffic()
    }

    /// Starts a line of shell as [`shell`](Self::shell) would, with nothing on stdin;
    /// its output is read while it runs. It ends with what is returned.
    ///
    /// # Errors
    /// When there is no shell over there, or the user can't be changed.
    pub async fn live(
        &self,
        become_user: Option<&Become>,
        line: &str,
    ) -> Result<Live, TransportError> {
        let (host, counters) = (&self.host, &self.counters);
        match &self.by {
            By::Russh(by) => Live::start(host, &**by, become_user, line, counters).await,
            By::OpenSsh(by) => Live::start(host, &**by, become_user, line, counters).await,
            By::Local(by) => Live::start(host, by, become_user, line, counters).await,
        }
    }

    /// Logs out. Dropping does the same, but blocks for a moment.
    pub async fn close(self) {
        match self.by {
            By::Russh(carrier) => carrier.close().await,
            By::OpenSsh(carrier) => carrier.close().await,
            By::Local(carrier) => carrier.close().await,
        }
    }
}
