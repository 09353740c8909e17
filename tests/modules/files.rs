use std::{fs, os::unix::fs::symlink};

use serde_json::json;

use crate::host::each;

#[test]
fn copy_puts_small_large_and_binary_content_in_place() {
    each(|host| {
        let first = host.converges(
            "copy",
            json!({"content": "hello\n", "dest": "{dir}/small", "mode": "0640"}),
        );
        assert_eq!(host.runs.get(), 1);
        assert_eq!(host.read("small"), "hello\n");
        assert_eq!(host.mode("small"), 0o640);
        assert_eq!(first.data["mode"], "0640");
        assert_eq!(first.diff[0].after, "hello\n");
        let large = "line of text\n".repeat(10_000);
        fs::create_dir(host.path("files")).unwrap();
        host.write("files/large", &large);
        host.converges("copy", json!({"src": "large", "dest": "{dir}/"}));
        assert_eq!(host.read("large"), large);
        fs::write(host.path("files/binary"), [0u8, 255, 10, 0, 39]).unwrap();
        host.converges(
            "copy",
            json!({"src": "binary", "dest": "{dir}/new/deep/", "directory_mode": "0700"}),
        );
        assert_eq!(
            fs::read(host.path("new/deep/binary")).unwrap(),
            [0u8, 255, 10, 0, 39]
        );
        assert_eq!(host.mode("new"), 0o700);
    });
}

#[test]
fn copy_keeps_what_it_replaces_and_honours_force_backup_follow() {
    each(|host| {
        host.write("f", "old");
        fs::set_permissions(
            host.path("f"),
            std::os::unix::fs::PermissionsExt::from_mode(0o604),
        )
        .unwrap();
        let kept = host.run(
            "copy",
            json!({"content": "new", "dest": "{dir}/f", "force": false}),
        );
        assert!(!kept.changed);
        assert_eq!(host.read("f"), "old");
        let made = host.run(
            "copy",
            json!({"content": "new", "dest": "{dir}/f", "backup": true}),
        );
        assert_eq!(host.mode("f"), 0o604);
        assert_eq!(
            fs::read_to_string(made.data["backup_file"].as_str().unwrap()).unwrap(),
            "old"
        );
        symlink("f", host.path("l")).unwrap();
        host.converges(
            "copy",
            json!({"content": "by link", "dest": "{dir}/l", "follow": true}),
        );
        assert_eq!(host.read("f"), "by link");
        host.converges("copy", json!({"content": "own", "dest": "{dir}/l"}));
        assert_eq!(host.read("f"), "by link");
        assert!(!host.path("l").is_symlink());
    });
}

#[test]
fn copy_validates_before_it_replaces() {
    each(|host| {
        host.write("conf.txt", "good\n");
        let failed = host.run(
            "copy",
            json!({"content": "bad\n", "dest": "{dir}/conf.txt", "validate": "grep -q good %s"}),
        );
        assert!(failed.failed, "{failed:?}");
        assert!(
            failed
                .msg
                .as_deref()
                .unwrap()
                .starts_with("failed to validate: rc:1"),
            "{failed:?}"
        );
        assert_eq!(host.read("conf.txt"), "good\n");
        assert_eq!(host.leftovers(), Vec::<String>::new());
        host.converges(
            "copy",
            json!({"content": "good 2\n", "dest": "{dir}/conf.txt", "validate": "grep -q good %s"}),
        );
        let missing = host.run("copy", json!({"content": "x", "dest": "{dir}/no/where"}));
        assert_eq!(
            missing
                .msg
                .as_deref()
                .map(|msg| msg.starts_with("Destination directory")),
            Some(true)
        );
    });
}

#[test]
fn copy_of_a_directory_is_one_exchange() {
    each(|host| {
        fs::create_dir_all(host.path("files/tree/a b/c")).unwrap();
        for n in 0..30 {
            host.write(&format!("files/tree/a b/{n}"), &"x".repeat(n * 500));
        }
        symlink("0", host.path("files/tree/a b/link")).unwrap();
        host.write("files/tree/a b/c/it's", "quote");
        let args = json!({"src": "tree", "dest": "{dir}/out", "mode": "0600"});
        assert!(host.check("copy", args.clone()).changed);
        assert!(!host.path("out").exists());
        let first = host.run("copy", args.clone());
        assert!(first.changed && !first.failed, "{first:?}");
        assert_eq!(host.runs.get(), 2);
        assert_eq!(host.read("out/tree/a b/29").len(), 29 * 500);
        assert_eq!(host.read("out/tree/a b/c/it's"), "quote");
        assert_eq!(host.mode("out/tree/a b/3"), 0o600);
        let second = host.run("copy", args);
        assert!(!second.changed, "{second:?}");
        assert_eq!(host.runs.get(), 1);
        assert_eq!(host.leftovers(), Vec::<String>::new());
    });
}

#[test]
fn copy_on_the_host() {
    each(|host| {
        host.write("a", "1");
        host.converges(
            "copy",
            json!({"src": "{dir}/a", "dest": "{dir}/b", "remote_src": true, "mode": "0600"}),
        );
        fs::create_dir_all(host.path("d/e")).unwrap();
        host.write("d/e/f", "deep");
        host.converges(
            "copy",
            json!({"src": "{dir}/d", "dest": "{dir}/copied/", "remote_src": true}),
        );
        assert_eq!(host.read("copied/d/e/f"), "deep");
        host.converges("copy", json!({"src": "{dir}/d/", "dest": "{dir}/inside/", "remote_src": true, "mode": "preserve"}));
        assert_eq!(host.read("inside/e/f"), "deep");
    });
}

#[test]
fn file_makes_attributes_and_removes() {
    each(|host| {
        host.converges(
            "file",
            json!({"path": "{dir}/x/y", "state": "directory", "mode": "0750"}),
        );
        assert_eq!((host.mode("x"), host.mode("x/y")), (0o750, 0o750));
        host.write("x/y/f", "");
        host.converges(
            "file",
            json!({"path": "{dir}/x", "state": "directory", "mode": "u=rwX,go=", "recurse": true}),
        );
        assert_eq!((host.mode("x/y"), host.mode("x/y/f")), (0o700, 0o600));
        host.converges("file", json!({"path": "{dir}/x/y/f", "mode": "g+r"}));
        assert_eq!(host.mode("x/y/f"), 0o640);
        host.converges(
            "file",
            json!({"dest": "{dir}/l", "src": "x/y", "state": "link"}),
        );
        host.converges(
            "file",
            json!({"dest": "{dir}/l", "src": "x", "state": "link"}),
        );
        host.converges(
            "file",
            json!({"dest": "{dir}/dangling", "src": "nowhere", "state": "link", "force": true}),
        );
        host.converges(
            "file",
            json!({"dest": "{dir}/h", "src": "{dir}/x/y/f", "state": "hard"}),
        );
        host.converges("file", json!({"path": "{dir}/x", "state": "absent"}));
        assert!(!host.path("x").exists());
        let touched = host.run("file", json!({"path": "{dir}/t", "state": "touch"}));
        assert!(touched.changed);
        assert!(
            host.run("file", json!({"path": "{dir}/t", "state": "touch"}))
                .changed
        );
        host.converges("file", json!({"path": "{dir}/t", "state": "touch", "modification_time": "202001020304.05", "access_time": "preserve"}));
        let gone = host.run("file", json!({"path": "{dir}/gone"}));
        assert!(gone.failed && gone.msg.unwrap().ends_with("is absent, cannot continue"));
        let clash = host.run("file", json!({"path": "{dir}/t", "state": "directory"}));
        assert!(clash.failed);
    });
}

#[test]
fn owners_by_name_and_number() {
    if !rustix_is_root() {
        println!("skipped: only root can change owners");
        return;
    }
    each(|host| {
        host.write("f", "");
        let done = host.converges(
            "file",
            json!({"path": "{dir}/f", "owner": "nobody", "group": 12}),
        );
        assert_eq!(done.data["owner"], "nobody");
        assert_eq!(done.data["gid"], 12);
        host.converges(
            "copy",
            json!({"content": "x", "dest": "{dir}/g", "owner": "daemon", "mode": "4755"}),
        );
        assert_eq!(host.mode("g"), 0o4755);
        let args = json!({"path": "{dir}/f", "owner": "no-such-user"});
        let predicted = host.check("file", args.clone());
        assert!(predicted.changed && predicted.warnings[0].contains("no-such-user"));
        assert!(host.run("file", args).failed);
    });
}

fn rustix_is_root() -> bool {
    std::os::unix::fs::MetadataExt::uid(&fs::metadata("/proc/self").unwrap()) == 0
}

#[test]
fn stat_tells_what_is_there() {
    each(|host| {
        host.write("f", "abc");
        symlink("f", host.path("l")).unwrap();
        let file = host.run("stat", json!({"path": "{dir}/f"}));
        let stat = &file.data["stat"];
        assert_eq!(stat["exists"], true);
        assert_eq!(stat["isreg"], true);
        assert_eq!(stat["size"], 3);
        assert_eq!(stat["checksum"], "a9993e364706816aba3e25717850c26c9cd0d89d");
        let link = host.run("stat", json!({"path": "{dir}/l"}));
        assert_eq!(link.data["stat"]["islnk"], true);
        assert_eq!(link.data["stat"]["lnk_target"], "f");
        let followed = host.run("stat", json!({"path": "{dir}/l", "follow": true}));
        assert_eq!(followed.data["stat"]["isreg"], true);
        let none = host.run("stat", json!({"path": "{dir}/none"}));
        assert_eq!(none.data["stat"], json!({"exists": false}));
    });
}

#[test]
fn template_is_a_copy_of_what_was_rendered() {
    each(|host| {
        fs::create_dir(host.path("files")).unwrap();
        host.write("files/a.j2", "rendered\n");
        host.converges(
            "template",
            json!({"src": "a.j2", "dest": "{dir}/a", "mode": 384}),
        );
        assert_eq!(host.read("a"), "rendered\n");
        assert_eq!(host.mode("a"), 0o600);
    });
}
