//! Many hosts, many channels, and hosts that fall silent.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    sync::Arc,
    time::{Duration, Instant},
};

use swarmctl::transport::{Job, Session, Target, TransportError};
use tokio::{sync::Semaphore, task::JoinSet};

use crate::{
    LIMIT, NONE, carriers,
    memory::{alone, status},
    run, sessions,
    sshd::{Sshd, free_port},
};

/// For a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

fn job(program: &str) -> Job {
    Job {
        program: program.to_owned(),
        input: Vec::new(),
        timeout: PATIENCE,
    }
}

#[tokio::test]
async fn more_programs_than_channels_wait_and_too_many_shells_are_told() {
    // sshd's own limit is 10, ours is 8.
    let Some(sshd) = Sshd::start() else { return };
    for session in sessions(&sshd.target()).await {
        let session = Arc::new(session);
        let mut shells = Vec::new();
        for _ in 0..5 {
            shells.push(session.shell(None).await.unwrap());
        }
        let mut tasks = JoinSet::new();
        for _ in 0..12 {
            let session = Arc::clone(&session);
            tasks.spawn(async move { session.run("true", &NONE, PATIENCE).await.unwrap().code });
        }
        assert_eq!(tasks.join_all().await, vec![0; 12]);
        for shell in shells {
            assert_eq!(shell.run(job("true")).await.unwrap().code, 0);
        }
    }
    // A host that allows fewer says so, and the session goes on.
    let Some(sshd) = Sshd::start_with("MaxSessions 1") else {
        return;
    };
    for session in sessions(&sshd.target()).await {
        let shell = session.shell(None).await.unwrap();
        let error = session.shell(None).await.map(drop).unwrap_err();
        assert!(error.to_string().contains("refuse"), "{error}");
        let error = session.run("true", &NONE, LIMIT).await.unwrap_err();
        assert!(error.to_string().contains("refuse"), "{error}");
        assert_eq!(shell.run(job("true")).await.unwrap().code, 0);
    }
}

#[tokio::test]
async fn a_host_that_falls_silent_is_given_up() {
    let Some(sshd) = Sshd::start() else { return };
    let mut target = sshd.target();
    let args = ["-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=2"];
    target.ssh_args.extend(args.map(str::to_owned));
    for (target, by) in carriers(&target) {
        let session = Session::connect(&target).await.unwrap();
        assert_eq!(session.carried_by(), by);
        let shell = session.shell(None).await.unwrap();
        let silence = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            for process in sshd.connections() {
                // It answers no more, as if the cable were pulled.
                run("kill", &["-STOP", &process]);
            }
        };
        let begun = Instant::now();
        let (ran, replied, ()) = tokio::join!(
            session.run("sleep", &["60"], Duration::from_secs(60)),
            shell.run(job("sleep 60")),
            silence
        );
        for error in [ran.unwrap_err(), replied.unwrap_err()] {
            assert!(
                matches!(error, TransportError::Closed { .. }),
                "{by}: {error:?}"
            );
        }
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(8), "{by}: {took:?}");
        for process in sshd.connections() {
            run("kill", &["-KILL", &process]);
        }
    }
}

#[tokio::test]
async fn a_command_whose_connection_dies_fails_at_once() {
    let Some(sshd) = Sshd::start() else { return };
    for (target, by) in carriers(&sshd.target()) {
        let session = Session::connect(&target).await.unwrap();
        let shell = session.shell(None).await.unwrap();
        let kill = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            for process in sshd.connections() {
                run("kill", &["-KILL", &process]);
            }
        };
        let begun = Instant::now();
        let (ran, replied, ()) = tokio::join!(
            session.run("sleep", &["15"], LIMIT),
            shell.run(job("sleep 15")),
            kill
        );
        for error in [ran.unwrap_err(), replied.unwrap_err()] {
            assert!(
                matches!(error, TransportError::Closed { .. }),
                "{by}: {error:?}"
            );
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "{by}");
    }
}

/// A target for each of so many addresses of one server, all pinned.
fn many(sshd: &Sshd, hosts: u32) -> Vec<Target> {
    let key = fs::read_to_string(sshd.path("host.pub")).unwrap();
    let target = sshd.target();
    let first = u32::from(Ipv4Addr::new(127, 1, 0, 1));
    let names = (first..first + hosts).map(|address| Ipv4Addr::from(address).to_string());
    let names: Vec<String> = names.collect();
    let pins: String = names
        .iter()
        .map(|name| format!("[{name}]:{} {key}", sshd.port()))
        .collect();
    fs::write(&target.known_hosts, pins).unwrap();
    let of = |host| Target {
        host,
        connect_timeout: Duration::from_secs(60),
        ..target.clone()
    };
    names.into_iter().map(of).collect()
}

/// Child of the test below.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "only as a process of its own"]
async fn child_five_hundred_hosts() {
    let hosts = 500;
    let lines = "MaxStartups 1000:30:1000\nListenAddress 0.0.0.0";
    let Some(sshd) = Sshd::start_with(lines) else {
        return;
    };
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    // They are all this machine: more at once would wait for its processors.
    let forks = Arc::new(Semaphore::new(32));
    for target in many(&sshd, hosts) {
        let forks = Arc::clone(&forks);
        tasks.spawn(async move {
            let _place = forks.acquire().await.unwrap();
            let session = Session::connect(&target).await.unwrap();
            assert_eq!(session.carried_by(), "russh");
            let shell = session.shell(None).await.unwrap();
            let reply = shell.run(job("echo $0; cat /proc/version")).await.unwrap();
            assert_eq!(reply.code, 0);
            (session, shell)
        });
    }
    let all = tasks.join_all().await;
    let took = begun.elapsed();
    for (_, shell) in &all {
        assert_eq!(shell.run(job("true")).await.unwrap().code, 0);
    }
    let (now, peak) = (status("VmRSS:"), status("VmHWM:"));
    println!(
        "{hosts} hosts connected in {took:?}: {} KiB now, {} KiB at most",
        now >> 10,
        peak >> 10
    );
    assert_eq!(sshd.connections().len(), hosts as usize);
    assert!(peak <= 64 << 20, "{peak} bytes");
    for (session, shell) in all {
        drop(shell);
        session.close().await;
    }
}

#[test]
fn five_hundred_hosts_fit_in_64_mebibytes() {
    if std::env::var_os("SWARMCTL_LIVE").is_none() {
        println!("skipped: 500 hosts (set SWARMCTL_LIVE)");
        return;
    }
    alone("limits::child_five_hundred_hosts");
}

#[tokio::test]
async fn silent_hosts_cost_one_timeout_together_and_hold_up_nobody() {
    let Some(sshd) = Sshd::start() else { return };
    let alive = sshd.target();
    let key = fs::read_to_string(sshd.path("host.pub")).unwrap();
    let (silent, closed) = (TcpListener::bind(("127.0.0.1", 0)).unwrap(), free_port());
    let mut pins = fs::read_to_string(&alive.known_hosts).unwrap();
    let mut tasks = JoinSet::new();
    let mut dead = Vec::new();
    for number in 0..200 {
        let port = match number {
            0 => closed,
            _ => silent.local_addr().unwrap().port(),
        };
        let host = format!("127.0.3.{number}");
        pins.push_str(&format!("[{host}]:{port} {key}"));
        // The kernel accepts for 127.0.0.1 alone: these addresses refuse.
        let host = if number % 2 == 0 {
            host
        } else {
            "127.0.0.1".to_owned()
        };
        dead.push(Target {
            host,
            port: Some(port),
            connect_timeout: Duration::from_secs(12),
            ..alive.clone()
        });
    }
    let name = silent.local_addr().unwrap().port();
    pins.push_str(&format!("[127.0.0.1]:{name} {key}"));
    fs::write(&alive.known_hosts, pins).unwrap();
    let begun = Instant::now();
    for target in dead {
        tasks.spawn(async move { Session::connect(&target).await.map(drop).unwrap_err() });
    }
    tokio::task::yield_now().await;
    let session = Session::connect(&alive).await.unwrap();
    assert_eq!(session.run("true", &NONE, LIMIT).await.unwrap().code, 0);
    let healthy = begun.elapsed();
    let errors = tasks.join_all().await;
    let took = begun.elapsed();
    let timed_out = |error: &&TransportError| matches!(error, TransportError::TimedOut { .. });
    assert_eq!(errors.iter().filter(timed_out).count(), 100);
    assert!(healthy < Duration::from_secs(11), "{healthy:?}");
    assert!(took < Duration::from_secs(22), "{took:?}");
}
