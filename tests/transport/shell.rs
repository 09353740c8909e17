//! The long-lived shell, with each `sh` that this machine has.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use swarmctl::transport::{
    Become, BecomeMethod, BecomeProblem, Job, Reply, Session, Shell, TransportError,
};
use tempfile::TempDir;

use crate::{LIMIT, carriers, sshd::Sshd};

/// A server whose `sh` is dash, bash or busybox, where busybox brings all its tools.
pub struct Far {
    sshd: Sshd,
    _bin: TempDir,
    kind: &'static str,
    carrier: usize,
}

const KINDS: [(&str, &str); 3] = [
    ("dash", "/usr/bin/dash"),
    ("bash", "/usr/bin/bash"),
    ("busybox", "/usr/bin/busybox"),
];

fn far(kind: &'static str, extra: &str) -> Option<Far> {
    let program = KINDS.iter().find(|(name, _)| *name == kind).unwrap().1;
    if !Path::new(program).exists() {
        println!("skipped: {program} is missing (apt install {kind})");
        return None;
    }
    let bin = tempfile::tempdir().unwrap();
    symlink(program, bin.path().join("sh")).unwrap();
    if kind == "busybox" {
        let list = Command::new(program).arg("--list").output().unwrap();
        for name in String::from_utf8(list.stdout).unwrap().lines() {
            // Changing users is not busybox's business here.
            if !["sh", "su", "login"].contains(&name) {
                symlink(program, bin.path().join(name)).unwrap();
            }
        }
    }
    let path = format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", bin.path().display());
    let sshd = Sshd::start_with(&format!("SetEnv PATH={path}\n{extra}"))?;
    Some(Far {
        sshd,
        _bin: bin,
        kind,
        carrier: 0,
    })
}

/// Each kind through russh, and one through OpenSSH as well.
pub fn fars() -> impl Iterator<Item = Far> {
    let by_openssh = far("dash", "").map(|far| Far { carrier: 1, ..far });
    let others = KINDS.iter().filter_map(|(kind, _)| far(kind, ""));
    others.chain(by_openssh)
}

impl Far {
    async fn session(&self) -> Session {
        let (target, carrier) = carriers(&self.sshd.target())[self.carrier].clone();
        let session = Session::connect(&target).await.unwrap();
        assert_eq!(session.carried_by(), carrier);
        session
    }

    pub async fn shell(&self) -> Shell {
        self.session().await.shell(None).await.unwrap()
    }
}

fn job(program: &str, input: impl Into<Vec<u8>>) -> Job {
    Job {
        program: program.to_owned(),
        input: input.into(),
        timeout: LIMIT,
    }
}

async fn run(shell: &Shell, program: &str) -> Reply {
    shell.run(job(program, "")).await.unwrap()
}

async fn says(shell: &Shell, program: &str) -> String {
    let reply = run(shell, program).await;
    let text = |bytes| String::from_utf8(bytes).unwrap();
    format!(
        "{}|{}|{}",
        reply.code,
        text(reply.stdout),
        text(reply.stderr)
    )
}

/// The private directories of shells on this machine.
fn directories() -> Vec<String> {
    ["/dev/shm", "/tmp", "/var/tmp"]
        .into_iter()
        .filter_map(|directory| fs::read_dir(directory).ok())
        .flatten()
        .map(|entry| entry.unwrap().path().display().to_string())
        .filter(|path| path.contains("/.swarmctl-"))
        .collect()
}

#[tokio::test]
async fn is_the_shell_that_is_tested() {
    for far in fars() {
        let shell = far.shell().await;
        let exe = says(&shell, "readlink /proc/$$/exe").await;
        assert!(exe.contains(far.kind), "{exe}");
    }
}

#[tokio::test]
async fn programs_and_input_arrive_exactly() {
    let everything: Vec<u8> = (0..=255).cycle().take(70_001).collect();
    let text = "it's \"all\" \\ `text` $HOME ~ \t\r\n\u{1}\u{7f}\u{81}\u{401}\u{1f980}\n\n";
    for far in fars() {
        let shell = far.shell().await;
        for input in [
            b"".as_slice(),
            b"x",
            b"\n",
            b"-n",
            b"\0",
            text.as_bytes(),
            &everything,
            text.repeat(3000).as_bytes(),
            &everything.repeat(80),
        ] {
            let reply = shell.run(job("cat", input)).await.unwrap();
            assert_eq!(reply.code, 0, "{}", far.kind);
            assert!(reply.stdout == input, "{} {}", far.kind, input.len());
            assert!(reply.stderr.is_empty());
        }
        // Each character in a program, quoted there as its writer would.
        let odd: String = ('\u{1}'..'\u{800}').filter(|c| *c != '\'').collect();
        let reply = run(&shell, &format!("printf %s '{odd}' \"it's\"\n\n# 'end")).await;
        assert_eq!(
            String::from_utf8(reply.stdout).unwrap(),
            format!("{odd}it's"),
            "{}",
            far.kind
        );
        let error = shell.run(job("echo \0", "")).await.unwrap_err();
        assert!(matches!(error, TransportError::NulByte { .. }));
        let long = format!("printf %s '{}'", "long ".repeat(200_000));
        assert_eq!(run(&shell, &long).await.stdout.len(), 1_000_000);
    }
}

#[tokio::test]
async fn rough_jobs_leave_the_next_one_alone() {
    for far in fars() {
        let shell = far.shell().await;
        let code = async |program: &str| run(&shell, program).await.code;
        assert_eq!(
            says(&shell, "echo out; echo err >&2; exit 3").await,
            "3|out\n|err\n"
        );
        assert_eq!(
            says(&shell, "exec sh -c 'echo replaced; exit 4'").await,
            "4|replaced\n|"
        );
        assert_eq!(says(&shell, "exec <&- >&- 2>&-; exit 5").await, "5||");
        assert_eq!(says(&shell, "set -eu; false; echo never").await, "1||");
        assert_eq!(
            says(&shell, "trap 'echo bye' EXIT; return 6").await,
            "6|bye\n|",
            "{}",
            far.kind
        );
        assert_eq!(says(&shell, "echo $#-$1").await, "0|0-\n|");
        assert_eq!(
            says(&shell, "echo -n; printf '%s' only >&2").await,
            "0||only"
        );
        assert_eq!(says(&shell, "printf 'no newline'").await, "0|no newline|");
        for broken in [
            "echo 'open",
            "if true",
            "}",
            ")",
            "cat <<X\nopen",
            "( (",
            "$((",
            "\\",
        ] {
            let reply = run(&shell, broken).await;
            assert!(
                reply.stdout.is_empty() || broken.starts_with("cat"),
                "{broken}"
            );
        }
        assert_eq!(code("kill -9 $(exec sh -c 'echo $PPID')").await, 137);
        // Nothing stays.
        run(
            &shell,
            "x=1; cd /; umask 000; alias cat=false; cat() { false; }; trap '' TERM; exec 1>&2",
        )
        .await;
        let left = says(&shell, "echo ${x-none}; umask; pwd; echo out | cat").await;
        assert!(
            left.starts_with("0|none\n0022\n") && left.ends_with("\nout\n|"),
            "{left}"
        );
        assert!(!left.contains("\n/\n"), "{left}");
        // Input that nobody reads, and a reader without input.
        for size in [10, 100_000] {
            let reply = shell.run(job("exit 7", vec![0; size])).await.unwrap();
            assert_eq!(reply.code, 7);
            let reply = shell
                .run(job("dd bs=1 count=1 2>/dev/null | wc -c", vec![0; size]))
                .await;
            assert_eq!(reply.unwrap().stdout, b"1\n");
        }
        let (first, second) = tokio::join!(
            shell.run(job("cat; cat /proc/self/fd/0", "")),
            shell.run(job("echo second", ""))
        );
        assert!(first.unwrap().stdout.is_empty());
        assert_eq!(second.unwrap().stdout, b"second\n");
        let binary = "i=0; while [ $i -lt 2000 ]; do printf 'a\\000\\377\\n'; i=$((i+1)); done";
        assert_eq!(run(&shell, binary).await.stdout, b"a\0\xff\n".repeat(2000));
        let all = says(&shell, "set; env; echo last").await;
        assert!(all.ends_with("last\n|"), "{all}");
    }
}

#[tokio::test]
async fn children_left_behind_neither_hold_up_nor_garble() {
    for far in fars() {
        let shell = far.shell().await;
        let begun = Instant::now();
        run(
            &shell,
            "(i=0; while [ $i -lt 400 ]; do echo late; echo late >&2; sleep 0.005; i=$((i+1)); done) & echo first",
        )
        .await;
        assert!(begun.elapsed() < Duration::from_secs(2), "{}", far.kind);
        for i in 0..150 {
            let program = format!("sleep 0.005; echo {i}; echo e >&2");
            assert_eq!(
                says(&shell, &program).await,
                format!("0|{i}\n|e\n"),
                "{}",
                far.kind
            );
        }
    }
}

#[tokio::test]
async fn many_are_sent_at_once_and_answered_in_order() {
    for far in fars() {
        let shell = far.shell().await;
        let before = shell.traffic();
        let jobs = (0..200).map(|i| {
            let shell = shell.clone();
            async move {
                let reply = shell
                    .run(job(&format!("cat; echo {i}"), format!("{i}'")))
                    .await;
                assert_eq!(reply.unwrap().stdout, format!("{i}'{i}\n").into_bytes());
            }
        });
        let mut set = tokio::task::JoinSet::new();
        jobs.for_each(|job| {
            set.spawn(job);
        });
        while let Some(done) = set.join_next().await {
            done.unwrap();
        }
        let after = shell.traffic();
        assert!(after.round_trips - before.round_trips < 20, "{after:?}");
        assert!(after.received > before.received && after.sent > before.sent);
    }
}

#[tokio::test]
async fn a_hundred_mebibytes_come_back() {
    for far in fars() {
        let shell = far.shell().await;
        let (large, small) = tokio::join!(
            shell.run(job(
                "head -c 104857600 /dev/zero; echo end; echo err >&2",
                ""
            )),
            shell.run(job("echo small", "")),
        );
        let large = large.unwrap();
        assert_eq!(large.stdout.len(), (100 << 20) + 4, "{}", far.kind);
        assert!(large.stdout.ends_with(b"\0end\n"));
        assert_eq!(large.stderr, b"err\n");
        assert_eq!(small.unwrap().stdout, b"small\n");
        let reply = run(&shell, "head -c 33554432 /dev/zero >&2; exit 1").await;
        assert_eq!((reply.code, reply.stderr.len()), (1, 32 << 20));
    }
}

#[tokio::test]
async fn a_job_out_of_time_ends_the_shell_but_not_the_session() {
    let Some(far) = far("dash", "") else { return };
    let session = far.session().await;
    let shell = session.shell(None).await.unwrap();
    let mut slow = job("sleep 5", "");
    slow.timeout = Duration::from_millis(300);
    let (slow, next) = tokio::join!(shell.run(slow), shell.run(job("echo next", "")));
    assert!(matches!(
        slow.unwrap_err(),
        TransportError::RunTimedOut { .. }
    ));
    assert!(matches!(next.unwrap_err(), TransportError::Closed { .. }));
    let later = shell.run(job("echo later", "")).await.unwrap_err();
    assert!(matches!(later, TransportError::Closed { .. }));
    let other = session.shell(None).await.unwrap();
    assert_eq!(says(&other, "echo other").await, "0|other\n|");
    // The time of a job begins when the one before it is done.
    let mut patient = job("sleep 0.3; echo done", "");
    patient.timeout = Duration::from_millis(900);
    let all = tokio::join!(
        other.run(patient.clone()),
        other.run(patient.clone()),
        other.run(patient.clone()),
        other.run(patient)
    );
    assert_eq!(all.3.unwrap().stdout, b"done\n");
}

#[tokio::test]
async fn a_killed_shell_is_a_closed_one() {
    for far in fars() {
        let session = far.session().await;
        // Nobody else can remove the directory of a shell that dies like this.
        for kill in ["rm -r \"${_sw_d:?}\"; kill -9 $$", "kill $$; sleep 0.1"] {
            let shell = session.shell(None).await.unwrap();
            let (killer, next) =
                tokio::join!(shell.run(job(kill, "")), shell.run(job("echo next", "")));
            assert!(matches!(killer.unwrap_err(), TransportError::Closed { .. }));
            assert!(matches!(next.unwrap_err(), TransportError::Closed { .. }));
        }
    }
}

#[tokio::test]
async fn its_directory_is_private_and_goes_away() {
    for far in fars() {
        let shell = far.shell().await;
        let seen = says(&shell, "readlink /proc/self/fd/1").await;
        let directory = Path::new(seen.split('|').nth(1).unwrap())
            .parent()
            .unwrap()
            .to_owned();
        assert!(
            directory.display().to_string().contains("/.swarmctl-"),
            "{seen}"
        );
        let mode = fs::metadata(&directory).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{}", far.kind);
        drop(shell);
        await_gone(&directory).await;

        // The connection drops while a job runs.
        let shell = far.shell().await;
        let seen = says(&shell, "readlink /proc/self/fd/1").await;
        let directory = Path::new(seen.split('|').nth(1).unwrap())
            .parent()
            .unwrap()
            .to_owned();
        let cut = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            for process in far.sshd.connections() {
                crate::run("kill", &[&process]);
            }
        };
        let (ended, ()) = tokio::join!(shell.run(job("sleep 1", "")), cut);
        assert!(matches!(ended.unwrap_err(), TransportError::Closed { .. }));
        await_gone(&directory).await;
    }
}

async fn await_gone(directory: &Path) {
    let begun = Instant::now();
    while directory.exists() {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "{directory:?} is left: {:?}",
            directories()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn no_process_shows_a_program_or_its_input() {
    // The parts are joined over there, so that the search does not find itself.
    let look = "p=SECRET; p=${p}PROGRAM; i=SECRET; i=${i}INPUT; sleep 0.3 & \
                for f in /proc/[0-9]*/cmdline /proc/[0-9]*/environ; do \
                if tr '\\0' '\\n' <$f 2>/dev/null | while read -r l; do case $l in *$p*|*$i*) exit 9;; esac; done; \
                then :; else echo found in $f; fi; done; : SECRETPROGRAM";
    for far in fars() {
        let shell = far.shell().await;
        for input in ["SECRETINPUT".to_owned(), "SECRETINPUT\0".repeat(10_000)] {
            let reply = shell.run(job(look, input)).await.unwrap();
            let seen = String::from_utf8(reply.stdout).unwrap();
            assert_eq!((reply.code, seen.as_str()), (0, ""), "{}", far.kind);
        }
    }
}

#[tokio::test]
async fn noise_of_login_files_is_no_reply() {
    let noisy = "ForceCommand echo noise; echo more >&2; eval \"$SSH_ORIGINAL_COMMAND\"";
    let Some(far) = far("dash", noisy) else {
        return;
    };
    assert_eq!(says(&far.shell().await, "echo clean").await, "0|clean\n|");
}

#[tokio::test]
async fn a_login_without_a_shell_is_explained() {
    let none = "ForceCommand echo This account is not available.; exit 1";
    let Some(far) = far("dash", none) else { return };
    let error = far.session().await.shell(None).await.map(drop).unwrap_err();
    let TransportError::NoShell { message, .. } = &error else {
        panic!("{error:?}");
    };
    assert!(message.contains("not available"), "{message}");
    assert!(error.hint().unwrap().contains("getent"));
}

fn root(method: BecomeMethod, password: Option<&str>) -> Become {
    Become {
        method,
        user: "root".to_owned(),
        password: password.map(Into::into),
    }
}

#[tokio::test]
async fn root_becomes_anyone() {
    if crate::run("id", &["-u"]) != "0" {
        println!("skipped: the test's user is not root");
        return;
    }
    for far in fars() {
        let session = far.session().await;
        for (method, program) in [(BecomeMethod::Sudo, "sudo"), (BecomeMethod::Su, "su")] {
            if Command::new(program).arg("--version").output().is_err() {
                println!("skipped: {program} is missing");
                continue;
            }
            for password in [None, Some("unneeded")] {
                let mut other = root(method, password);
                other.user = "nobody".to_owned();
                let shell = session.shell(Some(&other)).await.unwrap();
                let who = says(&shell, "id -un").await;
                assert_eq!(who, "0|nobody\n|", "{} {program}", far.kind);
                let reply = shell.run(job("cat", vec![0; 100_000])).await.unwrap();
                assert_eq!(reply.stdout.len(), 100_000);
            }
            let mut other = root(method, None);
            other.user = "nobody-at-all".to_owned();
            let error = session.shell(Some(&other)).await.map(drop).unwrap_err();
            assert!(
                matches!(
                    &error,
                    TransportError::Become {
                        problem: BecomeProblem::NoSuchUser,
                        ..
                    }
                ),
                "{error:?}"
            );
        }
    }
}

/// A sudo that asks as sudo does, and lets everyone in who knows the word.
const FAKE_SUDO: &str = r#"#!/bin/sh
n= S= p=
while [ "$1" != -- ]; do
  case $1 in -n) n=1;; -S) S=1;; -p) p=$2; shift;; -u) shift;; esac
  shift
done
shift
[ -z "$n" ] || { echo "sudo: a password is required" >&2; exit 1; }
for try in 1 2 3; do
  printf %s "$p" >&2
  read -r word || exit 1
  [ "$word" != "open sesame" ] || exec "$@"
  sleep 0.2
  echo "Sorry, try again." >&2
done
echo "sudo: 3 incorrect password attempts" >&2
exit 1
"#;

#[tokio::test]
async fn a_password_is_given_only_when_asked_for() {
    let bin = tempfile::tempdir().unwrap();
    let fake = |name: &str, text: &str| {
        fs::write(bin.path().join(name), text).unwrap();
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(bin.path().join(name), mode).unwrap();
    };
    fake("sudo", FAKE_SUDO);
    fake(
        "doas",
        "#!/bin/sh\necho 'doas: Operation not permitted' >&2; exit 1\n",
    );
    fake(
        "su",
        "#!/bin/sh\nprintf 'Passwort: ' >&2; read -r x; echo 'su: Authentication failure' >&2; exit 1\n",
    );
    let path = format!("SetEnv PATH={}:/usr/bin:/bin", bin.path().display());
    let Some(sshd) = Sshd::start_with(&path) else {
        return;
    };
    let session = Session::connect(&sshd.target()).await.unwrap();
    let shell = session
        .shell(Some(&root(BecomeMethod::Sudo, Some("open sesame"))))
        .await
        .unwrap();
    assert_eq!(says(&shell, "cat; echo in").await, "0|in\n|");
    for (other, expected) in [
        (
            root(BecomeMethod::Sudo, None),
            BecomeProblem::PasswordWanted("sudo"),
        ),
        (
            root(BecomeMethod::Sudo, Some("wrong")),
            BecomeProblem::PasswordWrong("sudo"),
        ),
        (
            root(BecomeMethod::Su, None),
            BecomeProblem::PasswordWanted("su"),
        ),
        (
            root(BecomeMethod::Su, Some("wrong")),
            BecomeProblem::PasswordWrong("su"),
        ),
        (
            root(BecomeMethod::Doas, None),
            BecomeProblem::NotAllowed("doas"),
        ),
    ] {
        let error = session.shell(Some(&other)).await.map(drop).unwrap_err();
        let TransportError::Become { problem, user, .. } = &error else {
            panic!("{error:?}");
        };
        assert_eq!((problem, user.as_str()), (&expected, "root"));
        assert!(error.hint().is_some());
        assert!(!format!("{other:?} {error:?} {error}").contains("wrong\""));
    }
}
