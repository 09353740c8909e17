//! Real systemd hosts: they restart, refuse, and take back what shuts swarmctl out.

use std::{
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use crate::rig::Rig;

const HEAD: &str = "- hosts: one\n  gather_facts: false\n  tasks:\n";

#[test]
fn a_host_restarts_and_the_play_goes_on() {
    let Some(rig) = Rig::start(1) else { return };
    let before = rig.ssh("cat /proc/sys/kernel/random/boot_id");
    let book = format!(
        "{HEAD}    - {{reboot: {{reboot_timeout: 90}}, register: r}}\n    \
         - {{command: cat /proc/sys/kernel/random/boot_id, register: now}}\n    \
         - assert: {{that: [r.rebooted, r.changed, r.elapsed >= 1, now.stdout != '{before}']}}\n"
    );
    let checked = rig.play(&book, &["--check"]);
    assert_eq!(checked.word("reboot"), "changed");
    assert_eq!(rig.ssh("cat /proc/sys/kernel/random/boot_id"), before);
    rig.play(&book, &[]).code(0);
    // One that never restarts.
    let book = format!("{HEAD}    - reboot: {{reboot_command: 'true', reboot_timeout: 3}}\n");
    let ran = rig.play(&book, &[]).code(1);
    ran.has("did not restart within 3 s");
    let book = format!(
        "{HEAD}    - reboot: {{reboot_command: 'systemctl stop ssh', reboot_timeout: 3, connect_timeout: 1}}\n"
    );
    rig.play(&book, &[]).code(1).has("refused");
}

#[test]
fn who_may_not_become_root_is_told_why() {
    let Some(rig) = Rig::start(2) else { return };
    rig.ssh("useradd -m -s /bin/sh plain; usermod -p '*' plain; install -d -o plain -m 700 ~plain/.ssh; cp ~root/.ssh/authorized_keys ~plain/.ssh/; chown plain ~plain/.ssh/authorized_keys");
    rig.hosts("plain");
    let book = format!("{HEAD}    - {{command: id, become: true}}\n");
    let ran = rig.play(&book, &[]).code(1);
    ran.has("become root")
        .has("sudo")
        .has("ansible_become_password");
    rig.ssh("mv /usr/bin/sudo /usr/bin/sudo.away");
    rig.play(&book, &[])
        .code(1)
        .has("sudo is not installed")
        .has("ansible_become_method");
    rig.ssh("mv /usr/bin/sudo.away /usr/bin/sudo; echo 'plain ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/plain");
    rig.play(&book, &[]).code(0);
    // No room for what a program says, anywhere.
    rig.ssh("for d in /dev/shm /tmp /var/tmp; do mount -t tmpfs -o ro none $d; done");
    rig.play(&book, &[])
        .code(4)
        .has("no space is left, or nothing is writable")
        .has("df -h");
}

/// Makes sshd let nobody in.
const SHUT: &str = "    - {name: bad, lineinfile: {path: /etc/ssh/sshd_config, line: AllowUsers nobody, insertbefore: BOF}, notify: restart}\n  handlers:\n    - {name: restart, service: {name: ssh, state: restarted}}\n";

#[test]
fn what_shuts_us_out_is_taken_back() {
    let Some(rig) = Rig::start(3) else { return };
    let old = rig.read("/etc/ssh/sshd_config");

    // A good change is confirmed and stays.
    let good = format!(
        "{HEAD}    - {{lineinfile: {{path: /etc/ssh/sshd_config, line: MaxAuthTries 5, insertbefore: BOF}}, notify: restart}}\n  handlers:\n    - {{name: restart, service: {{name: ssh, state: restarted}}}}\n"
    );
    let begun = Instant::now();
    rig.play(&good, &[]).code(0);
    println!("a good change took {:?}", begun.elapsed());
    assert!(
        rig.read("/etc/ssh/sshd_config")
            .starts_with("MaxAuthTries 5")
    );
    let again = rig.play(&good, &[]).code(0);
    assert!(!again.stdout.contains("changed: [one]"));
    let left = rig.ssh("ls /run/swarmctl-dead-man/*; pgrep -fc '[d]ead-man.*back' || true");
    assert!(!left.contains("saved"), "{left}");

    // A bad one is not, though the file came before the restart.
    let good = rig.read("/etc/ssh/sshd_config");
    assert_ne!(good, old);
    let begun = Instant::now();
    let ran = rig
        .play(
            &format!("{HEAD}{SHUT}"),
            &["-e", "{swarmctl_dead_man_seconds: 8}"],
        )
        .code(1);
    assert!(
        begun.elapsed() < Duration::from_secs(40),
        "{:?}",
        begun.elapsed()
    );
    ran.has("no fresh connection worked within 8 s")
        .has("took it back and answers again");
    assert_eq!(rig.read("/etc/ssh/sshd_config"), good);
    rig.ssh("true");

    // Nor is one whose author was killed.
    let mut child = rig
        .command(
            &format!("{HEAD}{SHUT}"),
            &["-e", "{swarmctl_dead_man_seconds: 6}"],
        )
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while !rig.read("/etc/ssh/sshd_config").starts_with("AllowUsers") {
        assert!(begun.elapsed() < Duration::from_secs(20));
        thread::sleep(Duration::from_millis(20));
    }
    // The restart comes behind; it is killed while nobody is let in.
    thread::sleep(Duration::from_millis(1500));
    child.kill().unwrap();
    child.wait().unwrap();
    let begun = Instant::now();
    while rig.read("/etc/ssh/sshd_config") != good {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "it was not taken back"
        );
        thread::sleep(Duration::from_millis(100));
    }
    thread::sleep(Duration::from_secs(2));
    rig.ssh("true");

    // And where it is not wanted, it is not.
    let off = format!(
        "{HEAD}    - {{lineinfile: {{path: /etc/ssh/sshd_config, line: MaxAuthTries 4, insertbefore: BOF}}}}\n"
    );
    rig.play(&off, &["-e", "{swarmctl_dead_man: false}"])
        .code(0);
}

#[test]
fn a_firewall_that_shuts_us_out_is_opened_again() {
    let Some(rig) = Rig::start_with(4, &["--packages", "ufw"]) else {
        return;
    };
    let head = format!("{HEAD}    - {{ufw: {{default: deny, direction: incoming}}}}\n");
    let enable = "    - {name: enable, ufw: {state: enabled}}\n";
    let allow = "    - {name: allow, command: ufw allow 22/tcp}\n";
    let seconds = ["-e", "{swarmctl_dead_man_seconds: 6}"];
    let ran = rig.play(&format!("{head}{enable}"), &seconds).code(1);
    ran.has("change of the firewall")
        .has("took it back and answers again");
    assert_eq!(rig.ssh("ufw status"), "Status: inactive");
    let ran = rig
        .play(&format!("{head}{allow}{enable}"), &seconds)
        .code(0);
    assert_eq!(ran.word("enable"), "changed");
    assert!(rig.ssh("ufw status").starts_with("Status: active"));
    let again = rig.play(&format!("{head}{enable}"), &seconds).code(0);
    assert!(!again.stdout.contains("changed: [one]"));
}
