use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{
    TransportError,
    carrier::Carrier,
    channel::{Channel, End},
    shell::Counters,
};

/// How much is read at once, and so all that is kept of a stream.
const CHUNK: usize = 64 << 10;

/// How much of the end of stderr is kept.
const SAID: usize = 64 << 10;

/// How a program ended whose streams were handed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Streamed {
    /// The exit code; 127 where there is no such program.
    pub code: i32,
    /// The last 64 KiB that it wrote to stderr.
    pub stderr: Vec<u8>,
}

/// What is streamed, and where to.
pub(super) struct Streams<I, O> {
    pub input: I,
    pub output: O,
    /// How long nothing may move.
    pub idle: Duration,
}

/// Runs a line and hands its streams on, without keeping them.
pub(super) async fn stream<I, O>(
    host: &str,
    (program, line): (&str, &str),
    carrier: &impl Carrier,
    counters: &Counters,
    streams: Streams<I, O>,
) -> Result<Streamed, TransportError>
where
    I: AsyncRead + Send + Unpin,
    O: AsyncWrite + Send + Unpin,
{
    let idle = streams.idle;
    // What moved so far, in bytes and steps.
    let moved = AtomicU64::new(0);
    let work = run(host, program, line, carrier, counters, streams, &moved);
    let stalls = async {
        loop {
            let before = moved.load(Relaxed);
            tokio::time::sleep(idle).await;
            if moved.load(Relaxed) == before {
                return;
            }
        }
    };
    tokio::select! {
        result = work => result,
        () = stalls => Err(TransportError::RunTimedOut {
            host: host.to_owned(),
            program: program.to_owned(),
            limit: idle,
        }),
    }
}

async fn run<I, O>(
    host: &str,
    program: &str,
    line: &str,
    carrier: &impl Carrier,
    counters: &Counters,
    streams: Streams<I, O>,
    moved: &AtomicU64,
) -> Result<Streamed, TransportError>
where
    I: AsyncRead + Send + Unpin,
    O: AsyncWrite + Send + Unpin,
{
    let Channel {
        mut stdin,
        mut stdout,
        mut stderr,
        end,
    } = carrier.open(line).await?;
    let Streams {
        mut input,
        mut output,
        ..
    } = streams;
    let here = |source| TransportError::Local {
        host: host.to_owned(),
        source,
    };
    let up = async {
        let mut piece = vec![0; CHUNK];
        loop {
            let read = input.read(&mut piece).await.map_err(here)?;
            // A program may end, or close its stdin, before it has read it all; whether
            // that is an error, its exit code says.
            if read == 0 || stdin.write_all(&piece[..read]).await.is_err() {
                break;
            }
            counters.sent(read);
            moved.fetch_add(1, Relaxed);
        }
        drop(stdin.shutdown().await);
        drop(stdin);
        Ok(())
    };
    let down = async {
        let mut piece = vec![0; CHUNK];
        // How the connection ended, the end of the program says.
        while let Ok(read @ 1..) = stdout.read(&mut piece).await {
            counters.received(read);
            moved.fetch_add(1, Relaxed);
            output.write_all(&piece[..read]).await.map_err(here)?;
            moved.fetch_add(1, Relaxed);
        }
        output.flush().await.map_err(here)
    };
    let talk = async {
        let mut piece = vec![0; CHUNK];
        let mut said = Vec::new();
        while let Ok(read @ 1..) = stderr.read(&mut piece).await {
            counters.received(read);
            moved.fetch_add(1, Relaxed);
            said.extend_from_slice(&piece[..read]);
            let extra = said.len().saturating_sub(SAID);
            said.drain(..extra);
        }
        Ok(said)
    };
    let out = async { tokio::try_join!(down, talk) };
    tokio::pin!(up, out);
    // The program may end without having read its input, whose source may never end.
    let (_, stderr) = tokio::select! {
        result = &mut out => result?,
        result = &mut up => {
            result?;
            out.await?
        }
    };
    let host = || host.to_owned();
    match end.await {
        End::Code(code) => Ok(Streamed { code, stderr }),
        End::Signal => Err(TransportError::Signalled {
            host: host(),
            program: program.to_owned(),
        }),
        End::Refused => Err(TransportError::Other {
            host: host(),
            message: "it refuses to run programs".to_owned(),
        }),
        End::Unknown => Err(TransportError::Closed { host: host() }),
    }
}
