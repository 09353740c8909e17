use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;

use crate::transport::{Session, TransportError};

/// How cloud-init ended in a guest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CloudInitStatus {
    /// What made it fail; empty when it ended well.
    pub errors: Vec<String>,
    /// What went wrong and did not matter enough to fail.
    pub recoverable: Vec<String>,
}

/// The part of `cloud-init status --format json` that is read (cloud-init 22.4
/// and later; `recoverable_errors` since 23.4).
#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    status: String,
    #[serde(default)]
    errors: Vec<String>,
    #[serde(default)]
    recoverable_errors: BTreeMap<String, Vec<String>>,
}

/// The shell's exit code for a program that isn't there (POSIX, 2.8.2).
const NOT_FOUND: i32 = 127;

impl CloudInitStatus {
    /// Waits until cloud-init has ended, at most `limit`.
    ///
    /// A guest without cloud-init has nothing to wait for.
    ///
    /// # Errors
    /// When the connection ends or the time is over.
    pub async fn wait(session: &Session, limit: Duration) -> Result<Self, TransportError> {
        let command = ["status", "--wait", "--format", "json"];
        let output = session.run("cloud-init", &command, limit).await?;
        if output.code == NOT_FOUND {
            return Ok(Self::default());
        }
        Ok(Self::read(
            output.code,
            &String::from_utf8_lossy(&output.stdout),
            &String::from_utf8_lossy(&output.stderr),
        ))
    }

    /// Reads what `cloud-init status` printed. Exit codes as cloud-init documents
    /// them: 0 done, 1 failed, 2 done with recoverable errors.
    fn read(code: i32, stdout: &str, stderr: &str) -> Self {
        // `--wait` prints dots before the document.
        let document = stdout
            .find('{')
            .and_then(|at| serde_json::from_str::<Document>(&stdout[at..]).ok());
        let Some(document) = document else {
            let text = [stderr.trim(), stdout.trim()].concat();
            return match code {
                0 => Self::default(),
                2 => Self {
                    recoverable: vec![text],
                    ..Self::default()
                },
                _ => Self {
                    errors: vec![format!("cloud-init status exited with {code}: {text}")],
                    ..Self::default()
                },
            };
        };
        let recoverable = document
            .recoverable_errors
            .into_iter()
            .flat_map(|(level, texts)| {
                texts
                    .into_iter()
                    .map(move |text| format!("{}: {text}", level.to_lowercase()))
            })
            .collect();
        let mut errors = document.errors;
        if code == 1 && errors.is_empty() {
            errors.push(format!("cloud-init ended with status {}", document.status));
        } else if code != 1 {
            errors.clear();
        }
        Self {
            errors,
            recoverable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn done_is_done() {
        let text = r#"....{"status": "done", "errors": [], "recoverable_errors": {}}"#;
        assert_eq!(
            CloudInitStatus::read(0, text, ""),
            CloudInitStatus::default()
        );
    }

    #[test]
    fn degraded_is_ready_with_warnings() {
        let text = r#"{"status": "done", "errors": [], "recoverable_errors": {"WARNING": ["no such group"]}}"#;
        let status = CloudInitStatus::read(2, text, "");
        assert!(status.errors.is_empty());
        assert_eq!(status.recoverable, ["warning: no such group"]);
    }

    #[test]
    fn failed_names_the_errors() {
        let text = r#"{"status": "error", "errors": ["('users_groups', KeyError)"]}"#;
        let status = CloudInitStatus::read(1, text, "");
        assert_eq!(status.errors, ["('users_groups', KeyError)"]);
        assert_eq!(CloudInitStatus::read(1, "", "boom").errors.len(), 1);
    }
}
