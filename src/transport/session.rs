use std::time::Duration;

use super::{
    Become, Live, Shell, Target, TransportError,
    carrier::Carrier,
    local::{HERE, Local},
    openssh::OpenSsh,
    options,
    russh::Russh,
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
            by: match Russh::connect(target).await {
                Some(russh) => By::Russh(Box::new(russh?)),
                None => By::OpenSsh(Box::new(OpenSsh::connect(target).await?)),
            },
        })
    }

    /// Returns a session on this machine, without any connection.
    pub fn local() -> Self {
        Self {
            host: HERE.to_owned(),
            by: By::Local(Local),
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
        match &self.by {
            By::Russh(carrier) => carrier.run(program, &line, timeout).await,
            By::OpenSsh(carrier) => carrier.run(program, &line, timeout).await,
            By::Local(carrier) => carrier.run(program, &line, timeout).await,
        }
    }

    /// Starts a shell on a channel of its own, as another user where `become_user`
    /// says so. It takes one of the eight places until all its clones are dropped,
    /// and keeps the connection as long.
    ///
    /// # Errors
    /// When there is no shell over there, or the user can't be changed.
    pub async fn shell(&self, become_user: Option<&Become>) -> Result<Shell, TransportError> {
        match &self.by {
            By::Russh(carrier) => Shell::start(&self.host, &**carrier, become_user).await,
            By::OpenSsh(carrier) => Shell::start(&self.host, &**carrier, become_user).await,
            By::Local(carrier) => Shell::start(&self.host, carrier, become_user).await,
        }
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
        match &self.by {
            By::Russh(carrier) => Live::start(&self.host, &**carrier, become_user, line).await,
            By::OpenSsh(carrier) => Live::start(&self.host, &**carrier, become_user, line).await,
            By::Local(carrier) => Live::start(&self.host, carrier, become_user, line).await,
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
