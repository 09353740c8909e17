use tokio::io::{AsyncRead, AsyncWrite};

/// One program's three streams. Dropping `hold` ends the channel.
pub(super) struct Channel {
    /// To the program.
    pub stdin: Box<dyn AsyncWrite + Send + Unpin>,
    /// From the program.
    pub stdout: Box<dyn AsyncRead + Send + Unpin>,
    /// From the program.
    pub stderr: Box<dyn AsyncRead + Send + Unpin>,
    /// What keeps the channel, its place among the host's channels and the
    /// connection.
    pub hold: Box<dyn Send>,
}
