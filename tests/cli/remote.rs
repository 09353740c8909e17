//! Verbs on hosts that are reached by SSH: a real sshd, the binary as users run it.

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    sshd::{Sshd, run},
    swarmctl::Swarmctl,
};

/// Two hosts that are one sshd, and one where nothing listens.
fn fleet(sshd: &Sshd) -> Swarmctl {
    let target = sshd.target();
    let user = target.user.unwrap();
    let key = sshd.path("user");
    let mut inventory = String::from("all:\n  hosts:\n");
    for (name, port) in [("one", sshd.port()), ("two", sshd.port()), ("dead", 1)] {
        let key = key.display();
        writeln!(
            inventory,
            "    {name}: {{ansible_host: 127.0.0.1, ansible_port: {port}, ansible_user: {user}, \
             ansible_ssh_private_key_file: {key}}}"
        )
        .unwrap();
    }
    let pins = fs::read_to_string(&target.known_hosts).unwrap();
    Swarmctl::new().fleet([
        ("inventory/hosts.yml", inventory.as_str()),
        ("group_vars/all.yml", ""),
        (".swarm/known_hosts", pins.as_str()),
    ])
}

/// Waits until a process is gone.
fn gone(pid: &str) -> bool {
    let begun = Instant::now();
    let process = Path::new("/proc").join(pid);
    while process.exists() && begun.elapsed() < Duration::from_secs(15) {
        thread::sleep(Duration::from_millis(50));
    }
    !process.exists()
}

/// Starts a command that tells its process id and stays, and returns both.
fn staying(runner: &Swarmctl) -> (Child, String) {
    let mut child = runner
        .command()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    let pid = line.trim().strip_prefix("one: ").unwrap_or_else(|| {
        let mut said = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        panic!("{line:?} {said}")
    });
    (child, pid.to_owned())
}

#[test]
fn lines_come_with_the_hosts_name_and_streams_stay_apart() {
    let Some(sshd) = Sshd::start() else { return };
    let run = fleet(&sshd)
        .line("exec one,two --")
        .args(["echo out; echo err >&2; printf end"])
        .run();
    assert_eq!(run.code, 0, "{}", run.all());
    let mut lines: Vec<&str> = run.stdout.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["one: end", "one: out", "two: end", "two: out"]);
    for line in ["one: err", "two: err", "2 hosts: 2 ok"] {
        assert!(run.stderr.contains(line), "{}", run.all());
    }
}

#[test]
fn the_worst_host_decides_the_exit_code() {
    let Some(sshd) = Sshd::start() else { return };
    for (hosts, command, code) in [
        ("one", "true", 0),
        ("one", "exit 3", 1),
        ("one,dead", "true", 4),
        ("one,dead", "kill -9 $$", 1),
    ] {
        let run = fleet(&sshd)
            .line(&format!("exec {hosts} --"))
            .args([command])
            .run();
        assert_eq!(run.code, code, "{hosts} {command}: {}", run.all());
    }
    let run = fleet(&sshd).line("exec one,two,dead -- exit 3").run();
    for text in ["one: exit code 3", "dead: failed to connect", "next: "] {
        assert!(run.stderr.contains(text), "{}", run.all());
    }
}

#[test]
fn words_are_joined_and_read_by_the_shell_over_there() {
    let Some(sshd) = Sshd::start() else { return };
    let run = fleet(&sshd)
        .line("exec one --no-prefix --")
        .args(["echo", "a   b", "$((1 + 1))", "'c   d'"])
        .run();
    assert_eq!((run.code, run.stdout.as_str()), (0, "a b 2 c   d\n"));
}

#[test]
fn bytes_stay_what_they_are() {
    let Some(sshd) = Sshd::start() else { return };
    let every: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    fs::write(sshd.path("bytes"), &every).unwrap();
    let file = sshd.path("bytes").display().to_string();
    let runner = fleet(&sshd).args(["exec", "one", "--no-prefix", "--", "cat", &file]);
    let output = runner.command().output().unwrap();
    assert!(output.status.success());
    assert!(output.stdout == every, "{} bytes", output.stdout.len());
}

#[test]
fn equal_outputs_are_shown_once() {
    let Some(sshd) = Sshd::start() else { return };
    let run = fleet(&sshd).line("exec one,two --group -- echo same").run();
    assert_eq!(run.stdout, "--- one, two (2)\nsame\n", "{}", run.all());
}

#[test]
fn programs_read_what_each_host_wrote_and_how_it_ended() {
    let Some(sshd) = Sshd::start() else { return };
    let run = fleet(&sshd)
        .line("exec one,dead -o json --")
        .args(["echo out; echo err >&2; exit 7"])
        .run();
    assert_eq!(run.code, 1, "{}", run.all());
    let events: Vec<serde_json::Value> = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let find = |key: &str, value: &str| {
        let found = events.iter().find(|event| event[key] == value);
        found.unwrap_or_else(|| panic!("no {key} {value}: {}", run.stdout))
    };
    assert_eq!(find("stream", "stdout")["text"], "out\n");
    assert_eq!(find("stream", "stderr")["text"], "err\n");
    assert_eq!(find("status", "failed")["code"], 7);
    assert_eq!(find("status", "unreachable")["host"], "dead");
    assert_eq!(find("kind", "recap")["exit"], 1);
}

#[test]
fn ctrl_c_ends_the_command_over_there() {
    let Some(sshd) = Sshd::start() else { return };
    let runner = fleet(&sshd)
        .line("exec one --")
        .args(["echo $$; sleep 300"]);
    let (mut child, pid) = staying(&runner);
    assert!(Path::new("/proc").join(&pid).exists());
    run("kill", &["-INT", &child.id().to_string()]);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(gone(&pid), "{pid} goes on");
}

#[test]
fn a_command_that_takes_too_long_is_ended() {
    let Some(sshd) = Sshd::start() else { return };
    let runner = fleet(&sshd)
        .line("exec one --timeout 3 --")
        .args(["echo $$; sleep 300"]);
    let (child, pid) = staying(&runner);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("within 3 seconds") || said.contains("within 3 s"),
        "{said}"
    );
    assert!(gone(&pid), "{pid} goes on");
}

#[test]
fn another_user_runs_it() {
    let Some(sshd) = Sshd::start() else { return };
    if run("id", &["-u"]) != "0" {
        println!("skipped: only root becomes another user without a password");
        return;
    }
    let run = fleet(&sshd)
        .line("exec one --become-user nobody -e ansible_become_method=su --no-prefix --")
        .args(["id -un"])
        .run();
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (0, "nobody\n"),
        "{}",
        run.all()
    );
}

#[test]
fn this_machine_needs_no_connection() {
    let runner = Swarmctl::new()
        .fleet([
            (
                "inventory/hosts.yml",
                "all:\n  hosts:\n    here: {ansible_connection: local}\n",
            ),
            ("group_vars/all.yml", ""),
        ])
        .line("exec here --")
        .args(["echo $((40 + 2)); exit 3"]);
    let run = runner.run();
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (1, "here: 42\n"),
        "{}",
        run.all()
    );
}

#[test]
fn facts_as_table_and_by_ansibles_names() {
    let Some(sshd) = Sshd::start() else { return };
    let kernel = run("uname", &["-r"]);
    let run = fleet(&sshd).line("facts one,dead").run();
    assert_eq!(run.code, 4, "{}", run.all());
    assert!(run.stdout.contains(&kernel), "{}", run.all());
    assert!(
        run.stderr.contains("dead: failed to connect"),
        "{}",
        run.all()
    );
    let run = fleet(&sshd).line("facts one -o json").run();
    let body: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(body["schema"], "swarmctl/facts/1");
    assert_eq!(body["hosts"][0]["facts"]["ansible_kernel"], kernel);
    let run = fleet(&sshd).line("facts one --filter *_kernel").run();
    let line = format!("one   ansible_kernel  {kernel}");
    assert!(run.stdout.contains(&line), "{}", run.all());
    assert_eq!(run.stdout.lines().count(), 2, "{}", run.all());
}

/// A fleet whose instance `zap` is the sshd, with playbooks of its own. A file that
/// only the binary has is read through them.
fn instance(sshd: &Sshd) -> Swarmctl {
    let made = sshd.path("made").display().to_string();
    let target = sshd.target();
    let zap = format!(
        "vm_ip: 192.168.122.182\nansible_host: 127.0.0.1\nansible_port: {}\nansible_user: {}\n\
         ansible_ssh_private_key_file: {}\nmade: {made}\n",
        sshd.port(),
        target.user.unwrap(),
        sshd.path("user").display(),
    );
    let pins = fs::read_to_string(&target.known_hosts).unwrap();
    let book = "- hosts: all\n  gather_facts: false\n  tasks:\n\
                \x20   - file: {path: \"{{ made }}\", state: directory}\n\
                \x20   - copy: {src: \"{{ playbook_dir }}/../cloud-init/meta-data.j2\", dest: \"{{ made }}/copied\"}\n\
                \x20   - template: {src: \"{{ playbook_dir }}/../roles/README.md\", dest: \"{{ made }}/rendered\"}\n";
    Swarmctl::new().fleet([
        (
            "inventory/hosts.yml",
            "all:\n  hosts:\n    zap:\n    mid:\n",
        ),
        ("host_vars/zap.yml", zap.as_str()),
        ("host_vars/mid.yml", "vm_ip: 192.168.122.183\n"),
        ("roles/own/tasks/main.yml", "- ping:\n"),
        ("playbooks/install.yml", book),
        ("playbooks/customize.yml", book),
        (".swarm/known_hosts", pins.as_str()),
    ])
}

#[test]
fn install_and_customize_run_the_fleets_own_playbook_on_instances() {
    let Some(sshd) = Sshd::start() else { return };
    for verb in ["install", "customize"] {
        let made = sshd.path("made");
        if made.exists() {
            fs::remove_dir_all(&made).unwrap();
        }
        let run = instance(&sshd).line(&format!("{verb} zap --check")).run();
        assert_eq!(run.code, 5, "{}", run.all());
        assert!(!made.exists());
        let run = instance(&sshd).line(&format!("{verb} zap")).run();
        assert_eq!(run.code, 0, "{}", run.all());
        assert!(run.stdout.contains("changed=3"), "{}", run.all());
        let copied = fs::read_to_string(made.join("copied")).unwrap();
        assert!(copied.contains("instance-id"), "{copied}");
        let rendered = fs::read_to_string(made.join("rendered")).unwrap();
        assert!(rendered.starts_with("# Roles"), "{rendered}");
        let run = instance(&sshd).line(&format!("{verb} zap --check")).run();
        assert_eq!(run.code, 0, "{}", run.all());
    }
}

#[test]
fn an_instance_that_another_run_holds_is_left_alone() {
    let Some(sshd) = Sshd::start() else { return };
    let runner = instance(&sshd).line("install zap");
    let locks = runner.root().join(".swarm/locks");
    fs::create_dir_all(&locks).unwrap();
    let mut holder = Command::new("flock")
        .arg(locks.join("zap.lock"))
        .args(["-c", "echo held; sleep 60"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(holder.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    let run = runner.run();
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert_eq!(run.code, 75, "{}", run.all());
    assert!(!sshd.path("made").exists());
}

#[test]
fn patterns_that_can_not_be_meant() {
    let Some(sshd) = Sshd::start() else { return };
    for (line, code) in [
        ("exec none -- true", 3),
        ("exec one", 2),
        ("exec one --group --no-prefix -- true", 2),
        ("facts none", 3),
        ("install one", 3),
    ] {
        let run = fleet(&sshd).line(line).run();
        assert_eq!(run.code, code, "{line}: {}", run.all());
    }
    for line in ["exec zap -- true", "facts zap", "install zap"] {
        let run = instance(&sshd)
            .args(["-e", "vm_vcpus=two"])
            .line(line)
            .run();
        assert_eq!(run.code, 3, "{line}: {}", run.all());
        assert!(run.stderr.contains("vm_vcpus"), "{line}: {}", run.all());
    }
}
