use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

/// A fleet directory of its own, with an SSH key, and the swarmctl that was built.
pub struct Fleet {
    dir: TempDir,
    image: PathBuf,
}

/// How a run of swarmctl ended.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Fleet {
    /// Returns a fleet without instances, or says why there can't be one.
    pub fn new() -> Option<Self> {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let (Some(_), Some(image)) = (set("SWARMCTL_LIVE"), set("SWARMCTL_TEST_IMAGE")) else {
            println!("skipped: SWARMCTL_LIVE and SWARMCTL_TEST_IMAGE are not set (scripts/test)");
            return None;
        };
        let dir = tempfile::tempdir().unwrap();
        for name in ["inventory", "host_vars"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-f"])
            .arg(dir.path().join("key"))
            .status()
            .unwrap();
        assert!(made.success());
        Some(Self {
            dir,
            image: image.into(),
        })
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes the instances: names with their variables, beside image and key.
    pub fn instances(&self, instances: &[(&str, &str)]) {
        let hosts: String = instances
            .iter()
            .map(|(name, _)| format!("    {name}:\n"))
            .collect();
        self.write("inventory/hosts.yml", &format!("all:\n  hosts:\n{hosts}"));
        for (name, vars) in instances {
            let image = match vars.contains("vm_image:") {
                true => String::new(),
                false => format!("vm_image: {}\n", self.image.display()),
            };
            let text = format!("ansible_ssh_private_key_file: key\n{image}{vars}");
            self.write(&format!("host_vars/{name}.yml"), &text);
        }
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Replaces a piece of an instance's variables.
    pub fn change(&self, name: &str, from: &str, to: &str) {
        let file = format!("host_vars/{name}.yml");
        let text = fs::read_to_string(self.path(&file)).unwrap();
        assert!(text.contains(from), "{from} is not in {text}");
        self.write(&file, &text.replace(from, to));
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_swarmctl"));
        command
            .args(args)
            .current_dir(self.dir.path())
            .env_remove("SWARMCTL_FLEET")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        let output = self.command(args).output().unwrap();
        let ran = Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        };
        println!(
            "$ swarmctl {}\n{}{}-> {}",
            args.join(" "),
            ran.stdout,
            ran.stderr,
            ran.code
        );
        ran
    }

    /// Runs a verb that must succeed, and returns its standard output.
    pub fn ok(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!(ran.code, 0, "{args:?}");
        ran.stdout
    }

    /// Returns the names of the steps that `provision --check` finds.
    pub fn steps(&self, args: &[&str]) -> Vec<String> {
        let ran = self.run(&[&["provision"], args, &["--check", "-o", "json"]].concat());
        let document: Value = serde_json::from_str(&ran.stdout).unwrap();
        let plans = document["plans"].as_array().unwrap();
        let steps: Vec<String> = plans
            .iter()
            .flat_map(|plan| plan["steps"].as_array().unwrap())
            .map(|step| step["name"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(ran.code, if steps.is_empty() { 0 } else { 5 });
        steps
    }

    /// Starts a verb with `-o json` and returns it once it has said an event of
    /// `kind` for the step `name`.
    pub fn until(&self, args: &[&str], kind: &str, name: Option<&str>) -> Until {
        let mut child = self
            .command(&[args, &["-o", "json"]].concat())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        for line in &mut lines {
            let line = line.unwrap();
            println!("  {line}");
            let event: Value = serde_json::from_str(&line).unwrap();
            let step = event["name"].as_str().map(str::to_owned);
            if event["kind"] == kind && (name.is_none() || step.as_deref() == name) {
                return Until {
                    child,
                    step,
                    rest: Box::new(lines),
                };
            }
        }
        let stderr = child.wait_with_output().unwrap().stderr;
        let stderr = String::from_utf8_lossy(&stderr);
        panic!("no event {kind} {name:?}: {stderr}");
    }
}

/// A running swarmctl that has come to a certain event.
pub struct Until {
    pub child: Child,
    pub step: Option<String>,
    rest: Box<dyn Iterator<Item = std::io::Result<String>>>,
}

impl Until {
    /// `kill -9`.
    pub fn kill(mut self) -> Option<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.step
    }

    /// Sends a signal by name.
    pub fn signal(&self, signal: &str) {
        let sent = Command::new("kill")
            .args(["-s", signal, &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// Waits for the end and returns the exit code.
    pub fn code(mut self) -> i32 {
        for line in self.rest {
            println!("  {}", line.unwrap());
        }
        self.child.wait().unwrap().code().unwrap_or(-1)
    }
}

/// Returns the lines of a file, or none when it isn't there.
pub fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}
