//! Two equal hosts: ours is the first, Ansible's the second.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::rig::{Host, Rig};

/// What became of a task, or of an item of its loop.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub task: String,
    /// `done`, or `item`.
    pub kind: String,
    /// `ok`, `changed`, `skipped`, `failed`, `ignored`, `unreachable`.
    pub status: String,
    pub result: Value,
}

/// How a play is run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    Check,
    First,
    Second,
}

impl Pass {
    pub fn name(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::First => "first",
            Self::Second => "second",
        }
    }
}

/// Two hosts, and a directory for each side with the plays and an inventory.
pub struct Pair {
    pub rig: Rig,
    dirs: [TempDir; 2],
}

impl Pair {
    /// Starts two hosts and gives both the same name.
    pub fn up(name: &str, number: u8, options: &[&str]) -> Self {
        let rig = Rig::up(name, number, 2, options);
        let dirs = [(); 2].map(|()| tempfile::tempdir().unwrap());
        for (host, dir) in rig.hosts.iter().zip(&dirs) {
            let lines = format!(
                "all:\n  hosts:\n    node:\n      ansible_host: {}\n      ansible_user: root\n      \
                 ansible_ssh_private_key_file: {}\n      ansible_ssh_common_args: \"-o IdentitiesOnly=yes \
                 -o UserKnownHostsFile={} -o GlobalKnownHostsFile=/dev/null\"\n      \
                 ansible_python_interpreter: /usr/bin/python3\n",
                host.address,
                rig.key.display(),
                rig.known_hosts.display(),
            );
            for name in ["inventory", "group_vars", ".swarm"] {
                fs::create_dir(dir.path().join(name)).unwrap();
            }
            fs::copy(&rig.known_hosts, dir.path().join(".swarm/known_hosts")).unwrap();
            fs::write(dir.path().join("inventory/hosts.yml"), lines).unwrap();
            fs::write(dir.path().join("record.py"), include_str!("record.py")).unwrap();
            rig.shell(
                host,
                "echo node >/etc/hostname; hostname node; printf '127.0.0.1 localhost\\n127.0.1.1 node\\n' >/etc/hosts",
            );
        }
        Self { rig, dirs }
    }

    pub fn ours(&self) -> &Host {
        &self.rig.hosts[0]
    }

    pub fn theirs(&self) -> &Host {
        &self.rig.hosts[1]
    }

    /// Puts a file among both sides' plays.
    pub fn write(&self, name: &str, text: &str) {
        for dir in &self.dirs {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    /// Runs a playbook by both at once: ours, theirs.
    pub fn run(&self, playbook: &str, pass: Pass) -> [Result<Vec<Outcome>, String>; 2] {
        std::thread::scope(|scope| {
            let theirs = scope.spawn(|| self.ansible(playbook, pass));
            let ours = self.swarmctl(0, playbook, pass);
            [ours, theirs.join().unwrap()]
        })
    }

    /// Runs a playbook with swarmctl alone.
    pub fn ours_only(&self, playbook: &str) -> Result<Vec<Outcome>, String> {
        self.swarmctl(0, playbook, Pass::First)
    }

    /// Runs a playbook with swarmctl on both hosts.
    pub fn ours_on_both(&self, playbook: &str, pass: Pass) -> [Result<Vec<Outcome>, String>; 2] {
        [0, 1].map(|side| self.swarmctl(side, playbook, pass))
    }

    fn swarmctl(&self, side: usize, playbook: &str, pass: Pass) -> Result<Vec<Outcome>, String> {
        let dir = self.dirs[side].path();
        let mut command = Command::new(env!("CARGO_BIN_EXE_swarmctl"));
        command
            .args(["play", "-o", "json", playbook])
            .current_dir(dir);
        if pass == Pass::Check {
            command.arg("--check");
        }
        outcomes(&command.output().unwrap())
    }

    fn ansible(&self, playbook: &str, pass: Pass) -> Result<Vec<Outcome>, String> {
        let mut command = self.ansible_playbook();
        command.arg(playbook);
        if pass == Pass::Check {
            command.arg("--check");
        }
        outcomes(&command.output().unwrap())
    }

    /// Returns Ansible as it is fastest, and says JSON lines.
    fn ansible_playbook(&self) -> Command {
        let bin = PathBuf::from(std::env::var_os("SWARMCTL_ANSIBLE").unwrap());
        let dir: &Path = self.dirs[1].path();
        let mut command = Command::new(bin.join("ansible-playbook"));
        command
            .args(["-i", "inventory"])
            .current_dir(dir)
            .env("ANSIBLE_PIPELINING", "1")
            .env("ANSIBLE_CALLBACK_PLUGINS", dir)
            .env("ANSIBLE_STDOUT_CALLBACK", "record")
            .env("ANSIBLE_DEPRECATION_WARNINGS", "0")
            .env("ANSIBLE_LOCAL_TEMP", dir.join("tmp"))
            .env("ANSIBLE_SSH_CONTROL_PATH_DIR", dir.join("cp"))
            .env("LC_ALL", "C.UTF-8");
        command
    }
}

/// Reads JSON lines, of either side.
fn outcomes(output: &Output) -> Result<Vec<Outcome>, String> {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let mut task = String::new();
    let mut outcomes = Vec::new();
    for line in stdout.lines() {
        let Ok(line) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        match text("kind").as_str() {
            "task" => task = text("name"),
            kind @ ("done" | "item") => outcomes.push(Outcome {
                task: if line["task"].is_null() {
                    task.clone()
                } else {
                    text("task")
                },
                kind: kind.to_owned(),
                status: text("status"),
                result: line["result"].clone(),
            }),
            _ => {}
        }
    }
    if outcomes.is_empty() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return Err(format!("nothing ran:\n{stdout}{stderr}"));
    }
    Ok(outcomes)
}
