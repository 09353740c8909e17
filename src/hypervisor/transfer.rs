//! Moving the content of volumes as libvirt streams.

use std::io::{self, Read, Write};

use virt::{storage_vol::StorageVol, stream::Stream};

use super::{
    Hypervisor,
    connection::Job,
    error::{HypervisorError, Kind},
};

/// One packet of libvirt's protocol carries 256 KiB at most
/// (`VIR_NET_MESSAGE_LEGACY_PAYLOAD_MAX`).
const CHUNK: usize = 256 * 1024;

impl Hypervisor {
    /// Writes `length` bytes of `reader` to the start of a volume. `progress` is told
    /// the bytes written so far, from another thread. It ends when nothing moves for
    /// the connection's timeout, or when the future is dropped; the volume then holds
    /// part of the content.
    ///
    /// # Errors
    /// `NoSuch`, `NoSpace`; `Io` when the reader fails or ends early.
    pub async fn upload(
        &self,
        pool: &str,
        name: &str,
        mut reader: impl Read + Send + 'static,
        length: u64,
        progress: impl Fn(u64) + Send + 'static,
    ) -> Result<(), HypervisorError> {
        let (pool, name) = (pool.to_owned(), name.to_owned());
        self.run_stream(move |job| {
            let volume = transferred(job, &pool, &name)?;
            let verb = "upload";
            let stream = job.on(verb, Kind::Volume, &name, || Stream::new(job.connect(), 0))?;
            job.on(verb, Kind::Volume, &name, || {
                volume.upload(&stream, 0, length, 0)
            })?;
            let sent = send_all(job, &stream, &name, &mut reader, length, progress);
            close(job, stream, verb, &name, sent)
        })
        .await
    }

    /// Writes a volume's content to `writer`, and returns how many bytes it was.
    /// `progress` and the end are as for [`Hypervisor::upload`].
    ///
    /// # Errors
    /// `NoSuch`; `Io` when the writer fails.
    pub async fn download(
        &self,
        pool: &str,
        name: &str,
        mut writer: impl Write + Send + 'static,
        progress: impl Fn(u64) + Send + 'static,
    ) -> Result<u64, HypervisorError> {
        let (pool, name) = (pool.to_owned(), name.to_owned());
        self.run_stream(move |job| {
            let volume = transferred(job, &pool, &name)?;
            let verb = "download";
            let stream = job.on(verb, Kind::Volume, &name, || Stream::new(job.connect(), 0))?;
            // Length 0 means all of it.
            job.on(verb, Kind::Volume, &name, || {
                volume.download(&stream, 0, 0, 0)
            })?;
            let received = receive_all(job, &stream, &name, &mut writer, progress);
            close(job, stream, verb, &name, received)
        })
        .await
    }
}

fn transferred(job: &Job, pool: &str, name: &str) -> Result<StorageVol, HypervisorError> {
    let pool = job.pool(pool)?;
    job.volume(&pool, name)
}

fn send_all(
    job: &Job,
    stream: &Stream,
    name: &str,
    reader: &mut impl Read,
    length: u64,
    progress: impl Fn(u64),
) -> Result<(), HypervisorError> {
    let action = || format!("upload the volume `{name}`");
    let mut reader = reader.take(length);
    let mut buffer = vec![0; CHUNK];
    let mut done = 0;
    while done < length {
        stop_if_abandoned(job, action)?;
        let read = match reader.read(&mut buffer) {
            Ok(0) => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!("the source ended after {done} of {length} bytes"),
            )),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            result => result,
        }
        .map_err(|source| HypervisorError::Io {
            action: action(),
            source,
        })?;
        let mut rest = buffer.get(..read).unwrap_or_default();
        while !rest.is_empty() {
            let sent = stream
                .send(rest)
                .map_err(|error| job.attempt("upload", Kind::Volume, name).failed(&error))?;
            rest = rest.get(sent..).unwrap_or_default();
            done += sent as u64;
            job.activity.tick();
        }
        progress(done);
    }
    Ok(())
}

fn receive_all(
    job: &Job,
    stream: &Stream,
    name: &str,
    writer: &mut impl Write,
    progress: impl Fn(u64),
) -> Result<u64, HypervisorError> {
    let action = || format!("download the volume `{name}`");
    let local = |source| HypervisorError::Io {
        action: action(),
        source,
    };
    let mut buffer = vec![0; CHUNK];
    let mut done = 0;
    loop {
        stop_if_abandoned(job, action)?;
        let received = stream
            .recv(&mut buffer)
            .map_err(|error| job.attempt("download", Kind::Volume, name).failed(&error))?;
        job.activity.tick();
        if received == 0 {
            writer.flush().map_err(local)?;
            return Ok(done);
        }
        writer
            .write_all(buffer.get(..received).unwrap_or_default())
            .map_err(local)?;
        done += received as u64;
        progress(done);
    }
}

fn stop_if_abandoned(job: &Job, action: impl Fn() -> String) -> Result<(), HypervisorError> {
    if job.activity.is_abandoned() {
        return Err(HypervisorError::Io {
            action: action(),
            source: io::Error::other("nobody waits for it any more"),
        });
    }
    Ok(())
}

/// Finishes the stream, which tells whether the other side wrote everything, or
/// aborts it after an error.
fn close<T>(
    job: &Job,
    stream: Stream,
    verb: &str,
    name: &str,
    result: Result<T, HypervisorError>,
) -> Result<T, HypervisorError> {
    match result {
        Ok(value) => {
            job.on(verb, Kind::Volume, name, || stream.finish())?;
            Ok(value)
        }
        Err(error) => {
            // The first error tells more than that of the abort.
            drop(stream.abort());
            Err(error)
        }
    }
}
