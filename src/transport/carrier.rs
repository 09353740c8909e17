use std::time::Duration;

use super::{Output, TransportError, channel::Channel};

/// Programs at once on one connection. sshd's `MaxSessions` is 10 by default, a hard
/// limit, and its own clean-up lags behind: ten at once were seen to fail.
pub(super) const CHANNELS: usize = 8;

/// How much of one stream of a program's output is kept.
pub(super) const OUTPUT_LIMIT: u64 = 16 << 20;

/// What carries a session: one connection, many programs.
pub(super) trait Carrier: Send + Sync {
    /// Runs `line` in the remote user's shell, with nothing on stdin. `program`
    /// names it in errors.
    fn run(
        &self,
        program: &str,
        line: &str,
        limit: Duration,
    ) -> impl Future<Output = Result<Output, TransportError>> + Send;

    /// Starts `line` in the remote user's shell and hands out its streams.
    fn open(&self, line: &str) -> impl Future<Output = Result<Channel, TransportError>> + Send;

    /// Ends the connection.
    fn close(self) -> impl Future<Output = ()> + Send;
}
