//! The same tasks run by Ansible and by us, in two equal directories: each task's
//! outcome and the resulting files must agree in check mode, the first time and the
//! second time. Needs `SWARMCTL_ANSIBLE`, as `scripts/ansible-venv` prints it.

use std::{collections::BTreeMap, fs, os::unix::fs::symlink, path::Path, process::Command};

use serde_json::{Value, json};

use crate::host::{Host, OWN_ETC, SHELLS, copy_etc, fill, may_own_etc, walk};

/// The tasks, in order; each may build on those before it.
fn tasks() -> Vec<(&'static str, Value)> {
    let mut all: Vec<(&str, Value)> = Vec::new();
    let mut t = |module: &'static str, args: Value| all.push((module, args));
    // file
    t(
        "file",
        json!({"path": "{dir}/a/b/c", "state": "directory", "mode": "0750"}),
    );
    t(
        "file",
        json!({"path": "{dir}/a/b", "state": "directory", "mode": "u=rwx,g=rX,o="}),
    );
    t("file", json!({"path": "{dir}/old", "mode": "0600"}));
    t("file", json!({"path": "{dir}/old", "mode": "g+r,o-rwx"}));
    t(
        "file",
        json!({"path": "{dir}/tree", "state": "directory", "recurse": true, "mode": "a-x,u+rwX"}),
    );
    t("file", json!({"path": "{dir}/nothing"}));
    t("file", json!({"path": "{dir}/nothing", "state": "absent"}));
    t("file", json!({"path": "{dir}/doomed", "state": "absent"}));
    t(
        "file",
        json!({"path": "{dir}/link", "src": "old", "state": "link"}),
    );
    t(
        "file",
        json!({"path": "{dir}/link2", "src": "{dir}/nowhere", "state": "link"}),
    );
    t(
        "file",
        json!({"path": "{dir}/link2", "src": "{dir}/nowhere", "state": "link", "force": true}),
    );
    t(
        "file",
        json!({"path": "{dir}/tree", "src": "old", "state": "link"}),
    );
    t(
        "file",
        json!({"path": "{dir}/was", "src": "old", "state": "link"}),
    );
    t(
        "file",
        json!({"path": "{dir}/was", "src": "old", "state": "link", "force": true}),
    );
    t(
        "file",
        json!({"path": "{dir}/hard", "src": "{dir}/old", "state": "hard"}),
    );
    t(
        "file",
        json!({"path": "{dir}/touched", "state": "touch", "mode": "0640"}),
    );
    t(
        "file",
        json!({"path": "{dir}/touched", "state": "touch", "modification_time": "preserve", "access_time": "preserve"}),
    );
    t("file", json!({"path": "{dir}/old", "state": "directory"}));
    t(
        "file",
        json!({"path": "{dir}/old", "owner": "nobody", "group": "nogroup"}),
    );
    t(
        "file",
        json!({"path": "{dir}/old", "owner": 1, "group": 1, "mode": "4755"}),
    );
    t(
        "file",
        json!({"path": "{dir}/tree/one", "state": "file", "mode": "=rx"}),
    );
    t("file", json!({"path": "{dir}/sym", "mode": "0604"}));
    // copy
    t(
        "copy",
        json!({"content": "x\n", "dest": "{dir}/copied", "mode": "0640"}),
    );
    t(
        "copy",
        json!({"content": {"a": [1, "ü"]}, "dest": "{dir}/json"}),
    );
    t("copy", json!({"content": "x\n", "dest": "{dir}/tree"}));
    t("copy", json!({"content": "x\n", "dest": "{dir}/missing/f"}));
    t(
        "copy",
        json!({"content": "new", "dest": "{dir}/kept", "force": false}),
    );
    t("copy", json!({"content": "new", "dest": "{dir}/kept"}));
    t("copy", json!({"content": "", "dest": "{dir}/empty"}));
    t(
        "copy",
        json!({"src": "{src}/plain.txt", "dest": "{dir}/tree"}),
    );
    t(
        "copy",
        json!({"src": "{src}/plain.txt", "dest": "{dir}/newdir/sub/", "mode": "0600", "directory_mode": "0711"}),
    );
    t(
        "copy",
        json!({"src": "{src}/large.bin", "dest": "{dir}/large", "owner": "daemon", "mode": "preserve"}),
    );
    t(
        "copy",
        json!({"content": "via\n", "dest": "{dir}/sym2", "follow": true}),
    );
    t("copy", json!({"content": "own\n", "dest": "{dir}/sym3"}));
    t("copy", json!({"src": "{src}/d", "dest": "{dir}/dircopy"}));
    t(
        "copy",
        json!({"src": "{src}/d/", "dest": "{dir}/dircopy2", "mode": "0644"}),
    );
    t(
        "copy",
        json!({"src": "{dir}/kept", "dest": "{dir}/kept2", "remote_src": true}),
    );
    t(
        "copy",
        json!({"src": "{dir}/tree", "dest": "{dir}/treecopy/", "remote_src": true}),
    );
    t(
        "copy",
        json!({"content": "a=1\n", "dest": "{dir}/valid.conf", "validate": "grep -q a=1 %s"}),
    );
    t(
        "copy",
        json!({"content": "b\n", "dest": "{dir}/valid.conf", "validate": "grep -q a=1 %s"}),
    );
    t(
        "template",
        json!({"src": "{src}/plain.txt", "dest": "{dir}/templated", "mode": "u=rw,go=r"}),
    );
    // lineinfile
    let sshd = "{dir}/sshd";
    for args in [
        json!({"regexp": "^#?PermitRootLogin", "line": "PermitRootLogin no"}),
        json!({"regexp": "^NotThere", "line": "NotThere yes"}),
        json!({"line": "last without newline"}),
        json!({"line": "At the top", "insertbefore": "BOF"}),
        json!({"line": "after port", "insertafter": "^Port"}),
        json!({"line": "before port", "insertbefore": "^Port", "firstmatch": true}),
        json!({"line": "nowhere", "insertafter": "^Nope"}),
        json!({"regexp": "^(Port) (\\d+)$", "line": "\\1 2222", "backrefs": true}),
        json!({"regexp": "^Nope(.)", "line": "\\1", "backrefs": true}),
        json!({"regexp": "^Dup", "line": "Dup changed"}),
        json!({"regexp": "^Dup", "line": "Dup first", "firstmatch": true}),
        json!({"regexp": "^#\\s*Comment$", "state": "absent"}),
        json!({"search_string": "X11", "line": "X11 never"}),
        json!({"line": "X11 never", "state": "absent"}),
        json!({"line": "mode too", "mode": "0600"}),
        json!({"line": "mode too", "mode": "0640"}),
        json!({"line": "refused", "validate": "false %s"}),
        json!({"regexp": "$", "line": "dollar"}),
    ] {
        let mut args = args;
        args["path"] = json!(sshd);
        t("lineinfile", args);
    }
    t("lineinfile", json!({"path": "{dir}/none", "line": "x"}));
    t(
        "lineinfile",
        json!({"path": "{dir}/made/deep", "line": "x", "create": true, "mode": "0604"}),
    );
    t(
        "lineinfile",
        json!({"path": "{dir}/none", "line": "x", "state": "absent"}),
    );
    t("lineinfile", json!({"path": "{dir}/tree", "line": "x"}));
    t("lineinfile", json!({"path": "{dir}/crlf", "line": "two"}));
    t(
        "lineinfile",
        json!({"path": "{dir}/crlf", "regexp": "^one", "line": "ONE"}),
    );
    t(
        "lineinfile",
        json!({"path": "{dir}/latin", "regexp": "^caf", "line": "coffee"}),
    );
    // blockinfile
    t(
        "blockinfile",
        json!({"path": "{dir}/hosts", "block": "1.2.3.4 a\n5.6.7.8 b"}),
    );
    t(
        "blockinfile",
        json!({"path": "{dir}/hosts", "block": "1.2.3.4 a\n", "insertafter": "^127"}),
    );
    t(
        "blockinfile",
        json!({"path": "{dir}/hosts", "block": "top", "marker": "# {mark} top", "insertbefore": "BOF"}),
    );
    t(
        "blockinfile",
        json!({"path": "{dir}/hosts", "block": "mid", "marker": "; {mark} mid", "insertbefore": "^::1", "prepend_newline": true, "append_newline": true}),
    );
    t(
        "blockinfile",
        json!({"path": "{dir}/hosts", "marker": "# {mark} top", "state": "absent"}),
    );
    t(
        "blockinfile",
        json!({"path": "{dir}/newblock", "block": "x", "create": true}),
    );
    t(
        "blockinfile",
        json!({"path": "{dir}/noblock", "block": "x"}),
    );
    // replace
    t(
        "replace",
        json!({"path": "{dir}/hosts", "regexp": "^127\\.0\\.0\\.1(\\s+)localhost$", "replace": "127.0.0.1\\1local"}),
    );
    t(
        "replace",
        json!({"path": "{dir}/hosts", "after": "BEGIN", "before": "END", "regexp": "a$", "replace": "z"}),
    );
    t(
        "replace",
        json!({"path": "{dir}/hosts", "regexp": "x*", "replace": ""}),
    );
    t("replace", json!({"path": "{dir}/none", "regexp": "x"}));
    // command and shell
    t(
        "command",
        json!({"_raw_params": "touch {dir}/by-command", "creates": "{dir}/by-command"}),
    );
    t("command", json!({"_raw_params": "false"}));
    t("command", json!({"_raw_params": "no-such-program"}));
    t(
        "command",
        json!({"argv": ["sh", "-c", "printf 'o\\n\\n'; printf e >&2; exit 3"]}),
    );
    t(
        "shell",
        json!({"_raw_params": "echo $((1+2)) | tr 3 4; pwd", "chdir": "/usr"}),
    );
    t("shell", json!({"_raw_params": "cat", "stdin": "in"}));
    t(
        "shell",
        json!({"_raw_params": "true", "removes": "{dir}/by-*"}),
    );
    t(
        "shell",
        json!({"_raw_params": "true", "chdir": "/no/such/dir"}),
    );
    // stat
    t("stat", json!({"path": "{dir}/old"}));
    t("stat", json!({"path": "{dir}/nothing"}));
    t("stat", json!({"path": "{dir}/sym"}));
    t(
        "stat",
        json!({"path": "{dir}/sym", "follow": true, "checksum_algorithm": "sha256"}),
    );
    t("stat", json!({"path": "{dir}/tree"}));
    all.extend(super::differential_more::tasks());
    all
}

/// Makes the state that the tasks start from.
fn prepare(dir: &Path) {
    let write = |name: &str, text: &[u8]| fs::write(dir.join(name), text).unwrap();
    for name in ["tree/two", "was"] {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
    }
    write("old", b"old\n");
    write("kept", b"kept\n");
    write("doomed", b"");
    write("was", b"a file\n");
    write("tree/one", b"1");
    fs::create_dir_all(dir.join("tree/two")).unwrap();
    write("tree/two/three", b"3");
    write("target2", b"t2\n");
    write("target3", b"t3\n");
    symlink("tree/one", dir.join("sym")).unwrap();
    symlink("target2", dir.join("sym2")).unwrap();
    symlink("target3", dir.join("sym3")).unwrap();
    write(
        "sshd",
        b"Port 22\n#PermitRootLogin yes\nDup 1\nDup 2\n# Comment\nX11 no\nend",
    );
    write("crlf", b"one\r\ntwo\r\n");
    write("latin", b"caf\xe9\n\xff\n");
    write("hosts", b"127.0.0.1\tlocalhost\n::1 localhost\n");
    super::differential_more::prepare(dir);
}

fn sources(dir: &Path) {
    fs::write(dir.join("plain.txt"), "plain\n").unwrap();
    let large: Vec<u8> = (0..20_000_u32).map(|n| (n * 7 % 251) as u8).collect();
    fs::write(dir.join("large.bin"), large).unwrap();
    fs::create_dir_all(dir.join("d/e")).unwrap();
    fs::write(dir.join("d/f1"), "1").unwrap();
    fs::write(dir.join("d/e/f2"), "2").unwrap();
}

/// Returns what is compared of a result.
fn essence(result: &Value) -> Value {
    let mut out = serde_json::Map::new();
    let failed = result["failed"].as_bool().unwrap_or(false);
    out.insert("failed".into(), failed.into());
    if !failed {
        for key in ["changed", "skipped"] {
            out.insert(key.into(), result[key].as_bool().unwrap_or(false).into());
        }
        for key in [
            "mode",
            "owner",
            "group",
            "uid",
            "gid",
            "size",
            "checksum",
            "found",
            "matched",
            "before",
            "after",
            "content",
            "home",
            "shell",
            "comment",
            "append",
            "remote_url_changed",
        ] {
            if let Some(value) = result.get(key) {
                out.insert(key.into(), value.clone());
            }
        }
    }
    for key in ["rc", "stdout", "stderr"] {
        if let Some(value) = result.get(key).filter(|value| !value.is_null()) {
            out.insert(key.into(), value.clone());
        }
    }
    if let Some(stat) = result.get("stat").and_then(Value::as_object) {
        let mut stat = stat.clone();
        for key in [
            "atime",
            "ctime",
            "mtime",
            "inode",
            "attr_flags",
            "attributes",
            "version",
            "device_type",
            "path",
            "lnk_source",
            "dev",
            "blocks",
        ] {
            stat.remove(key);
        }
        // Sizes of directories are the file system's.
        if stat.get("isdir") == Some(&Value::Bool(true)) {
            stat.remove("size");
        }
        out.insert("stat".into(), stat.into());
    }
    Value::Object(out)
}

fn ansible(bin: &str, dir: &Path, tasks: &[(&str, Value)], check: bool) -> Vec<Value> {
    let out = tempfile::NamedTempFile::new().unwrap();
    let names: Vec<String> = (0..tasks.len()).map(|index| format!("r{index}")).collect();
    let mut list: Vec<Value> = tasks
        .iter()
        .zip(&names)
        .map(|((module, args), name)| {
            let module = if module.contains('.') {
                (*module).to_owned()
            } else {
                format!("ansible.builtin.{module}")
            };
            let mut args = args.clone();
            let mut task = json!({"name": name, "ignore_errors": true, "register": name});
            match args.as_object_mut().unwrap().remove("_raw_params") {
                Some(raw) => {
                    task[module] = raw;
                    task["args"] = args;
                }
                None => task[module] = args,
            }
            task
        })
        .collect();
    list.push(json!({
        "ansible.builtin.copy": {
            "dest": out.path(),
            "content": format!("{{{{ [{}] | to_json }}}}", names.join(", ")),
        },
        "check_mode": false,
    }));
    let play = json!([{
        "hosts": "localhost", "connection": "local", "gather_facts": false, "tasks": list,
        "vars": {"ansible_python_interpreter": format!("{bin}/python")},
    }]);
    let file = tempfile::Builder::new().suffix(".yml").tempfile().unwrap();
    fs::write(file.path(), serde_json::to_string(&play).unwrap()).unwrap();
    let mut command = Command::new(OWN_ETC[0]);
    command
        .args(&OWN_ETC[1..])
        .arg(dir.join("etc"))
        .arg(format!("{bin}/ansible-playbook"))
        .arg(file.path())
        .current_dir(dir)
        .env("HOME", dir)
        .env("LC_ALL", "C.UTF-8");
    command
        .env("ANSIBLE_LOCAL_TEMP", "/tmp/.ansible-diff")
        .env("ANSIBLE_REMOTE_TEMP", "/tmp/.ansible-diff-r");
    command
        .env("ANSIBLE_PIPELINING", "1")
        .env("PATH", crate::differential_more::path());
    if check {
        command.arg("--check");
    }
    let output = command.output().unwrap();
    let text = fs::read_to_string(out.path()).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|_| {
        panic!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )
    })
}

fn listing(dir: &Path) -> BTreeMap<String, String> {
    let mut tree = BTreeMap::new();
    walk(dir, dir, &mut tree, false);
    let here = dir.to_str().unwrap();
    // What a repository keeps of its fetches has times and counters in it.
    tree.retain(|name, _| {
        !name.contains(".ansible")
            && !name.contains("checkout/.git")
            && !name.starts_with("repo/")
            && name != "pack.tar"
    });
    tree.into_iter()
        .map(|(name, what)| (name, what.replace(here, "{dir}")))
        .collect()
}

#[test]
fn every_task_agrees_with_ansible() {
    let Ok(bin) = std::env::var("SWARMCTL_ANSIBLE") else {
        println!("skipped: SWARMCTL_ANSIBLE is not set (see scripts/ansible-venv)");
        return;
    };
    if !may_own_etc() {
        return;
    }
    let source = tempfile::tempdir().unwrap();
    sources(source.path());
    let src = source.path().to_str().unwrap();
    let tasks: Vec<(&str, Value)> = tasks()
        .into_iter()
        .map(|(module, args)| {
            let text = args.to_string().replace("{src}", src);
            (module, serde_json::from_str(&text).unwrap())
        })
        .collect();
    let theirs_dir = tempfile::tempdir().unwrap();
    let hosts: Vec<Host> = SHELLS
        .iter()
        .map(|shell| {
            let mut host = Host::new(shell);
            host.own_etc();
            host
        })
        .collect();
    copy_etc(theirs_dir.path());
    prepare(theirs_dir.path());
    for host in &hosts {
        prepare(host.dir.path());
    }
    let mut wrong = Vec::new();
    for (pass, check) in [("check", true), ("first", false), ("second", false)] {
        let here = theirs_dir.path().to_str().unwrap();
        let filled: Vec<(&str, Value)> = tasks
            .iter()
            .map(|(module, args)| (*module, fill(args, here)))
            .collect();
        let theirs = ansible(&bin, theirs_dir.path(), &filled, check);
        let path = crate::differential_more::path();
        for host in &hosts {
            for ((module, args), their) in tasks.iter().zip(&theirs) {
                let name = module.rsplit('.').next().unwrap();
                let ours = match host.compile(name, args, check) {
                    Ok(_) => Value::Object(
                        host.task_as(name, args, check, &[("PATH", &path)])
                            .registered(),
                    ),
                    Err(message) => json!({"failed": true, "msg": message}),
                };
                let strip = |value: &Value, dir: &str| {
                    let text = essence(value).to_string().replace(dir, "{dir}");
                    serde_json::from_str::<Value>(&text).unwrap()
                };
                let (mut a, mut b) = (
                    strip(&ours, host.dir.path().to_str().unwrap()),
                    strip(their, here),
                );
                // Each says some things that the other doesn't.
                let keys = |value: &Value| {
                    value
                        .as_object()
                        .unwrap()
                        .keys()
                        .cloned()
                        .collect::<Vec<_>>()
                };
                for key in keys(&a).into_iter().chain(keys(&b)) {
                    if a.get(&key).is_none() || b.get(&key).is_none() {
                        a.as_object_mut().unwrap().remove(&key);
                        b.as_object_mut().unwrap().remove(&key);
                    }
                }
                if a != b && !crate::differential_more::on_purpose(module, args, pass) {
                    wrong.push(format!(
                        "{pass}: {module} {args}\n  ours   {a} {}\n  theirs {b} {}",
                        ours["msg"], their["msg"]
                    ));
                }
            }
            let (ours, theirs) = (listing(host.dir.path()), listing(theirs_dir.path()));
            for name in ours
                .keys()
                .chain(theirs.keys())
                .collect::<std::collections::BTreeSet<_>>()
            {
                if ours.get(name) != theirs.get(name) {
                    wrong.push(format!(
                        "{pass}: {name}\n  ours   {:?}\n  theirs {:?}",
                        ours.get(name),
                        theirs.get(name)
                    ));
                }
            }
        }
    }
    let all = wrong.join("\n");
    if !wrong.is_empty() {
        println!("{all}");
    }
    assert!(wrong.is_empty(), "{} differences", wrong.len());
}
