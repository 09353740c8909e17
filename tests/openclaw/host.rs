//! One systemd host of `scripts/systemd-hosts`, and a fleet directory that names it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

const RIG: &str = "openclaw";

/// A running host; taken down when dropped.
pub struct Host {
    fleet: TempDir,
    ssh_config: PathBuf,
}

/// What a run of swarmctl gave.
pub struct Run {
    pub code: i32,
    pub text: String,
}

impl Run {
    /// Returns a counter of the one host's recap line, as `changed`.
    pub fn count(&self, name: &str) -> u32 {
        let recap = self.text.rsplit("PLAY RECAP").next().unwrap();
        let word = recap
            .split_whitespace()
            .find_map(|word| word.strip_prefix(&format!("{name}=")));
        word.unwrap_or_else(|| panic!("no {name}= in {recap}"))
            .parse()
            .unwrap()
    }
}

impl Host {
    /// Starts a host, where tests with real parts are asked for and this is root.
    pub fn start() -> Option<Self> {
        if std::env::var_os("SWARMCTL_LIVE").is_none() {
            println!("left out: SWARMCTL_LIVE is not set");
            return None;
        }
        let id = Command::new("id").arg("-u").output().unwrap().stdout;
        if id != b"0\n" {
            println!("left out: needs root");
            return None;
        }
        // Downloads of npm are kept from run to run.
        let cache = std::env::var_os("SWARMCTL_CACHE").map_or_else(
            || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache/swarmctl-test"),
            PathBuf::from,
        );
        let cache = cache.join("npm");
        fs::create_dir_all(&cache).unwrap();
        let bind = format!("--bind={}:/var/cache/openclaw-npm", cache.display());
        rig(&["down", "--rig", RIG]);
        let up = rig(&[
            "up", "1", "--rig", RIG, "--bridge", "swoc", "--subnet", "10.86.0", "--nat", "--size",
            "6G", "--", &bind,
        ]);
        let said = String::from_utf8_lossy(&up.stderr).into_owned();
        assert!(up.status.success(), "the rig does not start: {said}");
        let about: serde_json::Value = serde_json::from_slice(&up.stdout).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();

        let fleet = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = fleet.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write(
            "inventory/hosts.yml",
            &format!(
                "all:\n  hosts:\n    claw: {{ansible_host: {}, ansible_user: root, \
                 ansible_ssh_private_key_file: {}}}\n",
                text(&about["hosts"][0]["address"]),
                text(&about["key"])
            ),
        );
        write("host_vars/claw.yml", "{}\n");
        let pins = fs::read_to_string(text(&about["known_hosts"])).unwrap();
        write(".swarm/known_hosts", &pins);
        let host = Self {
            fleet,
            ssh_config: text(&about["ssh_config"]).into(),
        };
        host.trust_this_machines_cas();
        Some(host)
    }

    /// The way out of this host may lead through a proxy that only this machine knows: a
    /// property of the test, so it is in no role.
    fn trust_this_machines_cas(&self) {
        let names = "NODE_EXTRA_CA_CERTS PIP_CERT npm_config_cafile";
        self.sh(&format!(
            "for name in {names}; do echo \"$name=/etc/ssl/certs/ca-certificates.crt\" >> /etc/environment; done
             echo 'Defaults env_keep += \"{names}\"' > /etc/sudoers.d/cas
             chmod 440 /etc/sudoers.d/cas"
        ));
    }

    /// Runs a shipped playbook by swarmctl.
    pub fn play(&self, name: &str, args: &[&str]) -> Run {
        let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("playbooks");
        let output = Command::new(env!("CARGO_BIN_EXE_swarmctl"))
            .arg("play")
            .arg(book.join(name))
            .args(args)
            .current_dir(self.fleet.path())
            .env_remove("SWARMCTL_FLEET")
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        println!(
            "$ swarmctl play {name} {}\n{text}{}",
            args.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
        Run {
            code: output.status.code().unwrap(),
            text,
        }
    }

    /// Runs a script on the host as root.
    fn ssh(&self, script: &str) -> Output {
        Command::new("ssh")
            .arg("-F")
            .arg(&self.ssh_config)
            .args(["-o", "ConnectTimeout=5"])
            .arg(format!("{RIG}-1"))
            .arg(script)
            .output()
            .unwrap()
    }

    /// Runs a script on the host as root and returns what it printed.
    pub fn sh(&self, script: &str) -> String {
        let output = self.ssh(script);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{script}\n{said}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Runs a script as the user of OpenClaw.
    pub fn claw(&self, script: &str) -> String {
        self.sh(&format!(
            "runuser -l openclaw -c '{}'",
            script.replace('\'', "'\\''")
        ))
    }

    /// Has the host reboot; its connection may end with it.
    pub fn reboot(&self) {
        self.ssh("systemctl reboot");
        while self.ssh("true").status.success() {
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
    }

    /// Returns whether the host can be reached and the gateway says that it is ready.
    pub fn is_ready(&self) -> bool {
        self.ssh("curl -sf -o /dev/null http://127.0.0.1:18789/readyz")
            .status
            .success()
    }

    /// Returns what names this run of the gateway, once it has said that it is ready.
    pub fn ready_run(&self) -> String {
        let code = "curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:18789/readyz";
        assert_eq!(self.sh(code), "200", "the gateway is not ready");
        self.claw("systemctl --user show -P InvocationID openclaw-gateway.service")
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        rig(&["down", "--rig", RIG]);
    }
}

fn rig(args: &[&str]) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/systemd-hosts");
    Command::new(script).args(args).output().unwrap()
}
