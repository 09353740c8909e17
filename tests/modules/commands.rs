use serde_json::json;

use crate::host::each;

#[test]
fn command_runs_a_program_and_no_shell() {
    each(|host| {
        let done = host.run(
            "command",
            json!({"_raw_params": "printf '%s|' a 'b c' $HOME ; ~/x *"}),
        );
        let home = host.dir.path().display().to_string();
        assert_eq!(done.stdout.unwrap(), format!("a|b c|{home}|;|{home}/x|*|"));
        assert_eq!((done.changed, done.rc), (true, Some(0)));
        let failed = host.run(
            "command",
            json!({"argv": ["sh", "-c", "echo out; echo err >&2; exit 3"]}),
        );
        assert_eq!((failed.failed, failed.rc), (true, Some(3)));
        assert_eq!(failed.stdout.as_deref(), Some("out"));
        assert_eq!(failed.stderr.as_deref(), Some("err"));
        assert_eq!(failed.msg.as_deref(), Some("non-zero return code"));
        let none = host.run("command", json!({"cmd": "no-such-program x"}));
        assert_eq!((none.failed, none.rc, none.changed), (true, Some(2), false));
        let echo = host.run("command", json!({"cmd": "cat", "stdin": "typed"}));
        assert_eq!(echo.stdout.as_deref(), Some("typed"));
        let there = host.run("command", json!({"cmd": "pwd", "chdir": "/usr"}));
        assert_eq!(there.stdout.as_deref(), Some("/usr"));
    });
}

#[test]
fn creates_and_removes_decide_and_check_mode_predicts() {
    each(|host| {
        host.write("it is", "");
        let skipped = host.run(
            "shell",
            json!({"_raw_params": "touch ran", "creates": "{dir}/it *"}),
        );
        assert!(!skipped.changed && !host.path("ran").exists());
        assert!(
            skipped
                .msg
                .unwrap()
                .starts_with("Did not run command since")
        );
        let would = host.check(
            "shell",
            json!({"_raw_params": "touch ran", "creates": "{dir}/no"}),
        );
        assert!(would.changed && !would.skipped);
        let unknown = host.check("shell", json!({"_raw_params": "touch ran"}));
        assert!(!unknown.changed && unknown.skipped);
        assert!(!host.path("ran").exists());
        assert!(
            host.run(
                "shell",
                json!({"_raw_params": "touch ran", "removes": "{dir}/it is"})
            )
            .changed
        );
        assert!(host.path("ran").exists());
    });
}

#[test]
fn shell_has_nothing_of_ours_in_it() {
    each(|host| {
        let done = host.run(
            "shell",
            json!({"_raw_params": "echo \"[$B$K$C$S_C]\" | tr a b\nexit 4"}),
        );
        assert_eq!((done.stdout.as_deref(), done.rc), (Some("[]"), Some(4)));
        let listed = host.run(
            "shell",
            json!({"_raw_params": "pass=hunter2-in-argv; tr '\\0' ' ' </proc/$$/cmdline"}),
        );
        assert!(!listed.stdout.unwrap().contains("hunter2"));
        let bash = host.run(
            "shell",
            json!({"_raw_params": "echo ${BASH_VERSION:+bash} ${x[1]}", "executable": "/bin/bash"}),
        );
        assert_eq!(bash.stdout.as_deref(), Some("bash"));
        let binary = host.run(
            "shell",
            json!({"_raw_params": "printf 'a\\n\\n'", "strip_empty_ends": false}),
        );
        assert_eq!(binary.stdout.as_deref(), Some("a\n\n"));
        let raw = host.run("raw", json!({"_raw_params": "echo $((1+1))"}));
        assert_eq!(raw.stdout.as_deref(), Some("2\n"));
        assert!(host.check("raw", json!({"_raw_params": "true"})).skipped);
    });
}

#[test]
fn script_runs_a_local_script() {
    each(|host| {
        std::fs::create_dir(host.path("files")).unwrap();
        host.write("files/s.sh", "#!/bin/sh\necho \"$1|$2\"; cat; exit 5\n");
        let done = host.run("script", json!({"_raw_params": "s.sh a 'b c'"}));
        assert_eq!(
            (done.stdout.as_deref(), done.rc, done.failed),
            (Some("a|b c\n"), Some(5), true)
        );
    });
}

#[test]
fn a_program_that_dies_is_no_success() {
    use swarmctl::play::modules::{Answer, Work};
    each(|host| {
        let work = host.compile("shell", &json!({"_raw_params": "kill -9 $PPID"}), false);
        let Ok(Work::Remote(remote)) = work else {
            panic!()
        };
        let run = remote.run();
        let (code, stdout, stderr) = host.raw(&run);
        let answer = Answer {
            code,
            stdout: &stdout,
            stderr: &stderr,
        };
        let error = remote.read(&run, &answer).unwrap_err().to_string();
        assert!(error.contains("before its report was complete"), "{error}");
    });
}

#[test]
fn a_shell_that_keeps_the_functions_needs_less() {
    use swarmctl::play::modules::{Answer, Report, Work, prelude};
    each(|host| {
        host.write("f", "a\n");
        let args = json!({"path": "{dir}/f", "line": "b"});
        let Ok(Work::Remote(remote)) = host.compile("lineinfile", &args, false) else {
            panic!()
        };
        let mut run = remote.lean_run();
        assert!(run.program.len() < 2_500, "{}", run.program.len());
        assert!(remote.run().program.len() > run.program.len());
        for turn in 0.. {
            assert!(turn < 2);
            let mut whole = run.clone();
            whole.program.insert_str(0, &prelude());
            let (code, stdout, stderr) = host.raw(&whole);
            let answer = Answer {
                code,
                stdout: &stdout,
                stderr: &stderr,
            };
            match remote.read(&run, &answer).unwrap() {
                Report::Done(result) => {
                    assert!(result.changed && !result.failed, "{result:?}");
                    break;
                }
                Report::Again(next) => run = next,
            }
        }
        assert_eq!(host.read("f"), "a\nb\n");
    });
}
