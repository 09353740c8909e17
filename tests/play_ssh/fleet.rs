use std::{
    fs,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

use crate::sshd::Sshd;

/// A fleet directory whose host `one` is a real sshd, and whose host `dead` is none.
pub struct Fleet {
    pub dir: TempDir,
    pub sshd: Sshd,
}

/// What a run of swarmctl said.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Fleet {
    pub fn new() -> Option<Self> {
        Self::with("")
    }

    /// One whose sshd has more lines in its configuration.
    pub fn with(lines: &str) -> Option<Self> {
        let sshd = Sshd::start_with(lines)?;
        let dir = tempfile::tempdir().unwrap();
        let fleet = Self { dir, sshd };
        let target = fleet.sshd.target();
        fleet.hosts(&format!(
            "    one: {}\n    dead: {{ansible_host: 127.0.0.1, ansible_port: 1, ansible_user: nobody}}\n",
            fleet.reach(fleet.sshd.port()),
        ));
        let pins = fs::read_to_string(&target.known_hosts).unwrap();
        fleet.write(".swarm/known_hosts", &pins);
        // What makes it a fleet directory.
        fleet.write("group_vars/all.yml", "{}\n");
        Some(fleet)
    }

    /// The variables that lead to the sshd, by way of a port.
    pub fn reach(&self, port: u16) -> String {
        format!(
            "{{ansible_host: 127.0.0.1, ansible_port: {port}, ansible_user: {}, \
             ansible_ssh_private_key_file: {}}}",
            self.sshd.target().user.unwrap(),
            self.sshd.path("user").display(),
        )
    }

    /// Writes the inventory.
    pub fn hosts(&self, lines: &str) {
        self.write("inventory/hosts.yml", &format!("all:\n  hosts:\n{lines}"));
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Returns swarmctl with these arguments, as a user of the fleet would run it.
    pub fn swarmctl(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_swarmctl"));
        command
            .args(args)
            .args(["-e", &format!("dir={}", self.path("made").display())])
            .current_dir(self.dir.path())
            .env_remove("SWARMCTL_FLEET")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null());
        command
    }

    /// Runs a playbook, written as text.
    pub fn play(&self, text: &str, args: &[&str]) -> Ran {
        self.write("book.yml", text);
        self.ran(&[&["play", "book.yml"], args].concat())
    }

    /// Runs swarmctl.
    pub fn ran(&self, args: &[&str]) -> Ran {
        let output = self.swarmctl(args).output().unwrap();
        let ran = Ran::of(&output);
        println!(
            "$ swarmctl {}\n{}{}exit {}",
            args.join(" "),
            ran.stdout,
            ran.stderr,
            ran.code
        );
        ran
    }
}

impl Ran {
    pub fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Fails unless it ended with this code.
    pub fn code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}{}", self.stdout, self.stderr);
        self
    }

    /// Fails unless standard output has this.
    pub fn has(&self, text: &str) -> &Self {
        assert!(self.stdout.contains(text), "no {text:?} in {}", self.stdout);
        self
    }

    /// What became of each task on a host, in order: task, word, the rest of the line.
    pub fn told(&self, host: &str) -> Vec<(String, String, String)> {
        let (mut task, mut told) = (String::new(), Vec::new());
        for line in self.stdout.lines() {
            for head in ["TASK [", "RUNNING HANDLER ["] {
                if let Some(rest) = line.strip_prefix(head) {
                    task = rest.rsplit_once(']').unwrap().0.to_owned();
                }
            }
            if let Some((word, rest)) = line.split_once(&format!(": [{host}]")) {
                told.push((task.clone(), word.to_owned(), rest.to_owned()));
            }
        }
        told
    }

    /// What became of one task on the host `one`.
    pub fn word(&self, task: &str) -> String {
        let told = self.told("one");
        let found = told.iter().find(|(name, ..)| name == task);
        found
            .unwrap_or_else(|| panic!("no task {task:?}"))
            .1
            .clone()
    }
}
