//! SSH against a real sshd on loopback.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "tests may panic"
)]

mod keys;
mod limits;
mod logins;
mod memory;
mod shell;
mod sshd;
mod streams;
mod trust;
mod volley;

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    time::{Duration, Instant},
};

use sshd::{Sshd, fingerprint, free_port, keygen, run};
use swarmctl::transport::{Session, Target, TransportError, ssh_command};

const LIMIT: Duration = Duration::from_secs(20);
const NONE: [&str; 0] = [];

/// The target, once for each carrier: an argument for ssh makes it OpenSSH's.
fn carriers(target: &Target) -> [(Target, &'static str); 2] {
    let mut other = target.clone();
    other
        .ssh_args
        .extend(["-o", "Compression=no"].map(str::to_owned));
    [(target.clone(), "russh"), (other, "OpenSSH")]
}

/// Sessions of both carriers.
async fn sessions(target: &Target) -> Vec<Session> {
    let mut sessions = Vec::new();
    for (target, carrier) in carriers(target) {
        let session = Session::connect(&target).await.unwrap();
        assert_eq!(session.carried_by(), carrier);
        sessions.push(session);
    }
    sessions
}

/// Pins some key, so that russh takes the host.
fn pin(target: &Target) {
    let key = target.private_key_file.as_ref().unwrap();
    let public = fs::read_to_string(key.with_extension("pub")).unwrap();
    let name = match target.port {
        Some(22) | None => target.host.clone(),
        Some(port) => format!("[{}]:{port}", target.host),
    };
    fs::write(&target.known_hosts, format!("{name} {public}")).unwrap();
}

/// Why both carriers refuse, which they must say in the same words.
async fn refusal(target: &Target) -> TransportError {
    let mut errors = Vec::new();
    for (target, _) in carriers(target) {
        match Session::connect(&target).await {
            Ok(_) => panic!("connected"),
            Err(error) => errors.push(error),
        }
    }
    let error = errors.remove(0);
    assert_eq!(error.to_string(), errors[0].to_string());
    error
}

#[tokio::test]
async fn runs_programs_with_exactly_their_arguments() {
    let Some(sshd) = Sshd::start() else { return };
    for session in sessions(&sshd.target()).await {
        let out = session
            .run("printf", &["%s|", "a b", "", "it's", "$HOME;`id`"], LIMIT)
            .await
            .unwrap();
        assert_eq!(out.code, 0);
        assert_eq!(
            String::from_utf8(out.stdout).unwrap(),
            "a b||it's|$HOME;`id`|"
        );
        let out = session
            .run("sh", &["-c", "echo out; echo err >&2; exit 37"], LIMIT)
            .await
            .unwrap();
        assert_eq!(out.code, 37);
        assert_eq!(
            (out.stdout.as_slice(), out.stderr.as_slice()),
            (b"out\n".as_slice(), b"err\n".as_slice())
        );
        let out = session.run("no-such-program", &NONE, LIMIT).await.unwrap();
        assert_eq!(out.code, 127);
        assert!(
            String::from_utf8_lossy(&out.stderr).contains("not found"),
            "{out:?}"
        );
        session.close().await;
    }
}

#[tokio::test]
async fn tells_signals_from_timeouts_and_stays_usable() {
    let Some(sshd) = Sshd::start() else { return };
    for session in sessions(&sshd.target()).await {
        let error = session
            .run("sh", &["-c", "kill -9 $$"], LIMIT)
            .await
            .unwrap_err();
        assert!(matches!(error, TransportError::Signalled { .. }), "{error}");
        let error = session
            .run("sleep", &["3"], Duration::from_millis(300))
            .await
            .unwrap_err();
        assert!(
            matches!(error, TransportError::RunTimedOut { .. }),
            "{error}"
        );
        let out = session.run("true", &NONE, LIMIT).await.unwrap();
        assert_eq!(out.code, 0);
    }
}

#[tokio::test]
async fn many_at_once_wait_for_their_turn() {
    let Some(sshd) = Sshd::start() else { return };
    for session in sessions(&sshd.target()).await {
        let session = std::sync::Arc::new(session);
        let mut tasks = tokio::task::JoinSet::new();
        for i in 0..40 {
            let session = std::sync::Arc::clone(&session);
            tasks.spawn(async move {
                let out = session.run("echo", &[i.to_string()], LIMIT).await.unwrap();
                assert_eq!(out.stdout, format!("{i}\n").into_bytes());
            });
        }
        while let Some(done) = tasks.join_next().await {
            done.unwrap();
        }
    }
}

#[tokio::test]
async fn endless_output_ends() {
    let Some(sshd) = Sshd::start() else { return };
    for session in sessions(&sshd.target()).await {
        let error = session.run("yes", &NONE, LIMIT).await.unwrap_err();
        assert!(
            matches!(error, TransportError::TooMuchOutput { .. }),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_closed_or_dropped_session_ends_the_connection() {
    let Some(sshd) = Sshd::start() else { return };
    let target = sshd.target();
    let mut all = sessions(&target).await;
    all.extend(sessions(&target).await);
    assert_eq!(sshd.connections().len(), 4);
    for closed in all.drain(..2) {
        closed.close().await;
    }
    drop(all);
    let begun = Instant::now();
    while !sshd.connections().is_empty() {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "a connection is left behind"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn another_host_key_is_named() {
    let Some(sshd) = Sshd::start() else { return };
    let other = fs::read_to_string(sshd.path("other_host.pub")).unwrap();
    let error = refusal(&sshd.pinned(&other)).await;
    let TransportError::HostKeyChanged {
        expected, found, ..
    } = &error
    else {
        panic!("{error:?}");
    };
    assert_eq!(
        expected.as_deref(),
        Some(fingerprint(&sshd.path("other_host.pub")).as_str())
    );
    assert_eq!(
        found.as_deref(),
        Some(fingerprint(&sshd.path("host.pub")).as_str())
    );
    assert!(error.hint().unwrap().contains("swarmctl provision"));
}

#[tokio::test]
async fn no_trust_on_first_use_whatever_the_arguments_say() {
    let Some(sshd) = Sshd::start() else { return };
    let mut target = sshd.target();
    target.known_hosts = sshd.path("empty");
    target.ssh_args.extend(
        [
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
        ]
        .map(str::to_owned),
    );
    let error = refusal(&target).await;
    let TransportError::HostKeyUnknown { found, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(
        found.as_deref(),
        Some(fingerprint(&sshd.path("host.pub")).as_str())
    );
    assert!(!target.known_hosts.exists());
}

#[tokio::test]
async fn a_wrong_key_is_named() {
    let Some(sshd) = Sshd::start() else { return };
    let mut target = sshd.target();
    target.private_key_file = Some(sshd.path("other_user"));
    let error = refusal(&target).await;
    let TransportError::NoKeyAccepted { tried, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(tried.len(), 1, "{tried:?}");
    assert!(tried[0].contains("other_user"), "{tried:?}");
    assert!(
        tried[0].contains(&fingerprint(&sshd.path("other_user.pub"))),
        "{tried:?}"
    );
}

#[tokio::test]
async fn a_key_that_others_can_read_or_that_is_missing_is_explained() {
    let Some(sshd) = Sshd::start() else { return };
    let mut target = sshd.target();
    let open = sshd.path("user");
    fs::set_permissions(&open, fs::Permissions::from_mode(0o644)).unwrap();
    for key in [open, sshd.path("missing")] {
        target.private_key_file = Some(key);
        let error = refusal(&target).await;
        assert!(
            matches!(error, TransportError::PrivateKey { .. }),
            "{error:?}"
        );
        assert!(error.hint().unwrap().contains("chmod 600"));
    }
}

#[tokio::test]
async fn nobody_listening_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let key = directory.path().join("key");
    keygen(&key);
    let target = sshd::target(free_port(), directory.path().join("known_hosts"), key);
    pin(&target);
    let error = refusal(&target).await;
    assert!(matches!(error, TransportError::Refused { .. }), "{error:?}");
    assert!(error.is_transient());
}

#[tokio::test]
async fn a_listener_that_never_answers_times_out() {
    let silent = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let key = directory.path().join("key");
    keygen(&key);
    let port = silent.local_addr().unwrap().port();
    let mut target = sshd::target(port, directory.path().join("known_hosts"), key);
    target.connect_timeout = Duration::from_secs(1);
    pin(&target);
    let begun = Instant::now();
    let error = refusal(&target).await;
    assert!(
        matches!(error, TransportError::TimedOut { .. }),
        "{error:?}"
    );
    assert!(begun.elapsed() < Duration::from_secs(6));
}

#[tokio::test]
async fn an_unknown_name_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let key = directory.path().join("key");
    keygen(&key);
    let mut target = sshd::target(22, directory.path().join("known_hosts"), key);
    // A name that can't exist: RFC 6761, section 6.4.
    target.host = "zap.invalid".to_owned();
    pin(&target);
    let error = refusal(&target).await;
    assert!(
        matches!(error, TransportError::NameNotFound { .. }),
        "{error:?}"
    );
    target.host = "-oProxyCommand=touch /tmp/owned".to_owned();
    refusal(&target).await;
}

#[tokio::test]
async fn a_server_that_goes_away_is_noticed() {
    let Some(sshd) = Sshd::start() else { return };
    for session in sessions(&sshd.target()).await {
        let kill = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            for process in sshd.connections() {
                run("kill", &[&process]);
            }
        };
        let (ended, ()) = tokio::join!(session.run("sleep", &["10"], LIMIT), kill);
        let error = ended.unwrap_err();
        assert!(matches!(error, TransportError::Closed { .. }), "{error:?}");
        let error = session.run("true", &NONE, LIMIT).await.unwrap_err();
        assert!(matches!(error, TransportError::Closed { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn goes_through_a_jump_host_given_as_arguments() {
    let Some(sshd) = Sshd::start() else { return };
    let mut target = sshd.target();
    // The same server is the jump host: its own connection shows that it was used.
    let proxy = format!(
        "ProxyCommand=ssh -F none -o BatchMode=yes -o IdentityFile={} -o StrictHostKeyChecking=yes \
         -o UserKnownHostsFile='\"{}\"' -p {} -W %h:%p 127.0.0.1",
        sshd.path("user").display(),
        target
            .known_hosts
            .display()
            .to_string()
            .replace('%', "%%%%"),
        sshd.port()
    );
    target.ssh_args.extend(["-o".to_owned(), proxy]);
    let session = Session::connect(&target).await.unwrap();
    session.run("true", &NONE, LIMIT).await.unwrap();
    assert_eq!(sshd.connections().len(), 2);
}

#[test]
fn a_persons_session_has_the_same_checks() {
    let Some(sshd) = Sshd::start() else { return };
    let mut target = sshd.target();
    let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
    let output = |target: &Target, command: &[&str]| {
        let mut ssh = ssh_command(target, false, &words(command));
        ssh.stdin(std::process::Stdio::null()).output().unwrap()
    };
    let out = output(&target, &["printf", "%s|", "a b", "-t"]);
    assert_eq!(String::from_utf8_lossy(&out.stdout), "a b|-t|", "{out:?}");
    let out = output(&target, &["echo one; echo two; exit 3"]);
    assert_eq!(out.stdout, b"one\ntwo\n");
    assert_eq!(out.status.code(), Some(3));
    target.known_hosts = sshd.path("empty");
    let out = output(&target, &["true"]);
    assert_eq!(out.status.code(), Some(255));
    assert_eq!(target.port, Some(sshd.port()));
}
