//! A domain's serial console as a stream of bytes both ways.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use tokio::sync::mpsc;
use virt::{stream::Stream, sys};

use super::{
    Hypervisor,
    connection::{Job, open},
    error::{HypervisorError, Kind},
};

/// Pieces that wait between a console and its user, in each direction.
const QUEUE: usize = 64;

/// One read of a console; what a guest writes comes in small pieces.
const PIECE: usize = 4096;

/// An open console. It has a connection of its own, since libvirt's client reads a
/// stream only by blocking. Dropping it ends it.
#[derive(Debug)]
pub struct Console {
    output: mpsc::Receiver<Vec<u8>>,
    input: ConsoleInput,
}

/// The end of a console that takes what is typed. Dropping the last one ends the
/// console.
#[derive(Clone, Debug)]
pub struct ConsoleInput {
    queue: mpsc::Sender<Vec<u8>>,
}

impl ConsoleInput {
    /// Sends bytes to the guest, and returns whether the console is still open.
    pub async fn send(&self, bytes: &[u8]) -> bool {
        self.queue.send(bytes.to_vec()).await.is_ok()
    }
}

impl Console {
    /// Returns the next piece that the guest wrote, or `None` once the console ended,
    /// as it does when the domain stops.
    pub async fn receive(&mut self) -> Option<Vec<u8>> {
        self.output.recv().await
    }

    /// Sends bytes to the guest, and returns whether the console is still open.
    pub async fn send(&self, bytes: &[u8]) -> bool {
        self.input.send(bytes).await
    }

    /// Returns the two directions, for two tasks.
    pub fn split(self) -> (mpsc::Receiver<Vec<u8>>, ConsoleInput) {
        (self.output, self.input)
    }
}

impl Hypervisor {
    /// Opens a domain's first console. `force` takes it over from whoever has it.
    ///
    /// # Errors
    /// `NoSuch`; `WrongState` when the domain is off; `Other` when the console is in
    /// use or there is none.
    pub async fn console(&self, name: &str, force: bool) -> Result<Console, HypervisorError> {
        let job = open(self.uri(), self.timeout()).await?.into_job();
        let name = name.to_owned();
        let (output, outputs) = mpsc::channel(QUEUE);
        let (inputs, input) = mpsc::channel(QUEUE);
        // The other connection's gate and timeout serve for opening.
        let (job, stream) = self
            .run(move |_| {
                let stream = attach(&job, &name, force)?;
                Ok((job, Arc::new(stream)))
            })
            .await?;
        let job = Arc::new(job);
        let open = Arc::new(AtomicBool::new(true));
        let start = |label: &str, work: Box<dyn FnOnce() + Send>| {
            thread::Builder::new()
                .name(label.to_owned())
                .spawn(work)
                .map_err(|source| HypervisorError::Io {
                    action: "start a thread for a console".to_owned(),
                    source,
                })
        };
        let reader = (Arc::clone(&stream), Arc::clone(&open), Arc::clone(&job));
        start(
            "console-out",
            Box::new(move || {
                let (stream, open, _job) = reader;
                read(&stream, &open, &output);
            }),
        )?;
        start(
            "console-in",
            Box::new(move || write(stream, &open, input, job)),
        )?;
        Ok(Console {
            output: outputs,
            input: ConsoleInput { queue: inputs },
        })
    }
}

fn attach(job: &Job, name: &str, force: bool) -> Result<Stream, HypervisorError> {
    let verb = "open the console of";
    let domain = job.domain(name)?;
    let stream = job.on(verb, Kind::Domain, name, || Stream::new(job.connect(), 0))?;
    let flags = if force {
        sys::VIR_DOMAIN_CONSOLE_FORCE
    } else {
        0
    };
    job.on(verb, Kind::Domain, name, || {
        domain.open_console(None, &stream, flags)
    })?;
    Ok(stream)
}

fn read(stream: &Stream, open: &AtomicBool, output: &mpsc::Sender<Vec<u8>>) {
    let mut buffer = vec![0; PIECE];
    while open.load(Ordering::Relaxed) {
        match stream.recv(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(length) => {
                let piece = buffer.get(..length).unwrap_or_default().to_vec();
                if output.blocking_send(piece).is_err() {
                    break;
                }
            }
        }
    }
    open.store(false, Ordering::Relaxed);
}

fn write(
    stream: Arc<Stream>,
    open: &AtomicBool,
    mut input: mpsc::Receiver<Vec<u8>>,
    job: Arc<Job>,
) {
    while let Some(bytes) = input.blocking_recv() {
        let mut rest = bytes.as_slice();
        while !rest.is_empty() && open.load(Ordering::Relaxed) {
            match stream.send(rest) {
                Ok(sent) => rest = rest.get(sent..).unwrap_or_default(),
                Err(_) => open.store(false, Ordering::Relaxed),
            }
        }
        if !open.load(Ordering::Relaxed) {
            break;
        }
    }
    open.store(false, Ordering::Relaxed);
    // Aborting wakes the reader out of its blocking call.
    drop(Stream::clone(&stream).abort());
    drop(job);
}
