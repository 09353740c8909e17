use serde_json::json;

use crate::host::each_with_etc;

fn line(text: &str, name: &str) -> String {
    text.lines()
        .find(|line| line.starts_with(&format!("{name}:")))
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn users_and_groups_are_made_changed_and_removed() {
    each_with_etc(|host| {
        let both = |module: &str, args: serde_json::Value| {
            let before =
                host.read("etc/passwd") + &host.read("etc/group") + &host.read("etc/shadow");
            let predicted = host.check(module, args.clone());
            assert!(
                predicted.changed && !predicted.failed,
                "{args} {predicted:?}"
            );
            let now = host.read("etc/passwd") + &host.read("etc/group") + &host.read("etc/shadow");
            assert_eq!(before, now, "{args}: check mode changed something");
            let first = host.run(module, args.clone());
            assert!(first.changed && !first.failed, "{args} {first:?}");
            let second = host.run(module, args.clone());
            assert!(!second.changed && !second.failed, "{args} {second:?}");
            assert!(!host.check(module, args.clone()).changed, "{args}");
            second
        };
        both("group", json!({"name": "crew", "gid": 4711}));
        assert!(host.read("etc/group").contains("crew:x:4711:"));
        both("group", json!({"name": "crew", "gid": 4712}));
        both("group", json!({"name": "other", "system": true}));
        let made = both(
            "user",
            json!({
                "name": "claw", "groups": "crew,other", "shell": "/bin/bash", "comment": "A Claw",
                "home": "{dir}/home/claw", "password": "$6$salt$hash", "uid": 4801,
            }),
        );
        assert_eq!(made.data["uid"], 4801);
        assert_eq!(made.data["password"], "NOT_LOGGING_PASSWORD");
        assert!(host.path("home/claw").is_dir());
        assert!(line(&host.read("etc/shadow"), "claw").starts_with("claw:$6$salt$hash:"));
        both(
            "user",
            json!({"name": "claw", "groups": ["other"], "home": "{dir}/home/claw"}),
        );
        assert_eq!(line(&host.read("etc/group"), "crew"), "crew:x:4712:");
        both(
            "user",
            json!({"name": "claw", "groups": ["crew"], "append": true, "home": "{dir}/home/claw"}),
        );
        assert!(line(&host.read("etc/group"), "other").ends_with(":claw"));
        both(
            "user",
            json!({"name": "claw", "password_lock": true, "home": "{dir}/home/claw"}),
        );
        assert!(line(&host.read("etc/shadow"), "claw").starts_with("claw:!$6$"));
        both(
            "user",
            json!({"name": "claw", "shell": "/bin/sh", "comment": "", "expires": 1_700_000_000, "password_expire_max": 90, "home": "{dir}/home/claw"}),
        );
        assert!(line(&host.read("etc/shadow"), "claw").contains(":90:"));
        assert!(line(&host.read("etc/shadow"), "claw").ends_with(":19675:"));
        let keyed = both(
            "user",
            json!({"name": "claw", "generate_ssh_key": true, "ssh_key_type": "ed25519", "ssh_key_comment": "it's \"mine\"", "home": "{dir}/home/claw"}),
        );
        assert!(
            keyed.data["ssh_public_key"]
                .as_str()
                .unwrap()
                .ends_with("it's \"mine\"")
        );
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAA me@here";
        both("authorized_key", json!({"user": "claw", "key": key}));
        assert_eq!(
            host.read("home/claw/.ssh/authorized_keys"),
            format!("{key}\n")
        );
        assert_eq!(host.mode("home/claw/.ssh/authorized_keys"), 0o600);
        both(
            "authorized_key",
            json!({"user": "claw", "key": key, "key_options": "no-pty"}),
        );
        both(
            "authorized_key",
            json!({"user": "claw", "key": key, "state": "absent"}),
        );
        let nobody = host.check("authorized_key", json!({"user": "nobody-yet", "key": key}));
        assert!(nobody.changed && nobody.warnings.len() == 1);
        assert!(
            host.run("authorized_key", json!({"user": "nobody-yet", "key": key}))
                .failed
        );
        assert!(
            host.run("user", json!({"name": "claw", "groups": "no-such-group"}))
                .failed
        );
        both(
            "user",
            json!({"name": "claw", "state": "absent", "remove": true}),
        );
        assert!(!host.path("home/claw").exists());
        both("group", json!({"name": "crew", "state": "absent"}));
    });
}
