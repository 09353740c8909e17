use std::{
    fmt,
    sync::{
        Arc, Once,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::sync::{Mutex, Semaphore, oneshot};
use virt::{
    connect::Connect,
    error::{Error as VirtError, ErrorNumber},
};

use super::{
    classify::Attempt,
    error::{Cause, HypervisorError, Kind},
    library, uri,
};

/// libvirtd serves five requests of one client at a time by default
/// (`max_client_requests` in libvirtd.conf) and lets the others wait; one stays
/// free for the packets of streams.
const CALLS_AT_ONCE: usize = 4;

/// Transfers at once on one connection. They share one socket, so that more would
/// only starve the calls.
const STREAMS_AT_ONCE: usize = 2;

/// How many times its own timeout a call waits for its turn, before libvirt counts
/// as stuck.
const PATIENCE: u32 = 20;

/// A connection to libvirt, cheap to clone.
///
/// libvirt's client is synchronous. Each call runs on a thread of its own, started
/// for it and detached: starting one costs some 20 µs, nothing beside a round trip,
/// and a call that never returns (a dead ssh, a stuck daemon) then can't keep the
/// program from ending, as a thread of tokio's blocking pool would. A call that
/// times out keeps its place among the four until it returns, so that a stuck
/// daemon never gathers threads.
///
/// Keepalive is not set: libvirt's client sends it only from its event loop, which
/// nothing else here needs. The timeout of each call does its work.
#[derive(Clone)]
pub struct Hypervisor {
    inner: Arc<Inner>,
}

struct Inner {
    session: Arc<Session>,
    timeout: Duration,
    calls: Arc<Semaphore>,
    streams: Arc<Semaphore>,
    /// Held while a directory is made, since libvirt knows a directory's pool by its path.
    directories: Mutex<()>,
}

impl fmt::Debug for Hypervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hypervisor")
            .field("uri", &self.inner.session.uri)
            .finish_non_exhaustive()
    }
}

/// One open connection, used by all threads: libvirt's objects are thread-safe.
pub(super) struct Session {
    connect: Connect,
    uri: String,
    calls: AtomicU64,
}

impl Drop for Session {
    fn drop(&mut self) {
        // Closing asks the daemon and may block: it happens on a thread of its own.
        // The clone takes a second reference, so that closing this one is only counting.
        let mut last = self.connect.clone();
        if self.connect.close().is_ok() {
            let closing = thread::Builder::new().name("libvirt-close".to_owned());
            // No thread means that the process is at its limits; its end closes the socket.
            drop(closing.spawn(move || last.close()));
        }
    }
}

/// Tells the waiting side that the working side is alive, and the working side
/// that nobody waits any more.
#[derive(Default)]
pub(super) struct Activity {
    ticks: AtomicU64,
    abandoned: AtomicBool,
}

impl Activity {
    pub(super) fn tick(&self) {
        self.ticks.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn is_abandoned(&self) -> bool {
        self.abandoned.load(Ordering::Relaxed)
    }
}

/// Marks the work as abandoned when the waiting future is dropped.
struct Waiting(Arc<Activity>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.abandoned.store(true, Ordering::Relaxed);
    }
}

/// What a piece of work on its thread may use.
pub(super) struct Job {
    session: Arc<Session>,
    pub(super) activity: Arc<Activity>,
}

impl Job {
    pub(super) fn connect(&self) -> &Connect {
        &self.session.connect
    }

    pub(super) fn attempt<'a>(&'a self, verb: &'a str, kind: Kind, name: &'a str) -> Attempt<'a> {
        Attempt {
            uri: &self.session.uri,
            verb,
            kind,
            name,
        }
    }

    /// Does one call to libvirt, counts it, and frames its error.
    pub(super) fn on<T>(
        &self,
        verb: &str,
        kind: Kind,
        name: &str,
        call: impl FnOnce() -> Result<T, VirtError>,
    ) -> Result<T, HypervisorError> {
        let attempt = self.attempt(verb, kind, name);
        // The binding turns every text into a C string and panics at a NUL.
        if name.contains('\0') {
            return Err(attempt.rejected("its name contains a NUL character"));
        }
        self.session.calls.fetch_add(1, Ordering::Relaxed);
        let result = call();
        self.activity.tick();
        result.map_err(|error| attempt.failed(&error))
    }

    /// Reads what a handle holds by itself: no call to the daemon, so it isn't counted.
    pub(super) fn read_handle<T>(
        &self,
        read: impl FnOnce() -> Result<T, VirtError>,
    ) -> Result<T, HypervisorError> {
        let attempt = self.attempt("read a handle of", Kind::Hypervisor, &self.session.uri);
        read().map_err(|error| attempt.failed(&error))
    }

    /// Does one call about the hypervisor as a whole.
    pub(super) fn on_all<T>(
        &self,
        verb: &str,
        call: impl FnOnce(&Connect) -> Result<T, VirtError>,
    ) -> Result<T, HypervisorError> {
        self.on(verb, Kind::Hypervisor, &self.session.uri, || {
            call(&self.session.connect)
        })
    }
}

/// Turns "no such thing" into `None`.
pub(super) fn optional<T>(
    result: Result<T, HypervisorError>,
) -> Result<Option<T>, HypervisorError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_no_such() => Ok(None),
        Err(error) => Err(error),
    }
}

impl Hypervisor {
    /// Connects to libvirt at `uri`; over ssh, without ever asking for a password.
    /// `timeout` bounds this and every later call;
    /// for a call of several parts and for transfers it is the longest silence.
    ///
    /// # Errors
    /// `Unreachable`, `Denied`.
    pub async fn connect(uri: &str, timeout: Duration) -> Result<Self, HypervisorError> {
        let session = open(uri, timeout).await?;
        Ok(Self {
            inner: Arc::new(Inner {
                session: Arc::new(session),
                timeout,
                calls: Arc::new(Semaphore::new(CALLS_AT_ONCE)),
                streams: Arc::new(Semaphore::new(STREAMS_AT_ONCE)),
                directories: Mutex::new(()),
            }),
        })
    }

    /// Returns the URI it was connected with.
    pub fn uri(&self) -> &str {
        &self.inner.session.uri
    }

    /// Returns whether libvirt runs on this machine.
    pub fn is_local(&self) -> bool {
        uri::is_local(self.uri())
    }

    /// Returns how many calls to libvirt were made so far on this connection.
    pub fn calls(&self) -> u64 {
        self.inner.session.calls.load(Ordering::Relaxed)
    }

    pub(super) fn timeout(&self) -> Duration {
        self.inner.timeout
    }

    pub(super) fn directories(&self) -> &Mutex<()> {
        &self.inner.directories
    }

    /// Runs `work` on a thread of its own.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Job) -> Result<T, HypervisorError> + Send + 'static,
    ) -> Result<T, HypervisorError> {
        self.run_within(&self.inner.calls, work).await
    }

    /// Runs a transfer on a thread of its own; transfers don't take the calls' places.
    pub(super) async fn run_stream<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Job) -> Result<T, HypervisorError> + Send + 'static,
    ) -> Result<T, HypervisorError> {
        self.run_within(&self.inner.streams, work).await
    }

    async fn run_within<T: Send + 'static>(
        &self,
        gate: &Arc<Semaphore>,
        work: impl FnOnce(&Job) -> Result<T, HypervisorError> + Send + 'static,
    ) -> Result<T, HypervisorError> {
        let timeout = self.inner.timeout;
        let turn = Arc::clone(gate).acquire_owned();
        let Ok(Ok(permit)) = tokio::time::timeout(timeout * PATIENCE, turn).await else {
            return Err(silent(self.uri(), timeout * PATIENCE));
        };
        let activity = Arc::new(Activity::default());
        let job = Job {
            session: Arc::clone(&self.inner.session),
            activity: Arc::clone(&activity),
        };
        let waiting = Waiting(activity);
        let mut answer = on_thread(self.uri(), move || {
            let answer = work(&job);
            drop(permit);
            answer
        })?;
        loop {
            let before = waiting.0.ticks.load(Ordering::Relaxed);
            match tokio::time::timeout(timeout, &mut answer).await {
                Ok(Ok(answer)) => return answer,
                Ok(Err(_)) => return Err(died(self.uri())),
                Err(_) if waiting.0.ticks.load(Ordering::Relaxed) != before => {}
                Err(_) => return Err(silent(self.uri(), timeout)),
            }
        }
    }
}

/// Opens one more connection.
pub(super) async fn open(uri: &str, timeout: Duration) -> Result<Session, HypervisorError> {
    static QUIET: Once = Once::new();
    let attempt = |uri: &str| -> Result<Session, HypervisorError> {
        // Before anything else of libvirt, and here, since it reads files.
        library::load()?;
        // By default libvirt prints every error to stderr by itself.
        QUIET.call_once(virt::error::clear_error_callback);
        let attempt = Attempt {
            uri,
            verb: "connect to",
            kind: Kind::Hypervisor,
            name: uri,
        };
        if uri.contains('\0') {
            return Err(attempt.rejected("the URI contains a NUL character"));
        }
        match Connect::open(Some(&uri::without_prompt(uri))) {
            Ok(connect) => Ok(Session {
                connect,
                uri: uri.to_owned(),
                calls: AtomicU64::new(0),
            }),
            Err(error) => Err(match attempt.failed(&error) {
                denied @ HypervisorError::Denied { .. } => denied,
                _ => HypervisorError::Unreachable {
                    uri: uri.to_owned(),
                    cause: Cause::from_virt(&error),
                },
            }),
        }
    };
    let owned = uri.to_owned();
    let answer = on_thread(uri, move || attempt(&owned))?;
    match tokio::time::timeout(timeout, answer).await {
        Ok(Ok(session)) => session,
        Ok(Err(_)) => Err(died(uri)),
        // The thread goes on; a session that comes too late is closed when it is dropped.
        Err(_) => Err(silent(uri, timeout)),
    }
}

impl Session {
    pub(super) fn into_job(self) -> Job {
        Job {
            session: Arc::new(self),
            activity: Arc::default(),
        }
    }
}

/// Starts a detached thread for `work`.
fn on_thread<T: Send + 'static>(
    uri: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<oneshot::Receiver<T>, HypervisorError> {
    let (send, receive) = oneshot::channel();
    thread::Builder::new()
        .name("libvirt".to_owned())
        .spawn(move || drop(send.send(work())))
        .map_err(|source| HypervisorError::Io {
            action: format!("start a thread for libvirt at {uri}"),
            source,
        })?;
    Ok(receive)
}

fn silent(uri: &str, timeout: Duration) -> HypervisorError {
    HypervisorError::Unreachable {
        uri: uri.to_owned(),
        cause: Cause::own(
            ErrorNumber::OperationTimeout,
            format!("no answer within {} s", timeout.as_secs_f64()),
        ),
    }
}

/// The thread panicked: a mistake in this program or in the binding.
fn died(uri: &str) -> HypervisorError {
    HypervisorError::Other {
        action: format!("talk to libvirt at {uri}"),
        code: ErrorNumber::InternalError,
        cause: Cause::own(ErrorNumber::InternalError, "the call's thread died"),
    }
}
