use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use crate::fleet::Ran;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/systemd-hosts");

/// A real systemd host, by nspawn, and a fleet directory that has it as `one`.
pub struct Rig {
    name: String,
    pub dir: TempDir,
    pub address: String,
    pub key: String,
    pub root: PathBuf,
}

impl Rig {
    /// Starts one, or says why not. Rigs that live at the same time need other numbers.
    pub fn start(number: u8) -> Option<Self> {
        Self::start_with(number, &[])
    }

    /// Starts one with more options for the script.
    pub fn start_with(number: u8, more: &[&str]) -> Option<Self> {
        let root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
        if !root
            || Command::new("systemd-nspawn")
                .arg("--version")
                .output()
                .is_err()
        {
            println!("skipped: systemd hosts need root and systemd-nspawn (scripts/deps)");
            return None;
        }
        let name = format!("fault{number}");
        let output = Command::new(SCRIPT)
            .args([
                "up",
                "1",
                "--rig",
                &name,
                "--bridge",
                &format!("swbrf{number}"),
            ])
            .args(["--subnet", &format!("10.76.{number}"), "--size", "1G"])
            .args(more)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let about: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let rig = Self {
            name,
            dir: tempfile::tempdir().unwrap(),
            address: text(&about["hosts"][0]["address"]),
            key: text(&about["key"]),
            root: text(&about["hosts"][0]["root"]).into(),
        };
        rig.hosts("root");
        for name in [".swarm", "group_vars"] {
            fs::create_dir(rig.dir.path().join(name)).unwrap();
        }
        fs::copy(
            text(&about["known_hosts"]),
            rig.dir.path().join(".swarm/known_hosts"),
        )
        .unwrap();
        Some(rig)
    }

    /// Writes the inventory: the host, reached as a user.
    pub fn hosts(&self, user: &str) {
        let text = format!(
            "all:\n  hosts:\n    one: {{ansible_host: {}, ansible_user: {user}, ansible_ssh_private_key_file: {}}}\n",
            self.address, self.key
        );
        fs::create_dir_all(self.dir.path().join("inventory")).unwrap();
        fs::write(self.dir.path().join("inventory/hosts.yml"), text).unwrap();
    }

    /// Returns swarmctl with a playbook, written as text.
    pub fn command(&self, book: &str, args: &[&str]) -> Command {
        fs::write(self.dir.path().join("book.yml"), book).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_swarmctl"));
        command
            .args(["play", "book.yml"])
            .args(args)
            .current_dir(self.dir.path())
            .env_remove("SWARMCTL_FLEET")
            .env("NO_COLOR", "1");
        command
    }

    pub fn play(&self, book: &str, args: &[&str]) -> Ran {
        let ran = Ran::of(&self.command(book, args).output().unwrap());
        println!("{book}\n{}{}exit {}", ran.stdout, ran.stderr, ran.code);
        ran
    }

    /// Reads a file of the host.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path.trim_start_matches('/'))).unwrap()
    }

    /// Runs a line on the host, over SSH.
    pub fn ssh(&self, line: &str) -> String {
        let output = Command::new("ssh")
            .args([
                "-F",
                "none",
                "-o",
                "BatchMode=yes",
                "-o",
                "ConnectTimeout=5",
                "-i",
                &self.key,
            ])
            .arg("-o")
            .arg(format!(
                "UserKnownHostsFile={}",
                self.dir.path().join(".swarm/known_hosts").display()
            ))
            .arg(format!("root@{}", self.address))
            .arg(line)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{line}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        let down = Command::new(Path::new(SCRIPT))
            .args(["down", "--rig", &self.name])
            .output();
        if !down.is_ok_and(|output| output.status.success()) {
            println!("the rig {} could not be taken down", self.name);
        }
    }
}
