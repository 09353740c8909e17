use std::{
    fs::File,
    io::{self, Read},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use secrecy::SecretString;

use super::VaultError;

/// How long a password program may take; it may ask a password manager, which may
/// ask a person.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How often to look whether the program has ended.
const POLL: Duration = Duration::from_millis(10);
/// No password is longer; a wrong file (a disk image) must not fill the memory.
const MAX_BYTES: u64 = 1024 * 1024;

/// Returns the password that a vault password file holds, or, when the file is
/// executable, prints. A program whose name ends in `-client` is told the vault
/// id, as Ansible does.
///
/// # Errors
/// When the file can't be read or run, fails, gives nothing, or takes longer than
/// 30 seconds.
pub fn read_password_file(path: &Path, id: Option<&str>) -> Result<SecretString, VaultError> {
    let io_error = |source| VaultError::PasswordFile {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(io_error)?;
    let metadata = file.metadata().map_err(io_error)?;
    let executable = metadata.is_file() && metadata.permissions().mode() & 0o111 != 0;
    let text = if executable {
        run(path, id, TIMEOUT)?
    } else {
        let mut text = String::new();
        file.take(MAX_BYTES)
            .read_to_string(&mut text)
            .map_err(io_error)?;
        text.trim().to_owned()
    };
    let password = text.trim_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(VaultError::EmptyPassword {
            path: path.to_owned(),
        });
    }
    Ok(password.into())
}

/// Runs the program and returns what it printed. Its stderr and stdin stay the
/// caller's, so that it can ask.
fn run(path: &Path, id: Option<&str>, timeout: Duration) -> Result<String, VaultError> {
    let io_error = |source| VaultError::PasswordFile {
        path: path.to_owned(),
        source,
    };
    // A bare name would be looked for in PATH.
    let mut command = Command::new(path.canonicalize().map_err(io_error)?);
    let client = path
        .file_stem()
        .is_some_and(|s| s.to_string_lossy().ends_with("-client"));
    if let (true, Some(id)) = (client, id) {
        command.args(["--vault-id", id]);
    }
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(io_error)?;
    let stdout = child.stdout.take();
    let (sender, receiver) = mpsc::channel();
    // On a thread of its own, since a grandchild may hold the pipe open for ever.
    thread::spawn(move || {
        let mut text = String::new();
        let read = stdout.map_or(Ok(0), |out| out.take(MAX_BYTES).read_to_string(&mut text));
        let _ = sender.send(read.map(|_| text));
    });
    let deadline = Instant::now() + timeout;
    let late = || VaultError::PasswordTimeout {
        path: path.to_owned(),
        seconds: timeout.as_secs(),
    };
    let status = loop {
        if let Some(status) = child.try_wait().map_err(io_error)? {
            break status;
        }
        if Instant::now() >= deadline {
            child.kill().map_err(io_error)?;
            child.wait().map_err(io_error)?;
            return Err(late());
        }
        thread::sleep(POLL);
    };
    if !status.success() {
        return Err(VaultError::PasswordProgram {
            path: path.to_owned(),
            status,
        });
    }
    let left = deadline.saturating_duration_since(Instant::now());
    match receiver.recv_timeout(left.max(POLL)) {
        Ok(text) => text.map_err(io_error),
        Err(mpsc::RecvTimeoutError::Timeout) => Err(late()),
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            Err(io_error(io::ErrorKind::UnexpectedEof.into()))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, time::Duration};

    use secrecy::ExposeSecret;

    use super::{read_password_file, run};
    use crate::secret::VaultError;

    fn file(dir: &tempfile::TempDir, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    #[test]
    fn plain_files_and_programs() {
        let dir = tempfile::tempdir().unwrap();
        let plain = file(&dir, "plain", " hunter2 \n", 0o600);
        assert_eq!(
            read_password_file(&plain, None).unwrap().expose_secret(),
            "hunter2"
        );
        let client = file(
            &dir,
            "my-client.sh",
            "#!/bin/sh\nprintf '%s\\n' \"$*\"\n",
            0o700,
        );
        let password = read_password_file(&client, Some("prod")).unwrap();
        assert_eq!(password.expose_secret(), "--vault-id prod");
    }

    #[test]
    fn failures_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let empty = file(&dir, "empty", "\n", 0o600);
        assert!(matches!(
            read_password_file(&empty, None),
            Err(VaultError::EmptyPassword { .. })
        ));
        let failing = file(&dir, "failing", "#!/bin/sh\nexit 3\n", 0o700);
        assert!(matches!(
            read_password_file(&failing, None),
            Err(VaultError::PasswordProgram { .. })
        ));
        let slow = file(&dir, "slow", "#!/bin/sh\nexec sleep 20\n", 0o700);
        let error = run(&slow, None, Duration::from_millis(50)).unwrap_err();
        assert!(matches!(error, VaultError::PasswordTimeout { .. }));
        assert!(matches!(
            read_password_file(&dir.path().join("gone"), None),
            Err(VaultError::PasswordFile { .. })
        ));
    }
}
