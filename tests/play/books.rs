use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// A directory with playbooks, roles and an inventory.
pub struct Books {
    directory: tempfile::TempDir,
}

/// Three hosts in two groups, all of them this machine.
const HOSTS: &str = "\
all:
  vars: {ansible_connection: local, level: all}
  children:
    web: {hosts: {w1: {own: 1}, w2: }, vars: {level: web}}
    db: {hosts: {d1: }}
";

impl Books {
    /// Returns a directory with these files besides the inventory.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in [("inventory/hosts.yml", HOSTS)].iter().chain(files) {
            let path = directory.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self { directory }
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Runs swarmctl; returns its exit code, stdout and stderr.
    pub fn ours(&self, line: &str) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_swarmctl"));
        command
            .env_clear()
            .args(["-i", "inventory"])
            .args(line.split_whitespace());
        self.output(command)
    }

    /// Runs `ansible-playbook`; `None`, with the reason on stderr, where there is none.
    pub fn theirs(&self, line: &str) -> Option<(i32, String, String)> {
        let mut command = Command::new(ansible()?.join("ansible-playbook"));
        command
            .args(["-i", "inventory"])
            .args(line.split_whitespace())
            .env("ANSIBLE_HOME", self.path().join("home"))
            .env("ANSIBLE_NOCOLOR", "1");
        Some(self.output(command))
    }

    /// Does the same, with what happens as JSON lines on stdout.
    pub fn recorded(&self, line: &str) -> Option<(i32, String, String)> {
        let plugins = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/play");
        let bin = ansible()?;
        let python = format!("ansible_python_interpreter={}/python", bin.display());
        let mut command = Command::new(bin.join("ansible-playbook"));
        command
            .args(["-i", "inventory", "-e", &python])
            .args(line.split_whitespace())
            .env("ANSIBLE_HOME", self.path().join("home"))
            .env("ANSIBLE_CALLBACK_PLUGINS", plugins)
            .env("ANSIBLE_STDOUT_CALLBACK", "record")
            .env("PYTHONDONTWRITEBYTECODE", "1");
        Some(self.output(command))
    }

    fn output(&self, mut command: Command) -> (i32, String, String) {
        let output = command
            .current_dir(self.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (
            output.status.code().unwrap_or(-1),
            text(output.stdout),
            text(output.stderr),
        )
    }
}

/// The directory of Ansible's programs.
pub fn ansible() -> Option<PathBuf> {
    let Some(bin) = std::env::var_os("SWARMCTL_ANSIBLE") else {
        eprintln!("skipped: SWARMCTL_ANSIBLE is not set (run scripts/ansible-venv)");
        return None;
    };
    Some(PathBuf::from(bin))
}
