use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};

/// One program's three streams. Dropping `end` ends the channel.
pub(super) struct Channel {
    /// To the program.
    pub stdin: Box<dyn AsyncWrite + Send + Unpin>,
    /// From the program.
    pub stdout: Box<dyn AsyncRead + Send + Unpin>,
    /// From the program.
    pub stderr: Box<dyn AsyncRead + Send + Unpin>,
    /// Tells how the program ended, once both streams from it are at their end. It
    /// keeps the channel, its place among the host's channels and the connection.
    pub end: Pin<Box<dyn Future<Output = End> + Send>>,
}

/// How a program ended.
pub(super) enum End {
    Code(i32),
    Signal,
    /// It was not run.
    Refused,
    /// The connection went away.
    Unknown,
}
