//! Which carrier takes which host, and that both carry large streams.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use swarmctl::transport::{Job, Session, Target, TransportError};

use crate::{
    LIMIT, NONE, carriers, refusal, run, sessions,
    sshd::{Sshd, fingerprint, keygen_as},
};

async fn carried_by(target: &Target) -> &'static str {
    let session = Session::connect(target).await.unwrap();
    let out = session.run("true", &NONE, LIMIT).await.unwrap();
    assert_eq!(out.code, 0);
    session.carried_by()
}

#[tokio::test]
async fn every_type_of_key_serves_host_and_user() {
    for kind in ["ed25519", "ecdsa:256", "ecdsa:384", "ecdsa:521", "rsa:3072"] {
        let Some(sshd) = Sshd::start_as(kind, "") else {
            return;
        };
        for session in sessions(&sshd.target()).await {
            let out = session.run("true", &NONE, LIMIT).await.unwrap();
            assert_eq!(out.code, 0, "{kind}");
        }
        let pin = fs::read_to_string(sshd.path("other_host.pub")).unwrap();
        let error = refusal(&sshd.pinned(&pin)).await;
        let TransportError::HostKeyChanged { found, .. } = error else {
            panic!("{error:?}");
        };
        assert_eq!(found.unwrap(), fingerprint(&sshd.path("host.pub")));
    }
}

#[tokio::test]
async fn the_pinned_one_of_several_host_keys_is_asked_for() {
    let directory = tempfile::tempdir().unwrap();
    let rsa = directory.path().join("rsa");
    keygen_as(&rsa, "rsa:2048");
    let Some(sshd) = Sshd::start_with(&format!("HostKey {}", rsa.display())) else {
        return;
    };
    let pin = fs::read_to_string(rsa.with_extension("pub")).unwrap();
    sessions(&sshd.pinned(&pin)).await;
    let mut changed = Command::new("ssh-keygen");
    changed.args(["-q", "-t", "rsa", "-b", "2048", "-N", "", "-f"]);
    let other = directory.path().join("other");
    assert!(changed.arg(&other).status().unwrap().success());
    let pin = fs::read_to_string(other.with_extension("pub")).unwrap();
    let error = refusal(&sshd.pinned(&pin)).await;
    assert!(
        matches!(error, TransportError::HostKeyChanged { .. }),
        "{error:?}"
    );
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
async fn an_agents_keys_are_tried_where_no_file_is_named() {
    for kind in ["ed25519", "ecdsa:256", "rsa:2048"] {
        let Some(sshd) = Sshd::start_as(kind, "") else {
            return;
        };
        let directory = tempfile::tempdir().unwrap();
        let agent = Agent::start(directory.path());
        let mut target = sshd.target();
        target.private_key_file = None;
        target.agent = Some(agent.socket.clone());
        agent.add(&sshd.path("other_user"));
        let error = Session::connect(&target).await.map(drop).unwrap_err();
        assert!(
            matches!(error, TransportError::NoKeyAccepted { .. }),
            "{error:?}"
        );
        agent.add(&sshd.path("user"));
        assert_eq!(carried_by(&target).await, "russh", "{kind}");
    }
}

#[tokio::test]
async fn what_russh_can_not_honour_is_left_to_openssh() {
    let Some(sshd) = Sshd::start() else { return };
    let target = sshd.target();
    assert_eq!(carried_by(&target).await, "russh");

    let mut other = target.clone();
    other.ssh_args = ["-F", "none", "-o", "ConnectionAttempts=2"]
        .map(str::to_owned)
        .to_vec();
    assert_eq!(carried_by(&other).await, "OpenSSH");

    // A marker in the file of pins is for ssh to read.
    let pins = fs::read_to_string(&target.known_hosts).unwrap();
    let key = fs::read_to_string(sshd.path("other_host.pub")).unwrap();
    fs::write(&target.known_hosts, format!("{pins}@revoked * {key}")).unwrap();
    assert_eq!(carried_by(&target).await, "OpenSSH");
    fs::write(&target.known_hosts, pins).unwrap();
    assert_eq!(carried_by(&target).await, "russh");

    // A certificate next to the key, which ssh offers too.
    let user = sshd.path("user");
    run(
        "ssh-keygen",
        &[
            "-q",
            "-s",
            sshd.path("other_user").to_str().unwrap(),
            "-I",
            "x",
            "-n",
            "x",
            user.with_extension("pub").to_str().unwrap(),
        ],
    );
    assert_eq!(carried_by(&target).await, "OpenSSH");
    fs::remove_file(sshd.path("user-cert.pub")).unwrap();

    // An encrypted key: nobody is asked for its passphrase.
    run(
        "ssh-keygen",
        &[
            "-q",
            "-p",
            "-P",
            "",
            "-N",
            "secret",
            "-f",
            user.to_str().unwrap(),
        ],
    );
    let error = refusal(&target).await;
    assert!(
        matches!(error, TransportError::NoKeyAccepted { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn large_streams_go_both_ways() {
    let Some(sshd) = Sshd::start() else { return };
    let bytes: Vec<u8> = (0..64_u32 << 20).map(|i| (i ^ (i >> 9)) as u8).collect();
    for session in sessions(&sshd.target()).await {
        let shell = session.shell(None).await.unwrap();
        let job = |program: &str, input: &[u8]| Job {
            program: program.to_owned(),
            input: input.to_vec(),
            timeout: Duration::from_secs(60),
        };
        let begun = Instant::now();
        let echo = shell.run(job("cat; head -c 33554432 /dev/zero >&2", &bytes));
        let next = shell.run(job("cat", b"next"));
        // Other channels are not held up.
        let other = async {
            for _ in 0..20 {
                session.run("true", &NONE, LIMIT).await.unwrap();
            }
            begun.elapsed()
        };
        let (echo, next, other) = tokio::join!(echo, next, other);
        let echo = echo.unwrap();
        assert!(echo.stdout == bytes);
        assert_eq!(echo.stderr.len(), 32 << 20);
        assert_eq!(next.unwrap().stdout, b"next");
        println!(
            "{}: 64 MiB up, 96 MiB down in {:?}; 20 runs beside it {other:?}",
            session.carried_by(),
            begun.elapsed()
        );
    }
}

#[tokio::test]
async fn a_slow_reader_loses_nothing() {
    let Some(sshd) = Sshd::start() else { return };
    for session in sessions(&sshd.target()).await {
        let shell = session.shell(None).await.unwrap();
        let job = Job {
            program: "i=0; while [ $i -lt 100 ]; do head -c 100000 /dev/zero; echo $i >&2; i=$((i+1)); done".to_owned(),
            input: Vec::new(),
            timeout: LIMIT,
        };
        let run = tokio::spawn({
            let shell = shell.clone();
            async move { shell.run(job).await }
        });
        // This runtime has one thread: nothing is read while it sleeps.
        for _ in 0..20 {
            std::thread::sleep(Duration::from_millis(50));
            tokio::task::yield_now().await;
        }
        let reply = run.await.unwrap().unwrap();
        assert_eq!(reply.stdout.len(), 10_000_000);
        assert!(reply.stderr.ends_with(b"\n99\n"));
    }
}

#[tokio::test]
async fn input_that_is_cut_runs_nothing() {
    let Some(sshd) = Sshd::start() else { return };
    let directory = tempfile::tempdir().unwrap();
    for (target, _) in carriers(&sshd.target()) {
        let session = Session::connect(&target).await.unwrap();
        let shell = session.shell(None).await.unwrap();
        let ran = directory.path().join(session.carried_by());
        let job = Job {
            program: format!("cat >{}", ran.display()),
            input: vec![0; 200 << 20],
            timeout: LIMIT,
        };
        let before = shell.traffic().sent;
        let cut = async {
            // Until its bytes flow.
            while shell.traffic().sent < before + (1 << 20) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
            sshd.cut_connections();
        };
        let (ended, ()) = tokio::join!(shell.run(job), cut);
        let error = ended.unwrap_err();
        assert!(matches!(error, TransportError::Closed { .. }), "{error:?}");
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert!(!ran.exists());
    }
}

/// `cargo test --release --test transport -- --ignored --nocapture latencies`
#[tokio::test]
#[ignore = "a measurement"]
async fn latencies() {
    let Some(sshd) = Sshd::start() else { return };
    for (target, carrier) in carriers(&sshd.target()) {
        let mut connects = Vec::new();
        for _ in 0..10 {
            let begun = Instant::now();
            let session = Session::connect(&target).await.unwrap();
            connects.push(begun.elapsed());
            session.close().await;
        }
        let session = Session::connect(&target).await.unwrap();
        let begun = Instant::now();
        let shell = session.shell(None).await.unwrap();
        let start = begun.elapsed();
        let p50 = |mut times: Vec<Duration>| {
            times.sort();
            times[times.len() / 2]
        };
        let job = |program: &str| Job {
            program: program.to_owned(),
            input: Vec::new(),
            timeout: LIMIT,
        };
        let (mut silent, mut speaking, mut runs) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..200 {
            for (program, times) in [(":", &mut silent), ("echo x", &mut speaking)] {
                let begun = Instant::now();
                shell.run(job(program)).await.unwrap();
                times.push(begun.elapsed());
            }
        }
        for _ in 0..100 {
            let begun = Instant::now();
            session.run("true", &NONE, LIMIT).await.unwrap();
            runs.push(begun.elapsed());
        }
        let begun = Instant::now();
        let mut all = tokio::task::JoinSet::new();
        for _ in 0..500 {
            let (shell, job) = (shell.clone(), job("echo x"));
            all.spawn(async move { shell.run(job).await.unwrap() });
        }
        all.join_all().await;
        println!(
            "{carrier}: connect {:?}, shell {start:?}, job {:?}, with output {:?}, \
             500 jobs at once {:?}, run {:?}",
            p50(connects),
            p50(silent),
            p50(speaking),
            begun.elapsed(),
            p50(runs)
        );
    }
}
