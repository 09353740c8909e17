//! What must agree of two runs.

use serde_json::{Map, Value};

use crate::pair::{Outcome, Pass};

/// Return values that say the same on both sides.
const VALUES: &[&str] = &[
    "mode",
    "owner",
    "group",
    "uid",
    "gid",
    "size",
    "checksum",
    "dest",
    "path",
    "found",
    "enabled",
    "home",
    "shell",
    "comment",
    "append",
    "status_code",
    "repo",
    "state",
    "cron_file",
    "before",
    "after",
    "remote_url_changed",
    "virtualenv",
];

/// What commands say. Of other tasks it is the tools' talk, with times in it.
const OUTPUT: &[&str] = &["rc", "stdout", "stderr"];

/// Values of `stat` that say the same on both sides.
const STAT: &[&str] = &[
    "exists",
    "mode",
    "isdir",
    "isreg",
    "islnk",
    "uid",
    "gid",
    "pw_name",
    "gr_name",
    "checksum",
    "lnk_target",
    "executable",
    "readable",
    "writeable",
];

/// Says where two runs of a playbook differ, task by task.
pub fn differences(pass: Pass, ours: &[Outcome], theirs: &[Outcome]) -> Vec<String> {
    let mut wrong = Vec::new();
    let names = |run: &[Outcome]| {
        run.iter()
            .map(|outcome| format!("{} {}", outcome.kind, outcome.task))
            .collect::<Vec<_>>()
    };
    if names(ours) != names(theirs) {
        let (ours, theirs) = (names(ours).join("\n"), names(theirs).join("\n"));
        let diff = similar::TextDiff::from_lines(&theirs, &ours);
        wrong.push(format!(
            "{}: other tasks ran (-theirs +ours)\n{}",
            pass.name(),
            diff.unified_diff().context_radius(2)
        ));
        return wrong;
    }
    for (our, their) in ours.iter().zip(theirs) {
        // What follows from a change that check mode only foretold, swarmctl doesn't guess.
        let unknown = our.result["msg"]
            .as_str()
            .is_some_and(|msg| msg.starts_with("can't be predicted"));
        if pass == Pass::Check && our.status == "skipped" && unknown {
            continue;
        }
        // A name may say in which passes we differ on purpose: docs/differences.md says why.
        let meant = our
            .task
            .split_once("(differs in ")
            .is_some_and(|(_, passes)| passes.contains(pass.name()));
        let (a, b) = (essence(our, their), essence(their, our));
        if (a != b) != meant {
            wrong.push(format!(
                "{}: {}{}\n  ours   {a} {}\n  theirs {b} {}",
                pass.name(),
                our.task,
                if meant {
                    " agrees though it should differ"
                } else {
                    ""
                },
                said(&our.result),
                said(&their.result),
            ));
        }
    }
    wrong
}

/// Why a task is as it is, for people.
fn said(result: &Value) -> String {
    ["msg", "module_stderr", "stderr", "warnings"]
        .iter()
        .filter_map(|key| result.get(*key))
        .map(|value| value.to_string().chars().take(400).collect::<String>())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Returns a result's status, and the values that both sides tell.
fn essence(one: &Outcome, other: &Outcome) -> Value {
    let mut out = Map::new();
    out.insert("status".into(), one.status.clone().into());
    if matches!(one.status.as_str(), "ok" | "changed") {
        keep(&mut out, VALUES, &one.result, &other.result);
        if one.result.get("delta").is_some() && other.result.get("delta").is_some() {
            keep(&mut out, OUTPUT, &one.result, &other.result);
        }
        if let (Some(stat), Some(others)) = (one.result.get("stat"), other.result.get("stat")) {
            let mut inner = Map::new();
            keep(&mut inner, STAT, stat, others);
            out.insert("stat".into(), inner.into());
        }
    }
    Value::Object(out)
}

fn keep(out: &mut Map<String, Value>, keys: &[&str], one: &Value, other: &Value) {
    for key in keys {
        if let (Some(value), Some(others)) = (one.get(*key), other.get(*key))
            && !value.is_null()
            && !others.is_null()
        {
            out.insert((*key).to_owned(), value.clone());
        }
    }
}
