use std::{
    fs,
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// An sshd on loopback through which libvirt is reached as on another machine, with
/// its host key known and checked.
pub struct RemoteLibvirt {
    dir: TempDir,
    sshd: Child,
    port: u16,
}

impl RemoteLibvirt {
    pub fn start() -> Option<Self> {
        if !fs::exists("/usr/sbin/sshd").unwrap() {
            println!("skipped: /usr/sbin/sshd is missing");
            return None;
        }
        fs::create_dir_all("/run/sshd").unwrap();
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name).display().to_string();
        for name in ["host", "user"] {
            let made = Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", "", "-f", &at(name)])
                .status()
                .unwrap();
            assert!(made.success());
        }
        fs::copy(at("user.pub"), at("authorized_keys")).unwrap();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        fs::write(
            at("sshd_config"),
            format!(
                "ListenAddress 127.0.0.1\nPort {port}\nHostKey {}\nPidFile none\n\
                 AuthorizedKeysFile {}\nStrictModes no\nUsePAM no\nPermitRootLogin prohibit-password\n",
                at("host"),
                at("authorized_keys"),
            ),
        )
        .unwrap();
        let host = fs::read_to_string(at("host.pub")).unwrap();
        fs::write(at("known_hosts"), format!("[127.0.0.1]:{port} {host}")).unwrap();
        // libvirt runs this instead of ssh: the same program, with this test's files.
        fs::write(
            at("ssh"),
            format!(
                "#!/bin/sh\nexec ssh -F none -o UserKnownHostsFile={} -o StrictHostKeyChecking=yes \
                 -o IdentitiesOnly=yes -i {} \"$@\"\n",
                at("known_hosts"),
                at("user"),
            ),
        )
        .unwrap();
        fs::set_permissions(at("ssh"), fs::Permissions::from_mode(0o755)).unwrap();
        let sshd = Command::new("/usr/sbin/sshd")
            .args(["-D", "-f", &at("sshd_config"), "-E", &at("log")])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                begun.elapsed() < Duration::from_secs(10),
                "sshd does not answer"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(Self { dir, sshd, port })
    }

    /// The libvirt URI that goes through it.
    pub fn uri(&self) -> String {
        let command = self.dir.path().join("ssh").display().to_string();
        format!(
            "qemu+ssh://root@127.0.0.1:{}/system?command={command}",
            self.port
        )
    }

    /// Makes the known host key another one.
    pub fn change_known_key(&self) {
        let user = fs::read_to_string(self.dir.path().join("user.pub")).unwrap();
        let known = format!("[127.0.0.1]:{} {user}", self.port);
        fs::write(self.dir.path().join("known_hosts"), known).unwrap();
    }
}

impl Drop for RemoteLibvirt {
    fn drop(&mut self) {
        drop(self.sshd.kill());
        drop(self.sshd.wait());
    }
}
