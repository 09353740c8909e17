use std::time::Duration;

use russh::{ChannelMsg, ChannelReadHalf, client::Msg};
use tokio::{
    io::{AsyncWriteExt, DuplexStream, duplex},
    sync::{OwnedSemaphorePermit, oneshot},
    time::timeout,
};

use crate::transport::channel::{Channel, End};

/// How much of each stream waits for its reader.
const BUFFER: usize = 256 << 10;

/// How long the far side may take to close a channel; its place stays taken as long.
const CLOSING: Duration = Duration::from_secs(5);

/// `SSH_EXTENDED_DATA_STDERR` (RFC 4254, section 5.2).
const STDERR: u32 = 1;

/// Makes streams of a channel's messages.
pub(super) fn streams(channel: russh::Channel<Msg>, place: OwnedSemaphorePermit) -> Channel {
    let (mut messages, write) = channel.split();
    let stdin = write.make_writer();
    let (stdout, stdout_in) = duplex(BUFFER);
    let (stderr, stderr_in) = duplex(BUFFER);
    let (hold, held) = oneshot::channel::<()>();
    let (ended, end) = oneshot::channel();
    tokio::spawn(async move {
        tokio::select! {
            // Nobody may ask.
            how = pump(&mut messages, stdout_in, stderr_in) => drop(ended.send(how)),
            _ = held => {}
        }
        let closing = async {
            // A connection that is gone is closed as well.
            drop(write.close().await);
            while messages.wait().await.is_some() {}
        };
        drop(timeout(CLOSING, closing).await);
        drop(place);
    });
    Channel {
        stdin: Box::new(stdin),
        stdout: Box::new(stdout),
        stderr: Box::new(stderr),
        end: Box::pin(async move {
            let how = end.await.unwrap_or(End::Unknown);
            drop(hold);
            how
        }),
    }
}

/// Hands on what comes until the channel is closed.
async fn pump(
    messages: &mut ChannelReadHalf,
    mut stdout: DuplexStream,
    mut stderr: DuplexStream,
) -> End {
    let mut end = End::Unknown;
    while let Some(message) = messages.wait().await {
        match message {
            // A reader that is gone wants no more, but the other one may.
            ChannelMsg::Data { data } => drop(stdout.write_all(&data).await),
            ChannelMsg::ExtendedData { data, ext: STDERR } => {
                drop(stderr.write_all(&data).await);
            }
            ChannelMsg::ExitStatus { exit_status } => {
                end = End::Code(i32::try_from(exit_status).unwrap_or(i32::MAX));
            }
            ChannelMsg::ExitSignal { .. } => end = End::Signal,
            ChannelMsg::Failure => return End::Refused,
            ChannelMsg::Close => break,
            _ => {}
        }
    }
    end
}
