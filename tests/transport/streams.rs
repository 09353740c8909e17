//! Streams that are larger than memory may be.

use std::{
    io,
    pin::Pin,
    sync::OnceLock,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use swarmctl::transport::{Session, TransportError};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, empty, sink};

use crate::{
    LIMIT, carriers,
    memory::{alone, peak_growth},
    run, sessions,
    sshd::Sshd,
};

/// How long nothing may move.
const IDLE: Duration = Duration::from_secs(30);

/// After how many bytes the pattern repeats: a prime, so that no lost block is hidden.
const PERIOD: usize = 65_521;

/// Returns up to a period of the pattern's bytes from a place on.
fn bytes(at: u64, size: usize) -> &'static [u8] {
    static TWICE: OnceLock<Vec<u8>> = OnceLock::new();
    let twice = TWICE.get_or_init(|| {
        let once = (0..PERIOD).map(|at| (at ^ (at >> 8)) as u8);
        once.cycle().take(2 * PERIOD).collect()
    });
    let at = (at % PERIOD as u64) as usize;
    &twice[at..at + size.min(PERIOD)]
}

/// Gives so many bytes, or checks those that it is given.
struct Pattern {
    at: u64,
    size: u64,
}

impl Pattern {
    fn new(size: u64) -> Self {
        Self { at: 0, size }
    }
}

impl AsyncRead for Pattern {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let size = (self.size - self.at).min(buffer.remaining() as u64);
        let piece = bytes(self.at, size as usize);
        buffer.put_slice(piece);
        self.at += piece.len() as u64;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Pattern {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        got: &[u8],
    ) -> Poll<io::Result<usize>> {
        let expected = bytes(self.at, got.len());
        if expected != &got[..expected.len()] {
            let wrong = format!("what begins at byte {} is something else", self.at);
            return Poll::Ready(Err(io::Error::other(wrong)));
        }
        self.at += expected.len() as u64;
        Poll::Ready(Ok(expected.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn streams_arrive_exactly_and_say_how_they_ended() {
    let Some(sshd) = Sshd::start() else { return };
    for session in sessions(&sshd.target()).await {
        for size in [0, 1, 70_001, 9 << 20] {
            let mut back = Pattern::new(0);
            let streamed = session
                .stream("cat", &[] as &[&str], Pattern::new(size), &mut back, IDLE)
                .await
                .unwrap();
            assert_eq!((streamed.code, back.at), (0, size));
            assert!(streamed.stderr.is_empty());
        }
        let code = async |program: &str| {
            let args = ["-c", program];
            session.stream("sh", &args, empty(), sink(), IDLE).await
        };
        let streamed = code("echo err >&2; exit 37").await.unwrap();
        assert_eq!((streamed.code, streamed.stderr), (37, b"err\n".to_vec()));
        assert_eq!(code("exec no-such-program").await.unwrap().code, 127);
        let error = code("kill -9 $$").await.unwrap_err();
        assert!(matches!(error, TransportError::Signalled { .. }), "{error}");
        // A program that reads nothing of an endless input.
        let input = tokio::io::repeat(0);
        let args = ["-c", "exit 3"];
        let streamed = session.stream("sh", &args, input, sink(), IDLE);
        assert_eq!(streamed.await.unwrap().code, 3);
        // The session is as good as before.
        assert_eq!(session.run("true", &[""; 0], LIMIT).await.unwrap().code, 0);
    }
}

#[tokio::test]
async fn what_fails_here_or_stalls_is_told() {
    let Some(sshd) = Sshd::start() else { return };
    for (target, _) in carriers(&sshd.target()) {
        let session = Session::connect(&target).await.unwrap();
        let full = tokio::fs::File::create("/dev/full").await.unwrap();
        let args = ["-c", "1000000", "/dev/zero"];
        let error = session.stream("head", &args, empty(), full, IDLE).await;
        let error = error.unwrap_err();
        assert!(matches!(error, TransportError::Local { .. }), "{error}");
        assert!(std::error::Error::source(&error).is_some());
        let short = Duration::from_secs(5);
        let error = session
            .stream("sleep", &["9"], empty(), sink(), short)
            .await;
        let error = error.unwrap_err();
        assert!(
            matches!(error, TransportError::RunTimedOut { .. }),
            "{error}"
        );
        // Something moves all the time: the whole takes longer than it may stand still.
        let program = "for i in 1 2 3 4 5; do sleep 1.4; echo $i; done";
        let args = ["-c", program];
        let streamed = session.stream("sh", &args, empty(), sink(), short);
        assert_eq!(streamed.await.unwrap().code, 0);
        let cut = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            for process in sshd.connections() {
                run("kill", &["-9", &process]);
            }
        };
        let (ended, ()) = tokio::join!(
            session.stream("cat", &["/dev/zero"], empty(), sink(), IDLE),
            cut
        );
        let error = ended.unwrap_err();
        assert!(matches!(error, TransportError::Closed { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_hundred_megabytes_of_stderr_hold_nothing_up() {
    let Some(sshd) = Sshd::start() else { return };
    for session in sessions(&sshd.target()).await {
        let program = "head -c 100000000 /dev/zero >&2; echo end >&2; echo out; exit 4";
        let mut out = Vec::new();
        let streamed = session
            .stream("sh", &["-c", program], empty(), &mut out, IDLE)
            .await
            .unwrap();
        assert_eq!((streamed.code, out), (4, b"out\n".to_vec()));
        assert!(streamed.stderr.ends_with(b"\0end\n"));
        assert_eq!(streamed.stderr.len(), 64 << 10);
    }
}

/// Takes its time for each piece.
struct Slow(Pin<Box<tokio::time::Sleep>>, u64);

impl AsyncWrite for Slow {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        std::task::ready!(self.0.as_mut().poll(context));
        let next = tokio::time::Instant::now() + Duration::from_millis(2);
        self.0.as_mut().reset(next);
        self.1 += bytes.len() as u64;
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Child of the test below.
#[tokio::test]
#[ignore = "only as a process of its own"]
async fn child_slow_reader() {
    let Some(sshd) = Sshd::start() else { return };
    for session in sessions(&sshd.target()).await {
        let mut slow = Slow(Box::pin(tokio::time::sleep(Duration::ZERO)), 0);
        let args = ["-c", "50000000", "/dev/zero"];
        let growth = peak_growth(async {
            let streamed = session.stream("head", &args, empty(), &mut slow, IDLE);
            assert_eq!(streamed.await.unwrap().code, 0);
        })
        .await;
        assert_eq!(slow.1, 50_000_000);
        let by = session.carried_by();
        assert!(growth < 16 << 20, "{by}: {growth} bytes for a slow reader");
    }
}

#[test]
fn a_slow_reader_makes_the_far_side_wait() {
    alone("streams::child_slow_reader");
}

/// Child of the test below.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "only as a process of its own"]
async fn child_gibibyte() {
    let Some(sshd) = Sshd::start() else { return };
    for (target, _) in carriers(&sshd.target()) {
        let session = Session::connect(&target).await.unwrap();
        let begun = Instant::now();
        let growth = peak_growth(async {
            let (mut back, size) = (Pattern::new(0), 1 << 30);
            let streamed = session
                .stream("cat", &[] as &[&str], Pattern::new(size), &mut back, IDLE)
                .await
                .unwrap();
            assert_eq!((streamed.code, back.at), (0, size));
        })
        .await;
        let by = session.carried_by();
        println!(
            "{by}: 1 GiB up and down at once in {:?}, {} KiB more memory",
            begun.elapsed(),
            growth >> 10
        );
        assert!(growth < 16 << 20, "{by}: {growth} bytes for 1 GiB");
    }
}

#[test]
fn a_gibibyte_goes_both_ways_in_little_memory() {
    if std::env::var_os("SWARMCTL_LIVE").is_none() {
        println!("skipped: large streams (set SWARMCTL_LIVE)");
        return;
    }
    alone("streams::child_gibibyte");
}
