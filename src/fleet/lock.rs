use std::{
    fmt, fs,
    fs::{File, TryLockError},
    io::{self, Seek, Write},
    path::Path,
    thread,
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::{FleetError, StateDir, safe_file_name, state::open_lock};

/// Who holds a lock, as the lock's file says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The process; `None` when the holder has not written it yet.
    pub pid: Option<u32>,
    /// What it does (`provision zap`).
    pub command: String,
    /// Since when, RFC 3339.
    pub since: String,
    /// On which machine, for fleets on shared storage.
    pub host: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pid {
            Some(pid) => write!(
                f,
                "`{}` (process {pid} on {}, since {})",
                self.command, self.host, self.since
            ),
            None => f.write_str("another run"),
        }
    }
}

/// The right to change one instance, held until it is dropped or its process ends,
/// however it ends: the kernel gives the lock up, so no stale one is left behind.
#[derive(Debug)]
pub struct InstanceLock {
    file: File,
}

impl InstanceLock {
    /// Takes the lock of `instance` at once or not at all. `command` says what this
    /// run does, for the other's error message.
    ///
    /// # Errors
    /// [`FleetError::Locked`] with the holder when another run has it,
    /// [`FleetError::Write`] when the lock's file can't be made.
    pub fn acquire(state: &StateDir, instance: &str, command: &str) -> Result<Self, FleetError> {
        state.ensure_below("locks")?;
        let path = state
            .path()
            .join("locks")
            .join(format!("{}.lock", safe_file_name(instance)));
        let written = |source| FleetError::Write {
            path: path.clone(),
            source,
        };
        let mut file = open_lock(&path).map_err(written)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(FleetError::Locked {
                    instance: instance.to_owned(),
                    holder: Box::new(holder(&path)),
                });
            }
            Err(TryLockError::Error(source)) => return Err(written(source)),
        }
        say_who(&mut file, command).map_err(written)?;
        Ok(Self { file })
    }
}

impl Drop for InstanceLock {
    fn drop(&mut self) {
        // The file stays: removing it would race with a run that has it open. An
        // empty one says that nobody holds it.
        drop(self.file.set_len(0));
    }
}

fn say_who(file: &mut File, command: &str) -> io::Result<()> {
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let holder = Holder {
        pid: Some(std::process::id()),
        command: command.to_owned(),
        since: jiff::Timestamp::now()
            .round(jiff::Unit::Second)
            .unwrap_or_default()
            .to_string(),
        host: host.trim().to_owned(),
    };
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(serde_json::to_string(&holder)?.as_bytes())
}

/// Reads who holds the lock. The holder may have taken it this instant and not
/// written its name yet, so it is given a moment.
fn holder(path: &Path) -> Holder {
    for _ in 0..10 {
        let text = fs::read_to_string(path).unwrap_or_default();
        if let Ok(holder) = serde_json::from_str(&text) {
            return holder;
        }
        thread::sleep(Duration::from_millis(10));
    }
    Holder::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_holds_it() {
        let directory = tempfile::tempdir().unwrap();
        let state = StateDir::at(directory.path().join(".swarm"));
        let first = state.lock("zap [claw]", "provision zap").unwrap();
        let error = state.lock("zap [claw]", "destroy zap").unwrap_err();
        let FleetError::Locked { holder, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!(holder.pid, Some(std::process::id()));
        assert!(error.to_string().contains("`provision zap`"), "{error}");
        // Another instance is free.
        drop(state.lock("demo", "provision demo").unwrap());
        drop(first);
        drop(state.lock("zap [claw]", "destroy zap").unwrap());
    }

    #[test]
    fn what_a_killed_run_left_does_not_lock() {
        let directory = tempfile::tempdir().unwrap();
        let state = StateDir::at(directory.path().join(".swarm"));
        state.ensure_below("locks").unwrap();
        fs::write(state.path().join("locks/zap.lock"), r#"{"pid":1}"#).unwrap();
        state.lock("zap", "provision zap").unwrap();
    }
}
