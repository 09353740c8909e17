//! From a fresh host to a gateway that is ready, and what can go wrong with it afterwards.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use super::host::Host;

/// What came before the pinned version and still runs with the same Node.js.
const OLDER: &str = "openclaw_version=2026.8.2";
const PINNED: &str = "2026.9.6";

/// One host for all of it, since each of these needs what the one before left.
#[test]
fn install_update_and_ways_back() {
    let Some(host) = Host::start() else { return };
    check_mode_touches_nothing(&host);
    a_fresh_host_gets_a_gateway(&host);
    a_second_run_changes_nothing(&host, &["-e", OLDER]);
    a_bad_configuration_is_refused(&host);
    a_configuration_that_does_not_start_is_taken_back(&host);
    host.claw("openclaw cron add --name kept --every 12h --system-event hello --json");
    an_update_keeps_the_state(&host);
    a_version_that_is_none_touches_nothing(&host);
    an_update_that_ruins_the_state_is_taken_back(&host);
    an_update_that_never_gets_ready_is_taken_back(&host);
    an_update_that_was_cut_off_is_taken_back(&host);
    customize_and_its_second_run(&host);
    a_reboot_brings_it_back(&host);
    a_second_run_changes_nothing(&host, &[]);
}

fn check_mode_touches_nothing(host: &Host) {
    let run = host.play("install.yml", &["--check"]);
    assert_eq!(run.code, 5, "a fresh host has much to change");
    assert_eq!(run.count("failed"), 0);
    // More can't be predicted before there are packages and a user, and it says so.
    assert!(run.count("changed") > 10);
    host.sh("! id openclaw 2>/dev/null && ! command -v ufw && test ! -e /opt/openclaw");
}

fn a_fresh_host_gets_a_gateway(host: &Host) {
    let run = host.play("install.yml", &["-e", OLDER]);
    assert_eq!((run.code, run.count("failed")), (0, 0));
    host.ready_run();
    assert!(host.claw("openclaw --version").contains("2026.8.2"));
    assert_eq!(
        host.claw("systemctl --user is-enabled openclaw-gateway.service"),
        "enabled"
    );
    // The token: made there, the user's alone, and nowhere to be seen.
    let token = host.sh("cat /home/openclaw/.openclaw/gateway-token");
    assert_eq!(token.len(), 64);
    assert!(!run.text.contains(&token));
    assert_eq!(
        host.sh("cd /home/openclaw/.openclaw && stat -c '%U %a' gateway-token openclaw.json fleet.json | sort -u"),
        "openclaw 600"
    );
    host.sh("! grep -qaFf /home/openclaw/.openclaw/gateway-token /proc/[0-9]*/cmdline");
    host.sh("visudo -cq && ufw status | grep -q '^22/tcp .*ALLOW' && fail2ban-client status sshd >/dev/null");
    assert_eq!(host.sh("stat -c %U /opt/openclaw/current/"), "root");
}

fn a_second_run_changes_nothing(host: &Host, args: &[&str]) {
    let before = host.ready_run();
    let run = host.play("install.yml", args);
    assert_eq!((run.code, run.count("changed")), (0, 0));
    let run = host.play("install.yml", &[args, &["--check"]].concat());
    assert_eq!((run.code, run.count("changed")), (0, 0));
    assert_eq!(host.ready_run(), before, "the gateway was restarted");
}

fn a_bad_configuration_is_refused(host: &Host) {
    let sums = "cd /home/openclaw/.openclaw && sha256sum openclaw.json fleet.json";
    let before = (host.ready_run(), host.sh(sums));
    let bad = r#"{"openclaw_config": {"gateway": {"nonsense": 1}}}"#;
    let run = host.play(
        "install.yml",
        &["-t", "gateway,nodejs,openclaw", "-e", OLDER, "-e", bad],
    );
    assert_eq!(run.code, 1);
    assert!(run.text.contains("OpenClaw refuses this configuration"));
    assert!(run.text.contains("nonsense"), "what is wrong with it");
    assert_eq!((host.ready_run(), host.sh(sums)), before);
}

/// OpenClaw finds nothing wrong with it, but there is no such address to listen at.
fn a_configuration_that_does_not_start_is_taken_back(host: &Host) {
    let sums =
        "cd /home/openclaw/.openclaw && sha256sum fleet.json; grep -c 10.1.1.1 openclaw.json; true";
    let before = host.sh(sums);
    let bad =
        r#"{"openclaw_config": {"gateway": {"bind": "custom", "customBindHost": "10.1.1.1"}}}"#;
    let run = host.play(
        "install.yml",
        &["-t", "gateway,nodejs,openclaw", "-e", OLDER, "-e", bad],
    );
    assert_eq!(run.code, 1);
    assert!(run.text.contains("the new configuration was taken back"));
    assert!(run.text.contains("the gateway is ready again"));
    host.ready_run();
    assert_eq!(host.sh(sums), before);
}

fn an_update_keeps_the_state(host: &Host) {
    let run = host.play("install.yml", &[]);
    assert_eq!((run.code, run.count("failed")), (0, 0));
    is_the_pinned_version_with_its_state(host);
}

fn is_the_pinned_version_with_its_state(host: &Host) {
    host.ready_run();
    assert!(host.claw("openclaw --version").contains(PINNED));
    assert_eq!(host.sh("readlink /opt/openclaw/current"), PINNED);
    let jobs = host.claw("openclaw cron list --json");
    assert!(jobs.contains("\"kept\""), "the cron job is gone: {jobs}");
}

fn a_version_that_is_none_touches_nothing(host: &Host) {
    let before = host.ready_run();
    let run = host.play(
        "install.yml",
        &["-t", "openclaw", "-e", "openclaw_version=2026.9.99"],
    );
    assert_eq!(run.code, 1);
    assert!(
        run.text
            .contains("No matching version found for openclaw@2026.9.99")
    );
    assert_eq!(host.ready_run(), before, "the gateway was restarted");
}

/// Makes a package that is OpenClaw by name only, of this version.
fn fake(host: &Host, version: &str, program: &str) -> Vec<String> {
    host.sh(&format!(
        "mkdir -p /tmp/fake && cd /tmp/fake
         echo '{{\"name\":\"openclaw\",\"version\":\"{version}\",\"bin\":{{\"openclaw\":\"openclaw.mjs\"}}}}' > package.json
         printf '#!/usr/bin/env node\\n%s\\n' '{program}' > openclaw.mjs
         npm pack --silent"
    ));
    ["-t", "openclaw"]
        .map(str::to_owned)
        .into_iter()
        .chain([
            "-e".to_owned(),
            format!("openclaw_version={version} openclaw_package=/tmp/fake/openclaw-{version}.tgz openclaw_ready_timeout=20"),
        ])
        .collect()
}

fn an_update_that_ruins_the_state_is_taken_back(host: &Host) {
    let ruin = "import fs from \"node:fs\";
        fs.rmSync(\"/home/openclaw/.openclaw/state\", { recursive: true });
        fs.writeFileSync(\"/home/openclaw/.openclaw/openclaw.json\", \"{}\");
        console.error(\"broken on purpose\");
        process.exit(78);";
    let args = fake(host, "2099.1.1", ruin);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let run = host.play("install.yml", &args);
    assert_eq!((run.code, run.count("rescued")), (1, 1));
    for why in [
        "the update from 2026.9.6 to 2099.1.1 was taken back: the gateway ended",
        "last exit status 78",
        "broken on purpose",
        "OpenClaw 2026.9.6 is ready again, with the state it had",
    ] {
        assert!(run.text.contains(why), "not said: {why}");
    }
    is_the_pinned_version_with_its_state(host);
    host.sh("test ! -e /opt/openclaw/2099.1.1");
}

fn an_update_that_never_gets_ready_is_taken_back(host: &Host) {
    let args = fake(host, "2099.1.2", "setInterval(() => {}, 1000);");
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let run = host.play("install.yml", &args);
    assert_eq!((run.code, run.count("rescued")), (1, 1));
    assert!(run.text.contains("the gateway did not get ready in time"));
    is_the_pinned_version_with_its_state(host);
}

/// What a swarmctl leaves that was killed in the middle of an update, made by hand.
fn an_update_that_was_cut_off_is_taken_back(host: &Host) {
    host.sh(
        "cd /opt/openclaw && mkdir 2099.1.3 && ln -sfn 2026.9.6 updating-from && ln -sfn 2099.1.3 current
         rm -r /home/openclaw/.openclaw/state",
    );
    let run = host.play("install.yml", &["-t", "openclaw"]);
    assert_eq!((run.code, run.count("failed")), (0, 0));
    is_the_pinned_version_with_its_state(host);
    host.sh("test ! -e /opt/openclaw/updating-from && rm -rf /opt/openclaw/2099.1.3");
}

fn customize_and_its_second_run(host: &Host) {
    let args = ["-e", "customize_timezone=Europe/Berlin"];
    let run = host.play("customize.yml", &[&args[..], &["--check"]].concat());
    assert_eq!((run.code, run.count("failed")), (5, 0));
    let run = host.play("customize.yml", &args);
    assert_eq!((run.code, run.count("failed")), (0, 0));
    assert_eq!(
        host.sh("cat /proc/sys/vm/swappiness; date +%Z")
            .lines()
            .next(),
        Some("10")
    );
    let again = host.play("customize.yml", &args);
    assert_eq!((again.code, again.count("changed")), (0, 0));
}

fn a_reboot_brings_it_back(host: &Host) {
    let before = host.ready_run();
    host.reboot();
    let deadline = Instant::now() + Duration::from_secs(120);
    while !host.is_ready() {
        assert!(Instant::now() < deadline, "no gateway after the reboot");
        sleep(Duration::from_secs(1));
    }
    assert_ne!(host.ready_run(), before);
    is_the_pinned_version_with_its_state(host);
    host.sh("ufw status | grep -q '^Status: active' && systemctl is-active docker fail2ban");
}
