//! Systemd hosts that live as long as a test.

use std::{path::PathBuf, process::Command};

use serde_json::Value;

/// Hosts started by `scripts/systemd-hosts`.
pub struct Rig {
    name: String,
    pub hosts: Vec<Host>,
    pub ssh_config: PathBuf,
    pub key: PathBuf,
    pub known_hosts: PathBuf,
}

/// One of them.
pub struct Host {
    pub name: String,
    pub address: String,
    /// Its root, as it sees it.
    pub root: PathBuf,
    /// What it wrote over the root that all share.
    pub upper: PathBuf,
}

fn script() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scripts/systemd-hosts")
}

/// Says why there can be no rig here.
pub fn missing() -> Option<&'static str> {
    if std::env::var_os("SWARMCTL_LIVE").is_none() {
        return Some("SWARMCTL_LIVE is not set");
    }
    if std::env::var_os("SWARMCTL_ANSIBLE").is_none() {
        return Some("SWARMCTL_ANSIBLE is not set (see scripts/ansible-venv)");
    }
    let id = Command::new("id").arg("-u").output().unwrap();
    (id.stdout != b"0\n").then_some("not root")
}

impl Rig {
    /// Starts `count` hosts. `number` keeps the networks of rigs apart that live at once.
    pub fn up(name: &str, number: u8, count: usize, options: &[&str]) -> Self {
        let down = || {
            Command::new(script())
                .args(["down", "--rig", name])
                .output()
        };
        down().unwrap();
        let output = Command::new(script())
            .args(["up", &count.to_string(), "--rig", name, "--nat"])
            .args(["--bridge", &format!("swdiff{number}")])
            .args(["--subnet", &format!("10.79.{number}")])
            .args(options)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let hosts = json["hosts"].as_array().unwrap().iter().map(|host| Host {
            name: text(&host["name"]),
            address: text(&host["address"]),
            root: text(&host["root"]).into(),
            upper: text(&host["upper"]).into(),
        });
        Self {
            name: name.to_owned(),
            hosts: hosts.collect(),
            ssh_config: text(&json["ssh_config"]).into(),
            key: text(&json["key"]).into(),
            known_hosts: text(&json["known_hosts"]).into(),
        }
    }

    /// Runs a shell script on a host and returns what it printed.
    pub fn shell(&self, host: &Host, script: &str) -> String {
        let output = Command::new("ssh")
            .arg("-F")
            .arg(&self.ssh_config)
            .args([host.name.as_str(), script])
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        if std::env::var_os("SWARMCTL_KEEP_HOSTS").is_some() {
            println!("kept: systemd-hosts down --rig {}", self.name);
            return;
        }
        let down = Command::new(script())
            .args(["down", "--rig", &self.name])
            .output();
        if !down.is_ok_and(|output| output.status.success()) {
            println!("the rig {} is not down", self.name);
        }
    }
}
