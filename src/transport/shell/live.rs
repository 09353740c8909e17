use std::{io, sync::Arc};

use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::{frames::Frames, marker::marker, script, start, start::Ready, traffic::Counters};
use crate::transport::{Become, TransportError, carrier::Carrier};

/// How long the line with the exit code may be.
const CODE: usize = 64;

/// A line of shell that runs, and whose output is read meanwhile.
///
/// It has a process group of its own where the far side has `setsid`. When this is
/// dropped or the connection ends, the far side sees its input end, and ends the group:
/// SIGTERM, two seconds later SIGKILL. sshd itself would let it run on.
pub struct Live {
    host: String,
    marker: String,
    stdout: Frames,
    stderr: Option<Frames>,
    code: Option<i32>,
    /// Its end is what the far side waits for.
    _stdin: Box<dyn AsyncWrite + Send + Unpin>,
    _hold: Box<dyn Send>,
}

/// What came of a line that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// It wrote this to stdout.
    Stdout(Vec<u8>),
    /// It wrote this to stderr.
    Stderr(Vec<u8>),
    /// It ended with this exit code; 128 plus the number of the signal that ended it.
    Ended(i32),
}

impl Live {
    pub(in crate::transport) async fn start(
        host: &str,
        carrier: &impl Carrier,
        become_user: Option<&Become>,
        line: &str,
        session: &Arc<Counters>,
    ) -> Result<Self, TransportError> {
        if line.contains('\0') {
            let host = host.to_owned();
            return Err(TransportError::NulByte { host });
        }
        let counters = Arc::new(Counters::of_channel(session));
        let ready = start::start(host, carrier, become_user, &counters).await?;
        let Ready {
            mut stdin,
            stderr,
            frames,
            hold,
        } = ready;
        let closed = |_| TransportError::Closed {
            host: host.to_owned(),
        };
        let marker = marker();
        let script = script::live(line, &marker);
        counters.asks();
        counters.sent(script.len());
        stdin.write_all(script.as_bytes()).await.map_err(closed)?;
        stdin.flush().await.map_err(closed)?;
        Ok(Self {
            host: host.to_owned(),
            marker,
            stdout: frames,
            stderr: Some(Frames::new(stderr, counters)),
            code: None,
            _stdin: stdin,
            _hold: hold,
        })
    }

    /// Waits for what comes next. After [`Piece::Ended`] nothing does.
    ///
    /// # Errors
    /// [`TransportError::Closed`] when the connection ended first.
    pub async fn next(&mut self) -> Result<Piece, TransportError> {
        let next = self.piece().await;
        next.map_err(|_| TransportError::Closed {
            host: self.host.clone(),
        })
    }

    async fn piece(&mut self) -> io::Result<Piece> {
        loop {
            let open = self.code.is_none();
            let piece = match (&mut self.stderr, self.code) {
                (None, Some(code)) => return Ok(Piece::Ended(code)),
                (None, None) => Ok(self.stdout.piece(&self.marker).await?),
                (Some(stderr), _) => tokio::select! {
                    piece = self.stdout.piece(&self.marker), if open => Ok(piece?),
                    piece = stderr.piece(&self.marker) => Err(piece),
                },
            };
            match piece {
                Ok(Some(bytes)) => return Ok(Piece::Stdout(bytes)),
                Ok(None) => {
                    let word = self.stdout.until("\n", CODE).await?.unwrap_or_default();
                    let word = String::from_utf8_lossy(&word);
                    let code = word.trim().parse();
                    self.code = Some(code.map_err(|_| io::ErrorKind::InvalidData)?);
                }
                Err(Ok(Some(bytes))) => return Ok(Piece::Stderr(bytes)),
                // The end of the stream is as good as the marker.
                Err(_) => self.stderr = None,
            }
        }
    }
}
