//! Jobs that are sent together, with each `sh` that this machine has.

use swarmctl::transport::{Guarded, Job, Probe, Ran, Reply, Shell, TransportError};

use crate::{LIMIT, shell::fars};

fn job(task: usize, program: &str, input: &[u8]) -> Guarded {
    Guarded {
        job: Job {
            program: program.to_owned(),
            input: input.to_vec(),
            timeout: LIMIT,
        },
        before: String::new(),
        task,
        ignored: false,
        probe: Probe::No,
        changes: false,
        reads_variable: false,
        apart: false,
    }
}

async fn replies(shell: &Shell, jobs: Vec<Guarded>) -> Vec<Result<Ran, TransportError>> {
    let mut replies = Vec::new();
    for reply in shell.volley(jobs).await {
        replies.push(reply.await.unwrap());
    }
    replies
}

fn out(reply: &Result<Ran, TransportError>) -> (&str, i32, String) {
    let (how, Reply { code, stdout, .. }) = match reply.as_ref().unwrap() {
        Ran::Whole(reply) => ("whole", reply),
        Ran::Probed(reply) => ("probed", reply),
        Ran::Skipped => return ("skipped", 0, String::new()),
    };
    (how, *code, String::from_utf8_lossy(stdout).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_stops_what_is_behind_it_in_one_round_trip() {
    for far in fars() {
        let shell = far.shell().await;
        let before = shell.traffic().round_trips;
        let mut jobs: Vec<Guarded> = (0..300)
            .map(|number| job(number, &format!("echo {number}; echo err >&2"), b""))
            .collect();
        jobs[10].before = "s_given() { echo \"given $1\"; }\ns_word=it\\'s\n".to_owned();
        jobs[20].job.program = "s_given \"$s_word\"".to_owned();
        jobs[30] = job(30, "cat; exit 4", b"bytes\0\xff\\n\n'");
        jobs[30].ignored = true;
        jobs[40] = job(40, "printf %s \"$_sw_t\"", "te'xt\n".as_bytes());
        jobs[40].reads_variable = true;
        jobs[50].apart = true;
        jobs[60] = job(60, "echo item; exit 1", b"");
        jobs[61] = job(60, "echo another", b"");
        let replies = replies(&shell, jobs).await;
        assert_eq!(out(&replies[20]), ("whole", 0, "given it's\n".to_owned()));
        match replies[30].as_ref().unwrap() {
            Ran::Whole(reply) => assert_eq!(reply.stdout, b"bytes\0\xff\\n\n'"),
            other => panic!("{other:?}"),
        }
        assert_eq!(out(&replies[40]), ("whole", 0, "te'xt\n".to_owned()));
        assert_eq!(out(&replies[50]), ("whole", 0, "50\n".to_owned()));
        match replies[51].as_ref().unwrap() {
            Ran::Whole(reply) => assert_eq!(reply.stderr, b"err\n"),
            other => panic!("{other:?}"),
        }
        assert_eq!(out(&replies[60]), ("whole", 1, "item\n".to_owned()));
        assert_eq!(out(&replies[61]), ("whole", 0, "another\n".to_owned()));
        for (number, reply) in replies.iter().enumerate().skip(62) {
            assert_eq!(out(reply).0, "skipped", "{number}");
        }
        assert_eq!(shell.traffic().round_trips, before + 1);
        let alone = Job {
            program: "echo \"[$_sw_P]\"".to_owned(),
            input: Vec::new(),
            timeout: LIMIT,
        };
        assert_eq!(shell.run(alone).await.unwrap().stdout, b"[]\n");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_one_that_asks_the_others_only_look() {
    for far in fars() {
        let shell = far.shell().await;
        let say = "echo \"$_sw_P\"; exit \"$_sw_P\"";
        let mut jobs: Vec<Guarded> = (0..5).map(|number| job(number, say, b"")).collect();
        jobs[1].job.program = "exit 8".to_owned();
        jobs[2].probe = Probe::Yes;
        jobs[4].probe = Probe::Anew;
        let replies = replies(&shell, jobs).await;
        let seen: Vec<_> = replies.iter().map(out).collect();
        assert_eq!(
            seen,
            [
                ("whole", 0, "0\n".to_owned()),
                ("whole", 8, String::new()),
                ("probed", 1, "1\n".to_owned()),
                ("skipped", 0, String::new()),
                ("probed", 2, "2\n".to_owned()),
            ]
        );
    }
}
