//! Modules that talk to programs of the system, with programs of ours in their place.

use serde_json::{Value, json};

use crate::host::{Host, each};

/// A systemctl that keeps its state in files.
const SYSTEMCTL: &str = r#"
echo "$*" >>"$STATE/calls"
user=
while :; do case $1 in --user) user=1; shift ;; --*) shift ;; *) break ;; esac; done
verb=$1; shift
case $verb in
show)
  for n; do :; done
  [ -e "$STATE/unit-$n" ] && echo LoadState=loaded || echo LoadState=not-found
  [ -e "$STATE/active-$n" ] && echo ActiveState=active || echo ActiveState=inactive ;;
is-enabled)
  if [ -e "$STATE/masked-$1" ]; then echo masked; exit 1; fi
  if [ -e "$STATE/enabled-$1" ]; then echo enabled; else echo disabled; exit 1; fi ;;
start|restart) [ "$1" != broken ] || { echo "it is broken" >&2; exit 1; }; : >"$STATE/active-$1" ;;
stop) rm -f "$STATE/active-$1" ;;
enable) : >"$STATE/enabled-$1" ;;
disable) rm -f "$STATE/enabled-$1" ;;
mask) : >"$STATE/masked-$1" ;;
unmask) rm -f "$STATE/masked-$1" ;;
daemon-reload) ;;
*) exit 1 ;;
esac
"#;

fn settles(host: &Host, module: &str, args: Value) {
    let predicted = host.with_tools(module, args.clone(), true);
    assert!(
        predicted.changed && !predicted.failed,
        "{args} {predicted:?}"
    );
    let first = host.with_tools(module, args.clone(), false);
    assert!(first.changed && !first.failed, "{args} {first:?}");
    let second = host.with_tools(module, args.clone(), false);
    assert!(!second.changed && !second.failed, "{args} {second:?}");
    assert!(
        !host.with_tools(module, args.clone(), true).changed,
        "{args}"
    );
}

#[test]
fn systemd_starts_enables_and_masks() {
    each(|host| {
        host.tool("systemctl", SYSTEMCTL);
        host.write("unit-web", "");
        host.write("unit-broken", "");
        settles(
            host,
            "systemd",
            json!({"name": "web", "state": "started", "enabled": true, "daemon_reload": true}),
        );
        settles(
            host,
            "systemd",
            json!({"name": "web", "state": "stopped", "enabled": false, "scope": "user"}),
        );
        settles(host, "systemd", json!({"name": "web", "masked": true}));
        let calls = host.read("calls");
        assert!(
            calls.contains("--user --no-ask-password stop web")
                || calls.contains("--no-ask-password --user stop web"),
            "{calls}"
        );
        let restarted = host.with_tools(
            "systemd",
            json!({"name": "web", "state": "restarted"}),
            false,
        );
        assert!(restarted.changed);
        let broken = host.with_tools(
            "systemd",
            json!({"name": "broken", "state": "started"}),
            false,
        );
        assert_eq!(
            broken.msg.as_deref(),
            Some("Unable to start service broken: it is broken")
        );
        let missing = host.with_tools(
            "systemd",
            json!({"name": "none", "state": "started"}),
            false,
        );
        assert_eq!(
            missing.msg.as_deref(),
            Some("Could not find the requested service none: host")
        );
        let yet = host.with_tools("systemd", json!({"name": "none", "state": "started"}), true);
        assert!(yet.changed && yet.warnings.len() == 1);
    });
}

const DPKG: &str = r#"
for n; do :; done
[ -e "$STATE/pkg-$n" ] || { echo "no packages found matching $n" >&2; exit 1; }
echo "ii  $(cat "$STATE/pkg-$n")"
"#;

const APT: &str = r#"
echo "$*" >>"$STATE/calls"
sim= verb= names=
while [ $# -gt 0 ]; do
  case $1 in
  -s) sim=1 ;;
  -o|-t) shift ;;
  -*) ;;
  *) if [ "$verb" ]; then names="$names $1"; else verb=$1; fi ;;
  esac
  shift
done
for n in $names; do
  case $verb in
  install)
    v=1.0
    case $n in *=*) v=${n#*=}; n=${n%%=*} ;; esac
    [ "$n" != missing ] || { echo "E: Unable to locate package missing"; exit 100; }
    [ "$(cat "$STATE/pkg-$n" 2>/dev/null)" = "$v" ] && continue
    if [ "$sim" ]; then echo "Inst $n ($v)"; else echo "$v" >"$STATE/pkg-$n"; fi ;;
  remove) if [ "$sim" ]; then echo "Remv $n"; else rm -f "$STATE/pkg-$n"; fi ;;
  esac
done
"#;

#[test]
fn apt_installs_and_removes() {
    each(|host| {
        host.tool("apt-get", APT);
        host.tool("dpkg-query", DPKG);
        settles(
            host,
            "apt",
            json!({"name": ["curl", "git"], "install_recommends": false}),
        );
        settles(host, "apt", json!({"name": "curl=2.0"}));
        settles(host, "package", json!({"name": "jq"}));
        settles(host, "apt", json!({"name": "git", "state": "absent"}));
        assert!(!host.path("pkg-git").exists());
        let calls = host.read("calls").lines().count();
        assert!(
            !host
                .with_tools("apt", json!({"name": "curl,jq"}), false)
                .changed
        );
        assert_eq!(
            host.read("calls").lines().count(),
            calls,
            "nothing to do costs no apt-get"
        );
        let missing = host.with_tools("apt", json!({"name": "missing"}), true);
        assert_eq!(
            missing.msg.as_deref(),
            Some("E: Unable to locate package missing")
        );
        let updated = host.with_tools("apt", json!({"update_cache": true}), false);
        // It wrote no list, so nothing has changed.
        assert!(!updated.changed && host.read("calls").ends_with("update\n"));
        assert!(
            host.compile("apt", &json!({"name": "--purge"}), false)
                .is_err()
        );
    });
}

#[test]
fn sysctl_and_fstab_keep_their_lines() {
    each(|host| {
        host.write("sysctl.conf", "# vm.swappiness = 60\nkernel.x = 1\n");
        host.converges("sysctl", json!({"name": "vm.swappiness", "value": 10, "sysctl_file": "{dir}/sysctl.conf", "reload": false}));
        host.converges("sysctl", json!({"name": "kernel.x", "value": "2", "sysctl_file": "{dir}/sysctl.conf", "reload": false}));
        assert_eq!(
            host.read("sysctl.conf"),
            "# vm.swappiness = 60\nkernel.x=2\nvm.swappiness=10\n"
        );
        host.converges("sysctl", json!({"name": "kernel.x", "state": "absent", "sysctl_file": "{dir}/sysctl.conf", "reload": false}));
        host.write("fstab", "# a comment\nUUID=1 / ext4 defaults 0 1\n");
        let share = json!({"path": "{dir}/mnt/a b", "src": "share", "fstype": "virtiofs", "opts": "rw,nofail", "state": "present", "fstab": "{dir}/fstab"});
        host.converges("mount", share);
        let dir = host.dir.path().display();
        assert_eq!(
            host.read("fstab"),
            format!(
                "# a comment\nUUID=1 / ext4 defaults 0 1\nshare {dir}/mnt/a\\040b virtiofs rw,nofail 0 0\n"
            )
        );
        host.converges(
            "mount",
            json!({"path": "{dir}/mnt/a b", "state": "absent", "fstab": "{dir}/fstab"}),
        );
        assert_eq!(
            host.read("fstab"),
            "# a comment\nUUID=1 / ext4 defaults 0 1\n"
        );
    });
}

#[test]
fn git_follows_branches_tags_and_commits() {
    each(|host| {
        let git = |args: &[&str]| {
            let output = std::process::Command::new("git")
                .arg("-C")
                .arg(host.path("repo"))
                .args(["-c", "user.name=t", "-c", "user.email=t@t"])
                .args(args)
                .output()
                .unwrap();
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        };
        std::fs::create_dir(host.path("repo")).unwrap();
        git(&["init", "-q", "-b", "main"]);
        host.write("repo/f", "1");
        git(&["add", "f"]);
        git(&["commit", "-qm", "1"]);
        git(&["tag", "-a", "-m", "one", "v1"]);
        let first = git(&["rev-parse", "HEAD"]);
        let settles = |args: Value| {
            let predicted = host.check("git", args.clone());
            assert!(
                predicted.changed && !predicted.failed,
                "{args} {predicted:?}"
            );
            let done = host.run("git", args.clone());
            assert!(done.changed && !done.failed, "{args} {done:?}");
            assert_eq!(predicted.data["after"], done.data["after"]);
            assert!(!host.run("git", args.clone()).changed, "{args}");
            assert!(!host.check("git", args).changed);
            done
        };
        settles(json!({"repo": "{dir}/repo", "dest": "{dir}/out", "version": "main"}));
        host.write("repo/f", "2");
        git(&["commit", "-qam", "2"]);
        let done = settles(json!({"repo": "{dir}/repo", "dest": "{dir}/out", "version": "main"}));
        assert_eq!(done.data["before"], Value::from(first.clone()));
        assert_eq!(host.read("out/f"), "2");
        settles(json!({"repo": "{dir}/repo", "dest": "{dir}/out", "version": "v1"}));
        assert_eq!(host.read("out/f"), "1");
        settles(json!({"repo": "{dir}/repo", "dest": "{dir}/out"}));
        settles(json!({"repo": "{dir}/repo", "dest": "{dir}/out", "version": first}));
        host.write("out/f", "mine");
        let refused = host.run(
            "git",
            json!({"repo": "{dir}/repo", "dest": "{dir}/out", "version": "main"}),
        );
        assert!(refused.failed && refused.msg.unwrap().contains("Local modifications"));
        settles(
            json!({"repo": "{dir}/repo", "dest": "{dir}/out", "version": "main", "force": true}),
        );
        settles(
            json!({"repo": "file://{dir}/repo", "dest": "{dir}/shallow", "depth": 1, "version": "main"}),
        );
        let none = host.run(
            "git",
            json!({"repo": "{dir}/repo", "dest": "{dir}/out", "version": "nope"}),
        );
        assert!(none.failed);
    });
}

#[test]
fn get_url_fetches_and_checks() {
    each(|host| {
        host.write("source file", "payload\n");
        let sum = "7a3a1ac1c3ff1a5b8c5d8f0a0f3b6fbd3d6a9f0e0000000000000000000000000000";
        let wrong = host.run("get_url", json!({"url": "file://{dir}/source%20file", "dest": "{dir}/out", "checksum": format!("sha256:{}", &sum[..64])}));
        assert!(wrong.failed && wrong.msg.unwrap().contains("did not match"));
        assert!(!host.path("out").exists());
        assert_eq!(host.leftovers(), Vec::<String>::new());
        let done = host.run(
            "get_url",
            json!({"url": "file://{dir}/source%20file", "dest": "{dir}/out", "mode": "0600"}),
        );
        assert!(done.changed && !done.failed, "{done:?}");
        assert_eq!(
            (host.read("out").as_str(), host.mode("out")),
            ("payload\n", 0o600)
        );
        let again = host.run(
            "get_url",
            json!({"url": "file://{dir}/source%20file", "dest": "{dir}/out", "force": true}),
        );
        assert!(!again.changed && !again.failed, "{again:?}");
    });
}

#[test]
fn slurp_and_tempfile() {
    each(|host| {
        std::fs::write(host.path("b"), [0, 1, 255]).unwrap();
        let slurped = host.run("slurp", json!({"src": "{dir}/b"}));
        assert_eq!(slurped.data["content"], "AAH/");
        let fetched = host.run(
            "fetch",
            json!({"src": "{dir}/b", "dest": "/x/", "flat": true}),
        );
        assert_eq!(fetched.fetched.as_deref(), Some(&[0, 1, 255][..]));
        assert!(
            host.run("fetch", json!({"src": "{dir}/none", "dest": "x"}))
                .failed
        );
        let made = host.run(
            "tempfile",
            json!({"path": "{dir}", "state": "directory", "suffix": ".d"}),
        );
        let path = made.data["path"].as_str().unwrap().to_owned();
        assert!(path.ends_with(".d") && std::path::Path::new(&path).is_dir());
    });
}
