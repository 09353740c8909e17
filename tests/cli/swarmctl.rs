use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Command, Stdio},
};

/// A key that may log in; its private half was thrown away.
pub const PUBLIC_KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINJIsb+UYeCu0MPHFNgxvpWPevOW/3wofj9JQH43hzrM me@home\n";

/// The smallest inventory: one instance that has all it needs.
pub const FLEET: [(&str, &str); 2] = [
    (
        "inventory/hosts.yml",
        "all:\n  children:\n    agents:\n      hosts:\n        zap:\n",
    ),
    (
        "host_vars/zap.yml",
        "vm_domain: \"zap [claw]\"\nvm_ip: 192.168.122.182\nvm_mac: \"52:54:00:01:00:71\"\n",
    ),
];

/// A run of the binary in a fleet directory of its own.
pub struct Swarmctl {
    directory: tempfile::TempDir,
    args: Vec<String>,
    environment: Vec<(String, String)>,
}

/// What a run left behind. The fleet directory reads `[FLEET]` in both texts.
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Swarmctl {
    /// Returns a run in an empty directory, with an empty environment.
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let keys = directory.path().join("home/.ssh");
        fs::create_dir_all(&keys).unwrap();
        fs::write(keys.join("id_ed25519.pub"), PUBLIC_KEY).unwrap();
        fs::create_dir(directory.path().join("fleet")).unwrap();
        Self {
            directory,
            args: Vec::new(),
            environment: Vec::new(),
        }
    }

    /// Adds arguments.
    pub fn args<S: Into<String>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Adds arguments written as one line without quotes.
    pub fn line(self, line: &str) -> Self {
        self.args(line.split_whitespace())
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Writes files into the fleet directory.
    pub fn fleet<'a>(self, files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        for (name, text) in files {
            let path = self.root().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        self
    }

    /// Sets a file's mode.
    pub fn mode(self, name: &str, mode: u32) -> Self {
        fs::set_permissions(self.root().join(name), fs::Permissions::from_mode(mode)).unwrap();
        self
    }

    /// Returns the fleet directory.
    pub fn root(&self) -> PathBuf {
        self.directory.path().join("fleet")
    }

    /// Returns the command, ready to be run.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_swarmctl"));
        command
            .args(&self.args)
            .current_dir(self.root())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.directory.path().join("home"))
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    /// Runs it.
    pub fn run(&self) -> Run {
        let output = self.command().output().unwrap();
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: self.text(&output.stdout),
            stderr: self.text(&output.stderr),
        }
    }

    fn text(&self, bytes: &[u8]) -> String {
        let text = String::from_utf8_lossy(bytes);
        let mut text = text.into_owned();
        for (folder, shown) in [("fleet", "[FLEET]"), ("home", "[HOME]")] {
            let path = self.directory.path().join(folder);
            let real = fs::canonicalize(&path).unwrap();
            text = text.replace(real.to_str().unwrap(), shown);
            text = text.replace(path.to_str().unwrap(), shown);
        }
        text
    }
}

impl Run {
    /// Returns all of it as one text for a snapshot.
    pub fn all(&self) -> String {
        let mut text = format!("exit {}\n", self.code);
        for (name, stream) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !stream.is_empty() {
                text.push_str(&format!("--- {name}\n{stream}"));
            }
        }
        text
    }
}
