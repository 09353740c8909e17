//! Tasks of the modules beyond files, and where we differ on purpose.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command, sync::OnceLock};

use serde_json::{Value, json};

pub fn tasks() -> Vec<(&'static str, Value)> {
    let mut all: Vec<(&str, Value)> = Vec::new();
    let mut t = |module: &'static str, args: Value| all.push((module, args));
    t("ping", json!({}));
    t("group", json!({"name": "crew", "gid": 4711}));
    t(
        "group",
        json!({"name": "crew2", "system": true, "gid": 711}),
    );
    t("group", json!({"name": "daemon", "state": "present"}));
    t(
        "user",
        json!({"name": "claw", "uid": 4801, "groups": "daemon,bin", "shell": "/bin/bash", "home": "{dir}/home/claw", "comment": "A Claw", "password": "$6$salt$hash"}),
    );
    t(
        "user",
        json!({"name": "claw", "groups": "daemon", "home": "{dir}/home/claw"}),
    );
    t(
        "user",
        json!({"name": "claw", "groups": "mail", "append": true, "home": "{dir}/home/claw", "shell": "/bin/sh"}),
    );
    t(
        "user",
        json!({"name": "claw", "groups": "", "home": "{dir}/home/claw"}),
    );
    t(
        "user",
        json!({"name": "claw", "password_lock": true, "home": "{dir}/home/claw"}),
    );
    t(
        "user",
        json!({"name": "claw", "password": "$6$other$hash", "update_password": "on_create", "home": "{dir}/home/claw"}),
    );
    t(
        "user",
        json!({"name": "svc", "uid": 702, "system": true, "create_home": false, "home": "/nonexistent", "shell": "/usr/sbin/nologin"}),
    );
    t("user", json!({"name": "games", "state": "absent"}));
    t("group", json!({"name": "crew", "state": "absent"}));
    t(
        "cron",
        json!({"name": "a job", "cron_file": "swarm", "user": "root", "minute": "5", "hour": "*/2", "job": "true \"%\""}),
    );
    t(
        "cron",
        json!({"name": "a job", "cron_file": "swarm", "user": "root", "special_time": "daily", "job": "true"}),
    );
    t(
        "cron",
        json!({"name": "PATH", "env": true, "cron_file": "swarm", "user": "root", "job": "/bin"}),
    );
    t(
        "cron",
        json!({"name": "no job", "cron_file": "swarm", "user": "root", "state": "absent"}),
    );
    t("find", json!({"paths": "{dir}/tree", "recurse": true}));
    t(
        "find",
        json!({"paths": "{dir}", "patterns": "s*", "file_type": "link"}),
    );
    t(
        "find",
        json!({"paths": "{dir}", "patterns": ["^l", "o"], "use_regex": true, "file_type": "any"}),
    );
    t("slurp", json!({"src": "{dir}/latin"}));
    t("slurp", json!({"src": "{dir}/none"}));
    t(
        "get_url",
        json!({"url": "file://{dir}/target3", "dest": "{dir}/fetched", "mode": "0600"}),
    );
    t(
        "known_hosts",
        json!({"name": "h", "key": "h ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIyj4q0hRq2kHaVIDpsGDAmVS2cvHyvaIyTZXmKcvL8H", "path": "{dir}/known"}),
    );
    t(
        "git",
        json!({"repo": "{dir}/repo", "dest": "{dir}/checkout", "version": "main"}),
    );
    t(
        "git",
        json!({"repo": "{dir}/repo", "dest": "{dir}/checkout", "version": "v1"}),
    );
    t(
        "git",
        json!({"repo": "{dir}/repo", "dest": "{dir}/checkout", "version": "nope"}),
    );
    t(
        "unarchive",
        json!({"src": "{dir}/pack.tar", "dest": "{dir}/unpacked", "remote_src": true}),
    );
    t(
        "unarchive",
        json!({"src": "{dir}/pack.tar", "dest": "{dir}/no/where", "remote_src": true}),
    );
    t("getent", json!({"database": "passwd", "key": "root"}));
    t(
        "getent",
        json!({"database": "passwd", "key": "nobody-at-all"}),
    );
    t("wait_for", json!({"path": "{dir}/old"}));
    t("command", json!({"_raw_params": "id -un"}));
    all
}

pub fn prepare(dir: &Path) {
    let script = r#"
        set -e
        cd "$0"
        mkdir repo unpacked pack
        echo 1 >pack/f; tar -cf pack.tar pack; rm -r pack
        cd repo
        git init -q -b main
        echo 1 >f
        git add f
        export GIT_AUTHOR_DATE='2020-01-01T00:00:00Z' GIT_COMMITTER_DATE='2020-01-01T00:00:00Z'
        git -c user.name=t -c user.email=t@t commit -qm 1
        git -c user.name=t -c user.email=t@t tag v1
        echo 2 >f
        git -c user.name=t -c user.email=t@t commit -qam 2
    "#;
    let made = Command::new("sh")
        .args(["-c", script])
        .arg(dir)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
}

/// Returns the search path of both sides, with a crontab for Ansible's module to find.
pub fn path() -> String {
    static TOOLS: OnceLock<tempfile::TempDir> = OnceLock::new();
    let tools = TOOLS.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let tool = dir.path().join("crontab");
        fs::write(&tool, "#!/bin/sh\nexit 0\n").unwrap();
        fs::set_permissions(tool, fs::Permissions::from_mode(0o755)).unwrap();
        dir
    });
    format!(
        "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:{}",
        tools.path().display()
    )
}

/// Returns true for the tasks whose outcome differs on purpose (docs/differences.md).
pub fn on_purpose(module: &str, args: &Value, pass: &str) -> bool {
    match module {
        // We say what the state would be, Ansible what it still is.
        "file" => args["state"] == "absent" && pass == "check",
        // We look whether the version is there.
        "git" => args["version"] == "nope" && pass == "check",
        // Ansible skips it where tar is GNU's.
        "unarchive" => pass == "check",
        _ => false,
    }
}
