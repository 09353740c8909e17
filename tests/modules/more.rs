use serde_json::{Value, json};

use crate::host::{each, each_with_etc};

#[test]
fn find_filters_by_name_kind_and_size() {
    each(|host| {
        std::fs::create_dir_all(host.path("t/sub dir")).unwrap();
        host.write("t/a.log", "12345");
        host.write("t/b.txt", "1");
        host.write("t/.hidden.log", "");
        host.write("t/sub dir/c.log", "x");
        let names = |args: Value| -> Vec<String> {
            let found = host.run("find", args);
            assert!(!found.failed && !found.changed, "{found:?}");
            let mut names: Vec<String> = found.data["files"]
                .as_array()
                .unwrap()
                .iter()
                .map(|file| {
                    file["path"]
                        .as_str()
                        .unwrap()
                        .rsplit('/')
                        .next()
                        .unwrap()
                        .to_owned()
                })
                .collect();
            names.sort();
            assert_eq!(found.data["matched"], names.len());
            names
        };
        assert_eq!(names(json!({"paths": "{dir}/t"})), ["a.log", "b.txt"]);
        assert_eq!(
            names(json!({"paths": "{dir}/t", "patterns": "*.log", "recurse": true})),
            ["a.log", "c.log"]
        );
        assert_eq!(
            names(
                json!({"paths": "{dir}/t", "patterns": "^.*\\.(log|txt)$", "use_regex": true, "excludes": ["b"], "hidden": true})
            ),
            [".hidden.log", "a.log"]
        );
        assert_eq!(names(json!({"paths": "{dir}/t", "size": "2"})), ["a.log"]);
        assert_eq!(
            names(json!({"paths": "{dir}/t", "file_type": "directory"})),
            ["sub dir"]
        );
        let sums = host.run(
            "find",
            json!({"paths": ["{dir}/t", "{dir}/none"], "patterns": "b.txt", "get_checksum": true}),
        );
        assert_eq!(
            sums.data["files"][0]["checksum"],
            "356a192b7913b04c54574d18c28d46e6395428ab"
        );
        assert_eq!(sums.warnings.len(), 1);
    });
}

#[test]
fn cron_files_and_ini_files() {
    each(|host| {
        host.converges("cron", json!({"name": "back up", "cron_file": "{dir}/job", "user": "root", "minute": "5", "job": "it's \"done\" %"}));
        assert_eq!(
            host.read("job"),
            "#Ansible: back up\n5 * * * * root it's \"done\" %\n"
        );
        host.converges("cron", json!({"name": "back up", "cron_file": "{dir}/job", "user": "root", "special_time": "daily", "job": "x", "disabled": true}));
        host.converges("cron", json!({"name": "MAILTO", "env": true, "cron_file": "{dir}/job", "user": "root", "job": "me"}));
        assert_eq!(
            host.read("job"),
            "MAILTO=\"me\"\n#Ansible: back up\n#@daily root x\n"
        );
        host.converges(
            "cron",
            json!({"name": "back up", "cron_file": "{dir}/job", "state": "absent"}),
        );
        host.converges("ini_file", json!({"path": "{dir}/x.ini", "section": "a", "option": "k", "value": "v", "mode": "0600"}));
        // As Ansible begins a new file.
        assert_eq!(host.read("x.ini"), "\n[a]\nk = v\n");
        host.converges("ini_file", json!({"path": "{dir}/x.ini", "section": "a", "option": "k", "value": "w", "no_extra_spaces": true}));
        host.converges(
            "ini_file",
            json!({"path": "{dir}/x.ini", "section": "a", "state": "absent"}),
        );
    });
}

#[test]
fn archives_are_packed_and_unpacked() {
    each(|host| {
        std::fs::create_dir_all(host.path("in/sub")).unwrap();
        host.write("in/f", "1");
        host.write("in/sub/g h", "2");
        host.converges(
            "archive",
            json!({"path": "{dir}/in", "dest": "{dir}/out.tar.gz"}),
        );
        std::fs::create_dir_all(host.path("unpacked")).unwrap();
        host.converges(
            "unarchive",
            json!({"src": "{dir}/out.tar.gz", "dest": "{dir}/unpacked", "remote_src": true}),
        );
        assert_eq!(host.read("unpacked/in/sub/g h"), "2");
        host.write("unpacked/in/f", "changed");
        host.converges(
            "unarchive",
            json!({"src": "{dir}/out.tar.gz", "dest": "{dir}/unpacked", "remote_src": true}),
        );
        assert_eq!(host.read("unpacked/in/f"), "1");
        std::fs::create_dir_all(host.path("files")).unwrap();
        std::fs::copy(host.path("out.tar.gz"), host.path("files/local.tgz")).unwrap();
        std::fs::create_dir_all(host.path("third")).unwrap();
        let first = host.run(
            "unarchive",
            json!({"src": "local.tgz", "dest": "{dir}/third"}),
        );
        assert!(first.changed && !first.failed, "{first:?}");
        assert!(
            !host
                .run(
                    "unarchive",
                    json!({"src": "local.tgz", "dest": "{dir}/third"})
                )
                .changed
        );
        let skipped = host.run(
            "unarchive",
            json!({"src": "local.tgz", "dest": "{dir}/third", "creates": "{dir}/third/in"}),
        );
        assert!(skipped.skipped && host.runs.get() == 1);
    });
}

#[test]
fn facts_are_gathered() {
    each(|host| {
        let gathered = host.run("setup", json!({}));
        let facts = &gathered.facts;
        assert_eq!(facts["ansible_system"], "Linux");
        assert!(facts["ansible_memtotal_mb"].as_i64().unwrap() > 0);
        assert!(facts["ansible_processor_vcpus"].as_i64().unwrap() > 0);
        assert!(facts["ansible_date_time"]["epoch"].as_str().unwrap().len() >= 10);
        assert_eq!(
            facts["ansible_env"]["HOME"],
            host.dir.path().to_str().unwrap()
        );
        let size = serde_json::to_string(facts).unwrap().len();
        assert!(size < 20_000, "{size}");
        let one = host.run("setup", json!({"filter": "ansible_distribution*"}));
        assert!(
            one.facts
                .keys()
                .all(|name| name.starts_with("ansible_distribution"))
        );
        assert!(!one.facts.is_empty());
        let packages = host.run("package_facts", json!({}));
        assert!(
            packages.facts["packages"]
                .as_object()
                .unwrap()
                .contains_key("dash")
        );
        assert!(host.run("service_facts", json!({})).facts["services"].is_object());
        let found = host.run("getent", json!({"database": "passwd", "key": "root"}));
        assert_eq!(found.facts["getent_passwd"]["root"][1], "0");
        assert!(
            host.run(
                "getent",
                json!({"database": "passwd", "key": "nobody-at-all"})
            )
            .failed
        );
    });
}

#[test]
fn known_hosts_and_git_config() {
    each(|host| {
        host.converges(
            "known_hosts",
            json!({"name": "h", "key": "h ssh-ed25519 AAAA", "path": "{dir}/ssh/known_hosts"}),
        );
        host.converges(
            "known_hosts",
            json!({"name": "h", "key": "h ssh-ed25519 BBBB", "path": "{dir}/ssh/known_hosts"}),
        );
        assert_eq!(host.read("ssh/known_hosts"), "h ssh-ed25519 BBBB\n");
        host.converges(
            "known_hosts",
            json!({"name": "h", "state": "absent", "path": "{dir}/ssh/known_hosts"}),
        );
        host.converges(
            "git_config",
            json!({"name": "user.name", "value": "it's me", "scope": "global"}),
        );
        host.converges(
            "git_config",
            json!({"name": "user.name", "state": "absent", "scope": "global"}),
        );
    });
}

#[test]
fn etc_is_kept() {
    each_with_etc(|host| {
        let twice = |module: &str, args: Value| {
            let predicted = host.check(module, args.clone());
            assert!(
                predicted.changed && !predicted.failed,
                "{args} {predicted:?}"
            );
            let first = host.run(module, args.clone());
            assert!(first.changed && !first.failed, "{args} {first:?}");
            let second = host.run(module, args.clone());
            assert!(!second.changed && !second.failed, "{args} {second:?}");
            assert!(!host.check(module, args).changed);
        };
        twice(
            "apt_repository",
            json!({"repo": "deb [arch=amd64] https://download.example.org/linux/debian bookworm stable", "update_cache": false}),
        );
        assert!(
            host.path("etc/apt/sources.list.d/download_example_org_linux_debian.list")
                .exists()
        );
        twice(
            "apt_repository",
            json!({"repo": "deb [arch=amd64]  https://download.example.org/linux/debian bookworm stable", "update_cache": false, "state": "absent"}),
        );
        let key = "-----BEGIN PGP PUBLIC KEY BLOCK-----\nabc\n-----END PGP PUBLIC KEY BLOCK-----";
        twice(
            "deb822_repository",
            json!({"name": "example", "uris": "https://example.org/apt", "suites": ["stable"], "components": ["main"], "signed_by": key, "enabled": true}),
        );
        assert_eq!(
            host.read("etc/apt/sources.list.d/example.sources"),
            "Components: main\nEnabled: yes\nX-Repolib-Name: example\nSigned-By: /etc/apt/keyrings/example.asc\nSuites: stable\nTypes: deb\nURIs: https://example.org/apt\n"
        );
        twice(
            "deb822_repository",
            json!({"name": "example", "state": "absent"}),
        );
        host.write("zone", "");
        let zone = if std::path::Path::new("/usr/share/zoneinfo/Europe/Berlin").exists() {
            "Europe/Berlin"
        } else {
            return;
        };
        twice("timezone", json!({"name": zone}));
    });
}
