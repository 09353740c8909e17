use std::os::unix::fs::PermissionsExt;

use crate::swarmctl::{FLEET, Run, Swarmctl};

/// Runs with an `ssh` that prints its arguments, one on a line, and exits 7.
fn run(line: &str) -> Run {
    let runner = Swarmctl::new().line(line).fleet(FLEET).fleet([
        ("bin/ssh", "#!/bin/sh\nprintf '%s\\n' \"$@\"\nexit 7\n"),
        (
            "group_vars/agents.yml",
            "ansible_user: swarm\nansible_port: 2222\n",
        ),
    ]);
    let ssh = runner.root().join("bin/ssh");
    std::fs::set_permissions(&ssh, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", runner.root().join("bin").display());
    runner.env("PATH", &path).run()
}

#[test]
fn the_process_becomes_ssh() {
    let login = run("ssh zap");
    assert_eq!(login.code, 7, "ssh's own code comes back: {}", login.all());
    let args: Vec<&str> = login.stdout.lines().collect();
    assert!(
        args.contains(&"192.168.122.182") || args.contains(&"swarm@192.168.122.182"),
        "{args:?}"
    );
    assert!(
        login.stdout.contains("StrictHostKeyChecking=yes"),
        "{args:?}"
    );
    assert!(
        login.stdout.contains("[FLEET]/.swarm/known_hosts"),
        "{args:?}"
    );
    assert!(login.stdout.contains("2222"), "{args:?}");
    assert!(login.stdout.contains("swarm"), "{args:?}");
}

#[test]
fn a_command_and_another_user() {
    let run = run("ssh zap --user root -- systemctl --failed");
    assert!(run.stdout.contains("root"), "{}", run.all());
    assert!(!run.stdout.contains("swarm@"), "{}", run.all());
    assert!(
        run.stdout.ends_with("systemctl --failed\n"),
        "{}",
        run.all()
    );
}

#[test]
fn names_that_can_not_be_meant() {
    let mut all = String::new();
    for line in ["ssh zop", "ssh nobody", "ssh zap uptime"] {
        all.push_str(&format!("$ swarmctl {line}\n{}\n", run(line).all()));
    }
    insta::assert_snapshot!(all);
}
