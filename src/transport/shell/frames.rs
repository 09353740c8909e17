use std::{io, sync::Arc};

use memchr::memmem;
use tokio::io::{AsyncRead, AsyncReadExt};

use super::traffic::Counters;

/// How much is read at once: much where much comes, and little where 500 hosts have
/// nothing to say.
const MOST: usize = 64 << 10;
const LEAST: usize = 2 << 10;

/// The longest word behind a marker, and more.
const WORD: usize = 64;

/// What comes up from the shell, cut at markers.
pub(super) struct Frames {
    stream: Box<dyn AsyncRead + Send + Unpin>,
    counters: Arc<Counters>,
    buffer: Vec<u8>,
    /// How much is read next.
    chunk: usize,
}

impl Frames {
    pub(super) fn new(stream: Box<dyn AsyncRead + Send + Unpin>, counters: Arc<Counters>) -> Self {
        Self {
            stream,
            counters,
            buffer: Vec::new(),
            chunk: LEAST,
        }
    }

    /// Returns what comes before `marker`, and drops both from the stream; `None`
    /// when it is longer than `limit`.
    pub(super) async fn until(
        &mut self,
        marker: &str,
        limit: usize,
    ) -> io::Result<Option<Vec<u8>>> {
        let finder = memmem::Finder::new(marker);
        let mut before = Vec::new();
        let mut too_long = false;
        loop {
            let found = finder.find(&self.buffer);
            // The buffer's end may be the beginning of the marker.
            let safe = found.unwrap_or(self.buffer.len().saturating_sub(marker.len() - 1));
            too_long |= before.len() + safe > limit;
            if too_long {
                before = Vec::new();
            } else {
                before.extend_from_slice(&self.buffer[..safe]);
            }
            if let Some(at) = found {
                self.buffer.drain(..at + marker.len());
                return Ok((!too_long).then_some(before));
            }
            self.buffer.drain(..safe);
            self.fill().await?;
        }
    }

    /// Skips to `marker` and returns the word behind it.
    pub(super) async fn word(&mut self, marker: &str) -> io::Result<String> {
        self.until(&format!("{marker} "), 0).await?;
        let word = self.until("\n", WORD).await?.unwrap_or_default();
        Ok(String::from_utf8_lossy(&word).into_owned())
    }

    /// Returns what came before `marker` as soon as there is some; `None` at the marker,
    /// which is dropped from the stream. Losing the future loses nothing.
    pub(super) async fn piece(&mut self, marker: &str) -> io::Result<Option<Vec<u8>>> {
        loop {
            let found = memmem::find(&self.buffer, marker.as_bytes());
            if found == Some(0) {
                self.buffer.drain(..marker.len());
                return Ok(None);
            }
            // The buffer's end may be the beginning of the marker.
            let safe = found.unwrap_or_else(|| {
                let most = self.buffer.len().min(marker.len() - 1);
                let held = (1..=most).rev().find(|held| {
                    marker
                        .as_bytes()
                        .starts_with(&self.buffer[self.buffer.len() - held..])
                });
                self.buffer.len() - held.unwrap_or(0)
            });
            if safe > 0 {
                return Ok(Some(self.buffer.drain(..safe).collect()));
            }
            self.fill().await?;
        }
    }

    /// Waits for more. Losing the future loses nothing.
    async fn fill(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() && self.buffer.capacity() > 2 * self.chunk {
            self.buffer = Vec::new();
        }
        self.buffer.reserve(self.chunk);
        let read = self.stream.read_buf(&mut self.buffer).await?;
        if read >= self.chunk {
            self.chunk = (2 * self.chunk).min(MOST);
        } else if read < self.chunk / 4 {
            self.chunk = (self.chunk / 2).max(LEAST);
        }
        self.counters.received(read);
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    /// Returns what came and was not asked for.
    pub(super) fn rest(&self) -> &[u8] {
        &self.buffer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pieces_come_as_soon_as_they_can() {
        let (mut far, near) = tokio::io::duplex(64);
        let mut frames = Frames::new(Box::new(near), Arc::default());
        let mut all = Vec::new();
        for (sent, wanted) in [("one M", "one "), ("Mx", "MMx"), ("MZend", "")] {
            tokio::io::AsyncWriteExt::write_all(&mut far, sent.as_bytes())
                .await
                .unwrap();
            while all.len() < wanted.len() {
                all.extend(frames.piece("MZ").await.unwrap().unwrap());
            }
            assert_eq!(String::from_utf8_lossy(&all), wanted);
            all.clear();
        }
        assert_eq!(frames.piece("MZ").await.unwrap(), None);
        assert_eq!(frames.rest(), b"end");
    }

    #[tokio::test]
    async fn cuts_wherever_the_pieces_end() {
        let (mut far, near) = tokio::io::duplex(3);
        let text = b"junkMM 0\nouMMMtMMalateMMberrMMc";
        let write = tokio::io::AsyncWriteExt::write_all(&mut far, text);
        let mut frames = Frames::new(Box::new(near), Arc::default());
        let read = async {
            assert_eq!(frames.word("MM").await.unwrap(), "0");
            let out = frames.until("MMa", 9).await.unwrap();
            assert_eq!(out.as_deref(), Some(b"ouMMMt".as_slice()));
            assert_eq!(frames.until("MMb", 3).await.unwrap(), None);
            let err = frames.until("MMc", 3).await.unwrap();
            assert_eq!(err.as_deref(), Some(b"err".as_slice()));
        };
        let (written, ()) = tokio::join!(write, read);
        written.unwrap();
        drop(far);
        let error = frames.until("x", 9).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
