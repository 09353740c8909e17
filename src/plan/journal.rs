use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::Mutex,
};

use serde_json::json;

use super::{Event, EventKind};

/// Appends what was done to a file of JSON lines, one per step. History only:
/// nothing reads it to decide, so losing it loses nothing else.
pub struct Journal {
    file: Mutex<File>,
}

impl Journal {
    /// Opens `path` for appending, made with mode 0600.
    ///
    /// # Errors
    /// When the file can't be opened or made.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(path)?;
        Ok(Self {
            file: Mutex::new(file),
        })
    }

    /// Writes one event as one line with the time; progress is left out. A full
    /// disk must not stop the work, so errors are dropped.
    pub fn record(&self, event: &Event) {
        if matches!(
            event.event,
            EventKind::Progress { .. } | EventKind::Note { .. }
        ) {
            return;
        }
        let mut line = json!({
            "time": jiff::Timestamp::now().to_string(),
            "pid": std::process::id(),
            "instance": event.instance,
            "event": event.event,
        })
        .to_string();
        line.push('\n');
        if let Ok(mut file) = self.file.lock() {
            drop(file.write_all(line.as_bytes()));
        }
    }
}
