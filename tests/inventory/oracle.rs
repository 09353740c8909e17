use std::{
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde_json::{Value, json};

/// A Python process that answers with Ansible's own code.
pub struct Oracle {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    _dir: tempfile::TempDir,
}

impl Oracle {
    /// Starts it; `None`, with the reason on stderr, where Ansible is not set up.
    pub fn start() -> Option<Self> {
        let Some(bin) = std::env::var_os("SWARMCTL_ANSIBLE") else {
            eprintln!("skipped: SWARMCTL_ANSIBLE is not set (run scripts/ansible-venv)");
            return None;
        };
        let python = PathBuf::from(bin).join("python");
        assert!(python.exists(), "no {}", python.display());
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/inventory/oracle.py");
        // Its working directory would be searched for group_vars.
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join("ansible.cfg");
        std::fs::write(&config, "").unwrap();
        let mut child = Command::new(python)
            .arg(script)
            .current_dir(dir.path())
            .env("ANSIBLE_CONFIG", &config)
            .env("ANSIBLE_HOME", dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Some(Self {
            questions: child.stdin.take(),
            answers: BufReader::new(child.stdout.take().unwrap()),
            child,
            _dir: dir,
        })
    }

    pub fn ask(&mut self, question: &Value) -> Value {
        writeln!(self.questions.as_mut().unwrap(), "{question}").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    /// Returns ciphertext that ansible-vault made.
    pub fn encrypt(&mut self, text: &str, password: &str, id: Option<&str>) -> String {
        let question = json!({ "encrypt": text, "password": password, "id": id });
        self.ask(&question)["envelope"].as_str().unwrap().to_owned()
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // It ends when its stdin does.
        self.questions.take();
        let _ = self.child.wait();
    }
}
