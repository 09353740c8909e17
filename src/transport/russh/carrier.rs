use std::{sync::Arc, time::Duration};

use russh::{Disconnect, client::Handle};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    sync::Semaphore,
    time::timeout,
};

use super::{
    dial::{Checker, Refusal, dial},
    login::Login,
    streams::streams,
};
use crate::transport::{
    Output, Target, TransportError,
    carrier::{CHANNELS, Carrier, OUTPUT_LIMIT},
    channel::{Channel, End},
};

/// A connection carried by russh.
pub(in crate::transport) struct Russh {
    handle: Handle<Checker>,
    host: String,
    channels: Arc<Semaphore>,
}

impl Russh {
    /// Connects and logs in; `None` where this has to be left to OpenSSH.
    pub(in crate::transport) async fn connect(
        target: &Target,
    ) -> Option<Result<Self, TransportError>> {
        let login = Login::find(target).await?;
        match dial(target, &login).await {
            Ok(handle) => Some(Ok(Self {
                handle,
                host: target.to_string(),
                channels: Arc::new(Semaphore::new(CHANNELS)),
            })),
            Err(Refusal::Error(error)) => Some(Err(error)),
            Err(Refusal::LeaveToOpenSsh) => None,
        }
    }

    fn closed(&self) -> TransportError {
        TransportError::Closed {
            host: self.host.clone(),
        }
    }

    fn other(&self, message: &str) -> TransportError {
        TransportError::Other {
            host: self.host.clone(),
            message: message.to_owned(),
        }
    }

    /// Starts a line on a channel, which takes one of the places.
    async fn start(&self, line: &str) -> Result<Channel, TransportError> {
        let place = Arc::clone(&self.channels).acquire_owned().await;
        let place = place.map_err(|_| self.closed())?;
        let opened = match self.handle.channel_open_session().await {
            // sshd refused the channel, so nothing was run: once more is safe.
            Err(russh::Error::ChannelOpenFailure(_)) => {
                tokio::time::sleep(Duration::from_millis(100)).await;
                self.handle.channel_open_session().await
            }
            other => other,
        };
        let channel = opened.map_err(|error| match error {
            russh::Error::ChannelOpenFailure(_) => self.other("it refuses more channels"),
            _ => self.closed(),
        })?;
        let started = channel.exec(true, line).await;
        started.map_err(|_| self.closed())?;
        Ok(streams(channel, place))
    }

    async fn work(&self, program: &str, line: &str) -> Result<Output, TransportError> {
        let Channel {
            mut stdin,
            stdout,
            stderr,
            end,
        } = self.start(line).await?;
        stdin.shutdown().await.map_err(|_| self.closed())?;
        let too_much = |()| TransportError::TooMuchOutput {
            host: self.host.clone(),
            program: program.to_owned(),
            limit: OUTPUT_LIMIT,
        };
        let (stdout, stderr) = tokio::try_join!(read(stdout), read(stderr)).map_err(too_much)?;
        match end.await {
            End::Code(code) => Ok(Output {
                code,
                stdout,
                stderr,
            }),
            End::Signal => Err(TransportError::Signalled {
                host: self.host.clone(),
                program: program.to_owned(),
            }),
            End::Refused => Err(self.other("it refuses to run programs")),
            End::Unknown => Err(self.closed()),
        }
    }
}

/// Reads a stream to its end, unless it is longer than what is kept.
async fn read(stream: impl AsyncRead + Unpin) -> Result<Vec<u8>, ()> {
    let mut bytes = Vec::new();
    let mut limited = stream.take(OUTPUT_LIMIT + 1);
    // These streams are in memory: reading them does not fail.
    drop(limited.read_to_end(&mut bytes).await);
    (bytes.len() as u64 <= OUTPUT_LIMIT)
        .then_some(bytes)
        .ok_or(())
}

impl Carrier for Russh {
    async fn run(
        &self,
        program: &str,
        line: &str,
        limit: Duration,
    ) -> Result<Output, TransportError> {
        timeout(limit, self.work(program, line))
            .await
            .unwrap_or_else(|_| {
                Err(TransportError::RunTimedOut {
                    host: self.host.clone(),
                    program: program.to_owned(),
                    limit,
                })
            })
    }

    async fn open(&self, line: &str) -> Result<Channel, TransportError> {
        self.start(line).await
    }

    async fn close(self) {
        // Shells that are still in use keep the connection until they end.
        if self.channels.available_permits() == CHANNELS {
            let bye = self.handle.disconnect(Disconnect::ByApplication, "", "");
            // A connection that is gone already is closed as well.
            drop(bye.await);
        }
    }
}
