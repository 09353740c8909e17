use std::{
    fs,
    io::{BufRead, BufReader},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use swarmctl::transport::Target;
use tempfile::TempDir;

const SSHD: &str = "/usr/sbin/sshd";

/// A real sshd on loopback with a host key and one user key of its own.
pub struct Sshd {
    directory: TempDir,
    daemon: Child,
    port: u16,
}

impl Sshd {
    /// Starts one, or prints why not.
    pub fn start() -> Option<Self> {
        Self::start_with("")
    }

    /// Starts one with more lines in its configuration.
    pub fn start_with(lines: &str) -> Option<Self> {
        Self::start_as("ed25519", lines)
    }

    /// Starts one with keys of this type.
    pub fn start_as(kind: &str, lines: &str) -> Option<Self> {
        if !Path::new(SSHD).exists() {
            println!("skipped: {SSHD} is missing (apt install openssh-server)");
            return None;
        }
        // As root, sshd wants the directory that the service manager makes else.
        if run("id", &["-u"]) == "0" {
            fs::create_dir_all("/run/sshd").unwrap();
        }
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        for name in ["host", "other_host", "user", "other_user"] {
            keygen_as(&at(name), kind);
        }
        fs::copy(at("user.pub"), at("authorized_keys")).unwrap();
        let port = free_port();
        let config = format!(
            "Port {port}\nHostKey {host}\nPidFile none\n\
             AuthorizedKeysFile {keys}\nStrictModes no\nUsePAM no\n\
             PasswordAuthentication no\nKbdInteractiveAuthentication no\n\
             PermitRootLogin prohibit-password\nPermitUserEnvironment no\n\
             {lines}\n{listen}\n",
            listen = if lines.contains("ListenAddress") {
                ""
            } else {
                "ListenAddress 127.0.0.1"
            },
            host = at("host").display(),
            keys = at("authorized_keys").display(),
        );
        fs::write(at("sshd_config"), config).unwrap();
        let sshd = Self {
            daemon: daemon(directory.path()),
            directory,
            port,
        };
        sshd.await_banner();
        Some(sshd)
    }

    /// Starts it again with one more line in its configuration, at the same port.
    pub fn again(mut self, line: &str) -> Self {
        drop(self.daemon.kill());
        drop(self.daemon.wait());
        let config = self.path("sshd_config");
        let text = fs::read_to_string(&config).unwrap();
        fs::write(config, format!("{line}\n{text}")).unwrap();
        self.daemon = daemon(self.directory.path());
        self.await_banner();
        self
    }

    fn await_banner(&self) {
        let begun = Instant::now();
        loop {
            if let Ok(stream) = TcpStream::connect(("127.0.0.1", self.port)) {
                let mut line = String::new();
                BufReader::new(stream).read_line(&mut line).unwrap();
                assert!(line.starts_with("SSH-2.0"), "{line}");
                return;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "sshd does not answer: {}",
                fs::read_to_string(self.path("sshd.log")).unwrap_or_default()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// A file of the server's directory.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The processes that serve its connections, one each.
    pub fn connections(&self) -> Vec<String> {
        children(&self.daemon.id().to_string())
    }

    /// Ends all connections at once, without a word to the clients. An ordinary user's
    /// sshd has a second process for each, which would go on by itself.
    pub fn cut_connections(&self) {
        for process in self.connections() {
            let mut all = children(&process);
            all.push(process);
            let words: Vec<&str> = ["-9"]
                .into_iter()
                .chain(all.iter().map(String::as_str))
                .collect();
            run("kill", &words);
        }
    }

    /// A target with its host key pinned and the right user key.
    pub fn target(&self) -> Target {
        let pin = fs::read_to_string(self.path("host.pub")).unwrap();
        self.pinned(&pin)
    }

    /// A target with this public key pinned as the host's.
    pub fn pinned(&self, public_key: &str) -> Target {
        let mut words = public_key.split_whitespace();
        let line = format!(
            "[127.0.0.1]:{} {} {} swarmctl:test\n",
            self.port,
            words.next().unwrap(),
            words.next().unwrap()
        );
        let known_hosts = self.path("known hosts 100%");
        fs::write(&known_hosts, line).unwrap();
        target(self.port, known_hosts, self.path("user"))
    }
}

/// The sshd processes that a process started.
fn children(parent: &str) -> Vec<String> {
    let output = Command::new("ps")
        .args(["-o", "pid=,comm=", "--ppid", parent])
        .output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    text.lines()
        .filter_map(|line| line.trim().split_once(' '))
        .filter(|(_, name)| name.trim().starts_with("sshd"))
        .map(|(pid, _)| pid.to_owned())
        .collect()
}

impl Drop for Sshd {
    fn drop(&mut self) {
        for process in self.connections() {
            drop(Command::new("kill").arg(process).output());
        }
        drop(self.daemon.kill());
        drop(self.daemon.wait());
    }
}

fn daemon(directory: &Path) -> Child {
    Command::new(SSHD)
        .arg("-D")
        .arg("-f")
        .arg(directory.join("sshd_config"))
        .arg("-E")
        .arg(directory.join("sshd.log"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// A target on loopback.
pub fn target(port: u16, known_hosts: PathBuf, key: PathBuf) -> Target {
    Target {
        host: "127.0.0.1".to_owned(),
        port: Some(port),
        user: Some(run("id", &["-un"])),
        private_key_file: Some(key),
        agent: None,
        // The tester's own configuration must not matter.
        ssh_args: vec!["-F".to_owned(), "none".to_owned()],
        known_hosts,
        connect_timeout: Duration::from_secs(10),
    }
}

/// A port that nothing listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

pub fn keygen(path: &Path) {
    keygen_as(path, "ed25519");
}

/// Makes a key of a type with or without its size: `ecdsa:384`.
pub fn keygen_as(path: &Path, kind: &str) {
    let (kind, bits) = kind.split_once(':').unwrap_or((kind, "0"));
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-q", "-t", kind, "-N", "", "-C", ""]);
    if bits != "0" {
        keygen.args(["-b", bits]);
    }
    let status = keygen.arg("-f").arg(path).status().unwrap();
    assert!(status.success());
}

/// What `ssh-keygen -l` calls the key.
pub fn fingerprint(public_key: &Path) -> String {
    let text = run("ssh-keygen", &["-lf", public_key.to_str().unwrap()]);
    text.split(' ').nth(1).unwrap().to_owned()
}

pub fn run(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output().unwrap();
    assert!(output.status.success(), "{program}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
