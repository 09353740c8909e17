//! What stands between a connection and a shell: banners, login shells, login files,
//! agents, jump hosts.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use swarmctl::transport::{Job, Session, Target, TransportError};

use crate::{
    LIMIT, NONE, carriers, refusal, run, sessions,
    sshd::{Sshd, keygen_as},
};

fn job(program: &str) -> Job {
    Job {
        program: program.to_owned(),
        input: Vec::new(),
        timeout: LIMIT,
    }
}

async fn says(session: &Session, program: &str) -> String {
    let shell = session.shell(None).await.unwrap();
    let reply = shell.run(job(program)).await.unwrap();
    assert_eq!(reply.code, 0, "{program}");
    String::from_utf8(reply.stdout).unwrap()
}

#[tokio::test]
async fn a_banner_is_no_output() {
    let directory = tempfile::tempdir().unwrap();
    let banner = directory.path().join("banner");
    let line = "Permission denied (not really). Connection refused. timed out\n";
    fs::write(&banner, line.repeat(500)).unwrap();
    let Some(sshd) = Sshd::start_with(&format!("Banner {}", banner.display())) else {
        return;
    };
    for session in sessions(&sshd.target()).await {
        let out = session.run("echo", &["only"], LIMIT).await.unwrap();
        assert_eq!(
            (out.stdout.as_slice(), out.stderr.len()),
            (b"only\n".as_slice(), 0)
        );
        assert_eq!(says(&session, "echo only").await, "only\n");
    }
}

#[tokio::test]
async fn login_shells_that_are_not_posix_start_one_that_is() {
    let mut seen = 0;
    for shell in ["/usr/bin/fish", "/usr/bin/tcsh", "/bin/csh"] {
        if !Path::new(shell).exists() {
            println!("skipped: {shell} is missing");
            continue;
        }
        seen += 1;
        // As sshd itself runs a login shell.
        let line = format!("ForceCommand exec {shell} -c \"$SSH_ORIGINAL_COMMAND\"");
        let Some(sshd) = Sshd::start_with(&line) else {
            return;
        };
        for session in sessions(&sshd.target()).await {
            let text = "it's \"$HOME\" !x\\n";
            let program = format!("printf '%s|' '{}' \"$0\"", text.replace('\'', r"'\''"));
            assert_eq!(
                says(&session, &program).await,
                format!("{text}|sh|"),
                "{shell}"
            );
            let out = session.run("echo", &["plain"], LIMIT).await.unwrap();
            assert_eq!(out.stdout, b"plain\n", "{shell}");
        }
    }
    if seen == 0 {
        println!("skipped: no such shell here (apt install fish tcsh)");
    }
}

#[tokio::test]
async fn a_slow_login_file_is_read_once() {
    let slow = "ForceCommand sleep 1; eval \"$SSH_ORIGINAL_COMMAND\"";
    let Some(sshd) = Sshd::start_with(slow) else {
        return;
    };
    for session in sessions(&sshd.target()).await {
        let begun = Instant::now();
        let shell = session.shell(None).await.unwrap();
        for _ in 0..20 {
            assert_eq!(shell.run(job("true")).await.unwrap().code, 0);
        }
        let took = begun.elapsed();
        assert!(took >= Duration::from_secs(1), "{took:?}");
        assert!(took < Duration::from_secs(3), "{took:?}");
    }
}

#[tokio::test]
async fn a_login_without_a_shell_is_explained_by_both() {
    let nologin = "/usr/sbin/nologin";
    if !Path::new(nologin).exists() {
        println!("skipped: {nologin} is missing");
        return;
    }
    for (command, word) in [
        (nologin, "not available"),
        ("/bin/false", "closed"),
        ("internal-sftp", ""),
        ("/nonexistent/shell", "nonexistent"),
    ] {
        let Some(sshd) = Sshd::start_with(&format!("ForceCommand {command}")) else {
            return;
        };
        for session in sessions(&sshd.target()).await {
            let begun = Instant::now();
            let error = session.shell(None).await.map(drop).unwrap_err();
            let TransportError::NoShell { message, .. } = &error else {
                panic!("{command}: {error:?}");
            };
            assert!(message.contains(word), "{command}: {message}");
            assert!(error.hint().unwrap().contains("getent"));
            assert!(begun.elapsed() < Duration::from_secs(10), "{command}");
        }
    }
}

struct Agent {
    process: Child,
    socket: PathBuf,
}

impl Agent {
    fn start(directory: &Path) -> Self {
        let socket = directory.join("agent");
        let process = Command::new("ssh-agent")
            .args(["-D", "-a"])
            .arg(&socket)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while !socket.exists() {
            assert!(begun.elapsed() < Duration::from_secs(10));
            std::thread::sleep(Duration::from_millis(10));
        }
        Self { process, socket }
    }

    fn add(&self, key: &Path) {
        let mut add = Command::new("ssh-add");
        let add = add.arg("-q").arg(key).env("SSH_AUTH_SOCK", &self.socket);
        assert!(add.status().unwrap().success());
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

#[tokio::test]
async fn both_ask_the_agent_that_is_named() {
    let Some(sshd) = Sshd::start() else { return };
    let directory = tempfile::tempdir().unwrap();
    let agent = Agent::start(directory.path());
    agent.add(&sshd.path("user"));
    let mut target = sshd.target();
    target.private_key_file = None;
    target.agent = Some(agent.socket.clone());
    sessions(&target).await;

    // An encrypted key, which the agent holds in the clear.
    let user = sshd.path("user").display().to_string();
    run(
        "ssh-keygen",
        &["-q", "-p", "-P", "", "-N", "secret", "-f", &user],
    );
    target.private_key_file = Some(sshd.path("user"));
    let session = Session::connect(&target).await.unwrap();
    assert_eq!(session.carried_by(), "OpenSSH");
    assert_eq!(session.run("true", &NONE, LIMIT).await.unwrap().code, 0);
}

#[tokio::test]
async fn an_agent_with_many_keys_is_no_obstacle_where_one_is_named() {
    let Some(sshd) = Sshd::start() else { return };
    let directory = tempfile::tempdir().unwrap();
    let agent = Agent::start(directory.path());
    for number in 0..8 {
        let key = directory.path().join(format!("key{number}"));
        keygen_as(&key, "ed25519");
        agent.add(&key);
    }
    agent.add(&sshd.path("user"));
    let mut target = sshd.target();
    target.agent = Some(agent.socket.clone());
    sessions(&target).await;
    // sshd's MaxAuthTries is 6: which of the nine is the one, nobody can tell.
    target.private_key_file = None;
    for (target, by) in carriers(&target) {
        let error = Session::connect(&target).await.map(drop).unwrap_err();
        let TransportError::NoKeyAccepted { tried, .. } = &error else {
            panic!("{by}: {error:?}");
        };
        assert!((5..=6).contains(&tried.len()), "{by}: {tried:?}");
        assert!(
            error
                .hint()
                .unwrap()
                .contains("ansible_ssh_private_key_file")
        );
    }
}

/// A configuration in which `gate` is the jump host and `far` a name behind it.
fn configuration(gate: &Sshd, far: &Sshd) -> String {
    let quoted = |path: PathBuf| format!("\"{}\"", path.display().to_string().replace('%', "%%"));
    format!(
        "Host gate\n  HostName 127.0.0.1\n  Port {}\n  User {}\n  IdentityFile {}\n  \
         UserKnownHostsFile {}\n\
         Host far\n  HostName 127.0.0.1\n  Port {}\n  ProxyJump gate\n",
        gate.port(),
        run("id", &["-un"]),
        quoted(gate.path("user")),
        quoted(gate.target().known_hosts),
        far.port(),
    )
}

fn through(target: Target, args: &[&str]) -> Target {
    Target {
        ssh_args: args.iter().map(|arg| (*arg).to_owned()).collect(),
        ..target
    }
}

#[tokio::test]
async fn a_jump_host_is_used_by_argument_or_configuration() {
    let (Some(gate), Some(far)) = (Sshd::start(), Sshd::start()) else {
        return;
    };
    let file = far.path("config");
    fs::write(&file, configuration(&gate, &far)).unwrap();
    let file = file.to_str().unwrap();
    let by_argument = through(far.target(), &["-F", file, "-o", "ProxyJump=gate"]);
    let mut by_configuration = through(far.target(), &["-F", file]);
    by_configuration.host = "far".to_owned();
    by_configuration.port = None;
    for target in [by_argument, by_configuration] {
        let session = Session::connect(&target).await.unwrap();
        assert_eq!(session.carried_by(), "OpenSSH");
        assert_eq!(says(&session, "echo through").await, "through\n");
        assert_eq!((gate.connections().len(), far.connections().len()), (1, 1));
        session.close().await;
        let begun = Instant::now();
        while gate.connections().len() + far.connections().len() > 0 {
            assert!(begun.elapsed() < Duration::from_secs(10), "left behind");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    // The gate's key is checked as well.
    fs::write(gate.target().known_hosts, "").unwrap();
    let other = fs::read_to_string(gate.path("other_host.pub")).unwrap();
    gate.pinned(&other);
    let target = through(far.target(), &["-F", file, "-o", "ProxyJump=gate"]);
    let error = Session::connect(&target).await.map(drop).unwrap_err();
    assert!(error.to_string().contains("trust"), "{error:?}");
    assert!(far.connections().is_empty());
}

#[tokio::test]
async fn a_configuration_is_honoured_or_left_to_openssh() {
    let Some(sshd) = Sshd::start() else { return };
    let file = sshd.path("config");
    let carried_by = async |text: &str| {
        fs::write(&file, text).unwrap();
        let mut target = through(sshd.target(), &["-F", file.to_str().unwrap()]);
        target.host = "zap".to_owned();
        target.port = None;
        target.user = None;
        target.private_key_file = None;
        let session = Session::connect(&target).await;
        let session = session.unwrap_or_else(|error| panic!("{text}: {error:?}"));
        assert_eq!(session.run("true", &NONE, LIMIT).await.unwrap().code, 0);
        session.carried_by()
    };
    let here = format!(
        "HostName 127.0.0.1\nPort {}\nUser {}\nIdentityFile {}\n",
        sshd.port(),
        run("id", &["-un"]),
        sshd.path("user").display()
    );
    for honoured in [
        String::new(),
        "ControlMaster auto\nControlPath ~/.ssh/cm-%C\nControlPersist 60\n".to_owned(),
        "GSSAPIAuthentication yes\nForwardAgent yes\nSendEnv LANG LC_*\n".to_owned(),
        "IdentitiesOnly yes\n".to_owned(),
        "Host other\nProxyJump gate\nHost *\n".to_owned(),
        "Host * !zap\nProxyCommand false\nHost *\n".to_owned(),
        "Match host other\nProxyJump gate\nMatch all\n".to_owned(),
        "Match exec \"test %n = other\"\nProxyJump gate\nMatch all\n".to_owned(),
        // Only what it says already.
        "Compression no\nConnectionAttempts 1\n".to_owned(),
    ] {
        let text = format!("{honoured}{here}");
        assert_eq!(carried_by(&text).await, "russh", "{text}");
    }
    let proxy = format!("ProxyCommand nc 127.0.0.1 {}\n", sshd.port());
    for left in [
        if Path::new("/usr/bin/nc").exists() {
            proxy.as_str()
        } else {
            "Compression yes\n"
        },
        "Match exec true\nCompression yes\nMatch all\n",
        "CanonicalizeHostname yes\n",
        "HostKeyAlgorithms ssh-ed25519\n",
        "PubkeyAcceptedAlgorithms ssh-ed25519\n",
        "KexAlgorithms curve25519-sha256\n",
        "Ciphers aes128-ctr\n",
        "RekeyLimit 1M\n",
        "CertificateFile /nonexistent\n",
        "PKCS11Provider none\nIdentityAgent none\n",
        "BindAddress 127.0.0.1\n",
        "AddressFamily inet\n",
        "SetEnv A=b\n",
    ] {
        let text = format!("{left}{here}");
        assert_eq!(carried_by(&text).await, "OpenSSH", "{text}");
    }
    // An alias for the key: the port is no part of the name then.
    let mut target = through(sshd.target(), &["-F", file.to_str().unwrap()]);
    fs::write(&file, format!("HostKeyAlias zap-key\n{here}")).unwrap();
    let key = fs::read_to_string(sshd.path("host.pub")).unwrap();
    fs::write(&target.known_hosts, format!("zap-key {key}")).unwrap();
    target.host = "zap".to_owned();
    assert_eq!(
        Session::connect(&target).await.unwrap().carried_by(),
        "OpenSSH"
    );
    fs::write(&target.known_hosts, format!("other-key {key}")).unwrap();
    refusal(&target).await;
}
