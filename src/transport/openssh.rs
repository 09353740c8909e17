use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use openssh::{Error, Stdio as RemoteStdio};
use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::Command,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{
    Output, Target, TransportError,
    carrier::{CHANNELS, Carrier, OUTPUT_LIMIT},
    channel::{Channel, End},
    diagnose::diagnose,
    options,
};

/// How long an unused master outlives a process that was killed, in seconds. It must
/// be longer than any pause that a living one makes.
const PERSIST_SECONDS: u32 = 300;

/// How many masters log in at once. Each is a process, and 500 of them at a time only
/// keep each other from being in time.
const LOGINS: usize = 128;
static LOGIN: Semaphore = Semaphore::const_new(LOGINS);

/// What login may take beyond the connection itself: slow PAM modules, DNS.
const LOGIN_GRACE: Duration = Duration::from_secs(30);

/// The longest path of a Unix socket (`sun_path` of unix(7), 108 bytes), less what
/// ssh appends while it makes one.
const LONGEST_SOCKET_PATH: usize = 108 - 20;

/// A connection carried by OpenSSH's client: a master process, spoken to through its
/// control socket without a process for each program.
pub(super) struct OpenSsh {
    session: Arc<openssh::Session>,
    target: Target,
    channels: Arc<Semaphore>,
}

impl OpenSsh {
    pub(super) async fn connect(target: &Target) -> Result<Self, TransportError> {
        if let Some(path) = &target.private_key_file {
            File::open(path).map_err(|error| TransportError::PrivateKey {
                path: path.clone(),
                reason: error.to_string(),
            })?;
        }
        let directory = socket_directory().map_err(TransportError::NoSsh)?;
        master(target, directory.path()).await?;
        Ok(Self {
            session: Arc::new(openssh::Session::new_native_mux(directory)),
            target: target.clone(),
            channels: Arc::new(Semaphore::new(CHANNELS)),
        })
    }

    async fn try_run(&self, line: &str) -> Result<Option<Output>, Error> {
        let mut child = self
            .session
            .raw_command(line)
            .stdin(RemoteStdio::null())
            .stdout(RemoteStdio::piped())
            .stderr(RemoteStdio::piped())
            .spawn()
            .await?;
        let (stdout, stderr) = (child.stdout().take(), child.stderr().take());
        let (stdout, stderr) = tokio::join!(read(stdout), read(stderr));
        let (stdout, stderr) = match (stdout, stderr) {
            (Ok(Some(stdout)), Ok(Some(stderr))) => (stdout, stderr),
            (Err(error), _) | (_, Err(error)) => return Err(Error::ChildIo(error)),
            _ => return Ok(None),
        };
        let code = match child.wait().await {
            Ok(status) => status.code().unwrap_or_default(),
            // The crate's own reading of exit code 127.
            Err(Error::Remote(_)) => 127,
            Err(error) => return Err(error),
        };
        Ok(Some(Output {
            code,
            stdout,
            stderr,
        }))
    }

    async fn try_open(
        &self,
        line: &str,
        place: OwnedSemaphorePermit,
    ) -> Result<Channel, (Error, OwnedSemaphorePermit)> {
        let spawned = Arc::clone(&self.session)
            .arc_raw_command(line)
            .stdin(RemoteStdio::piped())
            .stdout(RemoteStdio::piped())
            .stderr(RemoteStdio::piped())
            .spawn()
            .await;
        let mut child = match spawned {
            Ok(child) => child,
            Err(error) => return Err((error, place)),
        };
        let streams = (
            child.stdin().take(),
            child.stdout().take(),
            child.stderr().take(),
        );
        let (Some(stdin), Some(stdout), Some(stderr)) = streams else {
            return Err((Error::Disconnected, place));
        };
        let session = Arc::clone(&self.session);
        Ok(Channel {
            stdin: Box::new(stdin),
            stdout: Box::new(stdout),
            stderr: Box::new(stderr),
            end: Box::pin(async move {
                let ended = child.wait().await;
                drop(place);
                match ended {
                    Ok(status) => End::Code(status.code().unwrap_or_default()),
                    // The crate's own reading of exit code 127.
                    Err(Error::Remote(_)) => End::Code(127),
                    Err(Error::RemoteProcessTerminated) if session.check().await.is_ok() => {
                        End::Signal
                    }
                    Err(_) => End::Unknown,
                }
            }),
        })
    }

    async fn explain(&self, program: &str, error: Error) -> TransportError {
        let host = self.target.to_string();
        match error {
            // The protocol can't tell a program's death from the connection's, so the
            // connection is asked.
            Error::RemoteProcessTerminated => match self.session.check().await {
                Ok(()) => TransportError::Signalled {
                    host,
                    program: program.to_owned(),
                },
                Err(_) => TransportError::Closed { host },
            },
            Error::Disconnected | Error::ChildIo(_) => TransportError::Closed { host },
            // A master that is ending may have no better word for it.
            _ if self.session.check().await.is_err() => TransportError::Closed { host },
            error => {
                let mut message = error.to_string();
                let mut source = std::error::Error::source(&error);
                while let Some(cause) = source {
                    message = format!("{message}: {cause}");
                    source = cause.source();
                }
                TransportError::Other { host, message }
            }
        }
    }
}

impl Carrier for OpenSsh {
    async fn run(
        &self,
        program: &str,
        line: &str,
        limit: Duration,
    ) -> Result<Output, TransportError> {
        let work = async {
            let _channel = self.channels.acquire().await;
            let first = self.try_run(line).await;
            match first {
                // sshd refused the channel, so nothing was run: once more is safe.
                Err(Error::SshMux(_)) if self.session.check().await.is_ok() => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    self.try_run(line).await
                }
                other => other,
            }
        };
        match timeout(limit, work).await {
            Ok(Ok(Some(output))) => Ok(output),
            Ok(Ok(None)) => Err(TransportError::TooMuchOutput {
                host: self.target.to_string(),
                program: program.to_owned(),
                limit: OUTPUT_LIMIT,
            }),
            Ok(Err(error)) => Err(self.explain(program, error).await),
            Err(_) => Err(TransportError::RunTimedOut {
                host: self.target.to_string(),
                program: program.to_owned(),
                limit,
            }),
        }
    }

    async fn open(&self, line: &str) -> Result<Channel, TransportError> {
        let closed = || TransportError::Closed {
            host: self.target.to_string(),
        };
        let place = Arc::clone(&self.channels).acquire_owned().await;
        let first = self.try_open(line, place.map_err(|_| closed())?).await;
        let error = match first {
            Ok(channel) => return Ok(channel),
            // sshd refused the channel, so nothing was run: once more is safe.
            Err((Error::SshMux(_), place)) if self.session.check().await.is_ok() => {
                tokio::time::sleep(Duration::from_millis(100)).await;
                match self.try_open(line, place).await {
                    Ok(channel) => return Ok(channel),
                    Err((error, _)) => error,
                }
            }
            Err((error, _)) => error,
        };
        Err(self.explain("sh", error).await)
    }

    async fn close(self) {
        // Shells that are still in use keep the connection until they end.
        let Ok(session) = Arc::try_unwrap(self.session) else {
            return;
        };
        // A connection that is gone already is closed as well.
        drop(session.close().await);
    }
}

/// Reads a stream to its end; `None` when it is longer than what is kept.
async fn read(stream: Option<impl AsyncRead + Unpin>) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        let mut limited = stream.take(OUTPUT_LIMIT + 1);
        limited.read_to_end(&mut bytes).await?;
    }
    Ok((bytes.len() as u64 <= OUTPUT_LIMIT).then_some(bytes))
}

/// Makes a directory for the control socket, in `/tmp` where the usual place for
/// temporary files has too long a path for one.
fn socket_directory() -> std::io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("swarmctl-ssh-");
    let usual = builder.tempdir()?;
    if usual.path().join("master").as_os_str().len() <= LONGEST_SOCKET_PATH {
        return Ok(usual);
    }
    builder.tempdir_in("/tmp")
}

/// Starts ssh as a master that listens in `directory`; it has logged in, and gone to
/// the background, when this returns.
async fn master(target: &Target, directory: &Path) -> Result<(), TransportError> {
    // It is never closed.
    let _place = LOGIN.acquire().await;
    let (log, stderr) = (directory.join("log"), directory.join("stderr"));
    let mut ssh = Command::new("ssh");
    ssh.args(["-M", "-N", "-f", "-v", "-E"]).arg(&log);
    ssh.arg("-S").arg(directory.join("master"));
    for option in [
        "BatchMode=yes",
        "ClearAllForwardings=yes",
        "ForwardAgent=no",
        "ForwardX11=no",
        "PermitLocalCommand=no",
        "RemoteCommand=none",
        "RequestTTY=no",
    ] {
        ssh.args(["-o", option]);
    }
    ssh.args(["-o", &format!("ControlPersist={PERSIST_SECONDS}")]);
    ssh.args(options::options(target));
    // A peer that vanished is noticed after a minute, or when `ssh_args` say so.
    for option in ["ServerAliveInterval=15", "ServerAliveCountMax=4"] {
        ssh.args(["-o", option]);
    }
    ssh.args(options::destination(target));
    // Errors are read, so they must be in English; a jump host's ssh must not ask on
    // the terminal either, and BatchMode does not reach it.
    ssh.env("LC_ALL", "C")
        .env("SSH_ASKPASS", "/bin/false")
        .env("SSH_ASKPASS_REQUIRE", "force")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(&stderr).map_err(TransportError::NoSsh)?)
        .kill_on_drop(true);
    if let Some(agent) = &target.agent {
        // A configuration's IdentityAgent still wins.
        ssh.env("SSH_AUTH_SOCK", agent);
    }
    let mut child = ssh.spawn().map_err(TransportError::NoSsh)?;
    let waited = target.connect_timeout + LOGIN_GRACE;
    let status = match timeout(waited, child.wait()).await {
        Ok(status) => status.map_err(TransportError::NoSsh)?,
        Err(_) => {
            drop(child.kill().await);
            return Err(TransportError::TimedOut {
                host: target.to_string(),
                waited,
            });
        }
    };
    if status.success() {
        return Ok(());
    }
    let said = |path: PathBuf| {
        let bytes = fs::read(path).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    Err(diagnose(
        target,
        &format!("{}\n{}", said(log), said(stderr)),
    ))
}
