use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use reqwest::{
    Client, Response, StatusCode,
    header::{CONTENT_RANGE, ETAG, IF_RANGE, LAST_MODIFIED, RANGE},
};

use crate::plan::StepContext;

use super::{image_error::ImageError, image_limits::ImageLimits};

/// The most that is read of a sums file, in bytes: none is so long, but a URL may
/// name an image by mistake.
const SUMS_BYTES: usize = 4 << 20;

/// Fetches over HTTP, tries again, and goes on where a download broke off.
pub(super) struct Fetcher<'a> {
    client: Client,
    limits: ImageLimits,
    context: &'a StepContext<'a>,
}

/// What is left of the tries of one download.
struct Tries {
    left: u32,
    pause: Duration,
}

impl<'a> Fetcher<'a> {
    pub(super) fn new(
        limits: ImageLimits,
        context: &'a StepContext<'a>,
    ) -> Result<Self, ImageError> {
        let client = Client::builder()
            .connect_timeout(limits.connect)
            .read_timeout(limits.stall)
            .user_agent(concat!("swarmctl/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|e| ImageError::http("the HTTP client", e))?;
        Ok(Self {
            client,
            limits,
            context,
        })
    }

    /// Fetches a text.
    pub(super) async fn text(&self, url: &str) -> Result<String, ImageError> {
        let mut tries = self.tries();
        loop {
            match self.text_once(url).await {
                Ok(text) => return Ok(text),
                Err(error) => self.pause(&mut tries, error).await?,
            }
        }
    }

    /// Fetches a file to `part`, behind what that holds already where this is safe:
    /// the server says that the file is the same, or it is `verified` afterwards.
    /// Returns whether it was joined from the answers to several requests.
    pub(super) async fn file(
        &self,
        url: &str,
        part: &Path,
        verified: bool,
    ) -> Result<bool, ImageError> {
        let mut tries = self.tries();
        let mut joined = false;
        loop {
            match self.file_once(url, part, verified, &mut joined).await {
                Ok(()) => {
                    forget(&origin(part))?;
                    return Ok(joined);
                }
                Err(error) => self.pause(&mut tries, error).await?,
            }
        }
    }

    fn tries(&self) -> Tries {
        Tries {
            left: self.limits.tries.saturating_sub(1),
            pause: self.limits.pause,
        }
    }

    /// Waits before the next try, or returns the error when there is none.
    async fn pause(&self, tries: &mut Tries, error: ImageError) -> Result<(), ImageError> {
        if tries.left == 0 || !error.is_passing() {
            return Err(error);
        }
        let seconds = tries.pause.as_secs_f64();
        self.context
            .note(format!("{error} failed; trying again in {seconds} s"));
        tokio::time::sleep(tries.pause).await;
        tries.left -= 1;
        tries.pause *= 2;
        Ok(())
    }

    async fn text_once(&self, url: &str) -> Result<String, ImageError> {
        let http = |e| ImageError::http(url, e);
        let mut answer = good(self.client.get(url).send().await, url)?;
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(http)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > SUMS_BYTES {
                return Err(ImageError::Format {
                    path: url.into(),
                    why: "it is too long for a sums file".to_owned(),
                });
            }
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    async fn file_once(
        &self,
        url: &str,
        part: &Path,
        verified: bool,
        joined: &mut bool,
    ) -> Result<(), ImageError> {
        let have = size(part);
        let same = fs::read_to_string(origin(part)).ok();
        if have > 0 && (same.is_some() || verified) {
            let mut request = self.client.get(url).header(RANGE, format!("bytes={have}-"));
            if let Some(same) = same {
                // The server sends all of another file (RFC 9110, section 13.1.5).
                request = request.header(IF_RANGE, same);
            }
            let answer = request.send().await.map_err(|e| ImageError::http(url, e))?;
            let range = answer.headers().get(CONTENT_RANGE);
            let range = range.and_then(|range| range.to_str().ok()).unwrap_or("");
            match answer.status() {
                StatusCode::PARTIAL_CONTENT if range.starts_with(&format!("bytes {have}-")) => {
                    *joined = true;
                    return self.store(answer, url, part, have).await;
                }
                // There is nothing behind what is here: it is whole.
                StatusCode::RANGE_NOT_SATISFIABLE if range == format!("bytes */{have}") => {
                    *joined = true;
                    return Ok(());
                }
                StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => {}
                _ => {
                    let answer = good(Ok(answer), url)?;
                    *joined = false;
                    return self.store(answer, url, part, 0).await;
                }
            }
        }
        let answer = good(self.client.get(url).send().await, url)?;
        *joined = false;
        self.store(answer, url, part, 0).await
    }

    /// Writes the answer to `part` behind its first `have` bytes.
    async fn store(
        &self,
        mut answer: Response,
        url: &str,
        part: &Path,
        have: u64,
    ) -> Result<(), ImageError> {
        let file = |e| ImageError::file(part, e);
        let mut out = File::options()
            .create(true)
            .append(true)
            .open(part)
            .map_err(file)?;
        out.set_len(have).map_err(file)?;
        if have == 0 {
            match identity(&answer) {
                Some(same) => fs::write(origin(part), same).map_err(file)?,
                None => forget(&origin(part))?,
            }
        }
        let mut done = have;
        let total = answer.content_length().map(|rest| done + rest);
        while let Some(chunk) = answer.chunk().await.map_err(|e| ImageError::http(url, e))? {
            out.write_all(&chunk).map_err(file)?;
            done += chunk.len() as u64;
            self.context.progress(done, total, "bytes");
        }
        Ok(())
    }
}

fn good(answer: Result<Response, reqwest::Error>, url: &str) -> Result<Response, ImageError> {
    answer
        .and_then(Response::error_for_status)
        .map_err(|e| ImageError::http(url, e))
}

fn size(part: &Path) -> u64 {
    fs::metadata(part).map_or(0, |meta| meta.len())
}

/// What the server tells one version of its file from another by. A weak ETag says
/// nothing about bytes (RFC 9110, section 8.8.1).
fn identity(answer: &Response) -> Option<String> {
    let text = |name| answer.headers().get(name)?.to_str().ok();
    let tag = text(ETAG).filter(|tag| !tag.starts_with("W/"));
    tag.or(text(LAST_MODIFIED)).map(str::to_owned)
}

/// Where it is written of which version of the server's file `part` is.
fn origin(part: &Path) -> PathBuf {
    part.with_added_extension("of")
}

fn forget(path: &Path) -> Result<(), ImageError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(ImageError::file(path, error)),
        _ => Ok(()),
    }
}
