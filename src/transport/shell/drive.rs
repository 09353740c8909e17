use std::{io, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::{mpsc, oneshot},
    time::{Instant, timeout, timeout_at},
};

use super::{
    Guarded, Job, Ran, Reply, frames::Frames, marker::marker, script, start::Ready,
    traffic::Counters,
};
use crate::transport::TransportError;

/// How much of one stream of a job's output is kept.
const OUTPUT_LIMIT: usize = 256 << 20;

/// How long a shell without jobs may take to clean up and end.
const FAREWELL: Duration = Duration::from_secs(5);

/// How much of a volley is sent at once.
const PIECE: usize = 30 << 10;

/// What a job is called in errors: its text may hold secrets.
const NAME: &str = "sh";

/// What is to be sent.
pub(super) enum Request {
    /// A job and where its reply goes.
    One(Job, Answer),
    /// Jobs that guard each other.
    Volley(Vec<(Guarded, Answer)>),
}

/// Where the reply of a job goes.
pub(super) type Answer = oneshot::Sender<Result<Ran, TransportError>>;

/// A job that was sent, or is about to be.
struct Pending {
    reply: Answer,
    limit: Duration,
    sent: Instant,
    marker: String,
    raw: Option<RawInput>,
    /// Whether the reply comes with those of other jobs, output first.
    together: bool,
}

/// What is awaited for a job whose input goes raw.
struct RawInput {
    marker: String,
    /// The far side waits for the bytes.
    ready: oneshot::Sender<()>,
    /// It has them all, or the job is over.
    got: oneshot::Sender<()>,
}

/// Sends jobs and hands out replies until the last request was answered, a job ran out
/// of time or the connection is gone. Jobs that are left then fail as closed.
pub(super) async fn drive(
    host: String,
    ready: Ready,
    requests: mpsc::Receiver<Request>,
    counters: Arc<Counters>,
) {
    let Ready {
        stdin,
        mut stderr,
        frames,
        hold,
    } = ready;
    let (sent, pending) = mpsc::unbounded_channel();
    let read = Reader {
        host,
        frames,
        counters: Arc::clone(&counters),
    };
    let write = Writer {
        stdin,
        counters: Arc::clone(&counters),
        sent,
        functions: script::Functions::default(),
    };
    let drain = async {
        let mut piece = vec![0; 512];
        while let Ok(read @ 1..) = stderr.read(&mut piece).await {
            counters.received(read);
        }
    };
    let others = async {
        tokio::join!(write.all(requests), drain);
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = read.all(pending) => {}
        () = others => {}
    }
    drop(hold);
}

struct Writer {
    stdin: Box<dyn AsyncWrite + Send + Unpin>,
    counters: Arc<Counters>,
    sent: mpsc::UnboundedSender<Pending>,
    functions: script::Functions,
}

impl Writer {
    async fn all(mut self, mut requests: mpsc::Receiver<Request>) {
        let mut number = 0_u64;
        while let Some(request) = requests.recv().await {
            let sent = match request {
                Request::One(job, reply) => {
                    number += 1;
                    self.one(job, reply, number).await
                }
                Request::Volley(jobs) => self.volley(jobs, &mut number).await,
            };
            // Why it failed, the reader sees: the stream that it reads ends.
            if sent.is_err() {
                break;
            }
        }
        drop(self.stdin.shutdown().await);
    }

    /// Sends jobs in pieces that are large enough to fill packets, and small enough
    /// to let the far side begin.
    async fn volley(&mut self, jobs: Vec<(Guarded, Answer)>, number: &mut u64) -> io::Result<()> {
        let mut text = self.functions.volley();
        if jobs.iter().any(|(job, _)| job.apart) {
            text.push_str(&self.functions.alone());
        }
        text.push_str(script::volley());
        for (job, reply) in jobs {
            *number += 1;
            let marker = marker();
            text.push_str(&script::guarded(&job, *number, &marker));
            self.counters.asks();
            self.pend(Pending {
                reply,
                limit: job.job.timeout,
                sent: Instant::now(),
                marker,
                raw: None,
                together: !job.apart,
            })?;
            if text.len() >= PIECE {
                self.send(text.as_bytes()).await?;
                text.clear();
            }
        }
        text.push_str(script::flush());
        self.send(text.as_bytes()).await
    }

    async fn one(&mut self, job: Job, reply: Answer, number: u64) -> io::Result<()> {
        let marker = marker();
        let report = script::report(&marker);
        let mut pending = Pending {
            reply,
            limit: job.timeout,
            sent: Instant::now(),
            marker,
            raw: None,
            together: false,
        };
        self.counters.asks();
        if let Some(text) = script::inline(&job.program, &job.input, number) {
            self.pend(pending)?;
            let functions = self.functions.alone();
            return self.send((functions + &text + &report).as_bytes()).await;
        }
        let marker = super::marker::marker();
        let raw = script::raw(&job.program, job.input.len(), number, &marker);
        let text = self.functions.alone() + &raw;
        let ((ready, is_ready), (got, has_got)) = (oneshot::channel(), oneshot::channel());
        pending.raw = Some(RawInput { marker, ready, got });
        self.pend(pending)?;
        self.send(text.as_bytes()).await?;
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        is_ready.await.map_err(gone)?;
        self.counters.asks();
        self.send(&job.input).await?;
        has_got.await.map_err(gone)?;
        self.send(report.as_bytes()).await
    }

    fn pend(&self, pending: Pending) -> io::Result<()> {
        let sent = self.sent.send(pending);
        sent.map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.counters.sent(bytes.len());
        self.stdin.write_all(bytes).await?;
        self.stdin.flush().await
    }
}

struct Reader {
    host: String,
    frames: Frames,
    counters: Arc<Counters>,
}

impl Reader {
    async fn all(mut self, mut pending: mpsc::UnboundedReceiver<Pending>) {
        let mut free = Instant::now();
        while let Some(job) = pending.recv().await {
            let deadline = free.max(job.sent) + job.limit;
            let Pending {
                reply,
                limit,
                marker,
                raw,
                together,
                ..
            } = job;
            let host = self.host.clone();
            let work = async {
                if together {
                    self.together(&marker).await
                } else {
                    self.one(&marker, raw).await
                }
            };
            let result = match timeout_at(deadline, work).await {
                Ok(Ok(result)) => result,
                over => {
                    let error = match over {
                        Ok(_) => TransportError::Closed { host },
                        Err(_) => TransportError::RunTimedOut {
                            host,
                            program: NAME.to_owned(),
                            limit,
                        },
                    };
                    drop(reply.send(Err(error)));
                    return;
                }
            };
            self.counters.answered();
            free = Instant::now();
            // Nobody may wait any more.
            drop(reply.send(result));
        }
        // The shell removes its directory, then ends.
        let end = async { while self.frames.until("\n", 0).await.is_ok() {} };
        drop(timeout(FAREWELL, end).await);
    }

    /// Reads one reply; an error of the stream ends the shell, one in the reply does not.
    async fn one(
        &mut self,
        marker: &str,
        raw: Option<RawInput>,
    ) -> io::Result<Result<Ran, TransportError>> {
        if let Some(RawInput { marker, ready, got }) = raw {
            let word = self.frames.word(&marker).await?;
            if word != "ready" {
                return Ok(Err(TransportError::NoShell {
                    host: self.host.clone(),
                    message: "there is no `head` that knows -c".to_owned(),
                }));
            }
            self.counters.answered();
            ready.send(()).ok();
            self.frames.word(&marker).await?;
            got.send(()).ok();
        }
        let word = self.frames.word(marker).await?;
        let (code, how) = match self.ended(&word) {
            Ended::With(code, how) => (code, how),
            Ended::Skipped => return Ok(Ok(Ran::Skipped)),
            Ended::Full(error) => return Ok(Err(error)),
            Ended::Unknown => return Err(io::ErrorKind::InvalidData.into()),
        };
        let stdout = self
            .frames
            .until(&format!("{marker}a"), OUTPUT_LIMIT)
            .await?;
        self.frames.until(&format!("{marker}b"), 0).await?;
        let stderr = self
            .frames
            .until(&format!("{marker}c"), OUTPUT_LIMIT)
            .await?;
        Ok(self.reply(code, how, stdout, stderr))
    }

    /// Reads a reply that comes output first.
    async fn together(&mut self, marker: &str) -> io::Result<Result<Ran, TransportError>> {
        let stdout = self
            .frames
            .until(&format!("{marker} "), OUTPUT_LIMIT)
            .await?;
        let word = self.frames.until("\n", 64).await?.unwrap_or_default();
        let stderr = self
            .frames
            .until(&format!("{marker}c"), OUTPUT_LIMIT)
            .await?;
        Ok(match self.ended(&String::from_utf8_lossy(&word)) {
            Ended::With(code, how) => self.reply(code, how, stdout, stderr),
            Ended::Skipped => Ok(Ran::Skipped),
            Ended::Full(error) => Err(error),
            Ended::Unknown => return Err(io::ErrorKind::InvalidData.into()),
        })
    }

    /// Reads what is said of a job's end: its code and how it was run.
    fn ended(&self, words: &str) -> Ended {
        let (word, how) = words.split_once(' ').unwrap_or((words, ""));
        match (word, word.parse()) {
            ("full", _) => Ended::Full(TransportError::NoSpace {
                host: self.host.clone(),
            }),
            ("skip", _) => Ended::Skipped,
            (_, Ok(code)) => Ended::With(code, matches!(how, "1" | "2")),
            _ => Ended::Unknown,
        }
    }

    fn reply(
        &self,
        code: i32,
        probed: bool,
        stdout: Option<Vec<u8>>,
        stderr: Option<Vec<u8>>,
    ) -> Result<Ran, TransportError> {
        let (Some(stdout), Some(stderr)) = (stdout, stderr) else {
            return Err(TransportError::TooMuchOutput {
                host: self.host.clone(),
                program: NAME.to_owned(),
                limit: OUTPUT_LIMIT as u64,
            });
        };
        let reply = Reply {
            code,
            stdout,
            stderr,
        };
        Ok(if probed {
            Ran::Probed(reply)
        } else {
            Ran::Whole(reply)
        })
    }
}

/// What is said of a job's end.
enum Ended {
    /// The code, and whether it was only asked.
    With(i32, bool),
    Skipped,
    Full(TransportError),
    Unknown,
}
