//! What is said when all instances are finished.

use serde_json::json;

use super::{
    Format, Output, Painter, failure, plan,
    text::{counted, printable, seconds},
};
use crate::plan::{Exit, Outcome, Status};

/// Every status with its word, in the order of the recap.
const STATUSES: [(Status, &str); 8] = [
    (Status::Changed, "changed"),
    (Status::Unchanged, "unchanged"),
    (Status::Failed, "failed"),
    (Status::Unreachable, "unreachable"),
    (Status::Refused, "refused"),
    (Status::Locked, "locked"),
    (Status::Invalid, "invalid"),
    (Status::Interrupted, "interrupted"),
];

/// Reports the end of a run: what failed and what to do next, what was left alone,
/// notes, and one line of totals. Returns the exit code for all of it.
pub fn recap(output: &Output, outcomes: &[Outcome]) -> Exit {
    let exit = outcomes
        .iter()
        .fold(Exit::Done, |worst, outcome| worst.worse(outcome.exit()));
    let painter = output.talk_painter();
    for outcome in outcomes {
        for line in details(outcome, painter) {
            output.talk(&line);
        }
        if let Some(text) = failure::outcome(outcome, painter) {
            output.complain(&text);
        }
    }
    match output.format() {
        Format::Table => output.talk(&totals(outcomes, painter)),
        Format::Json | Format::Yaml => {
            let mut line = json!({
                "schema": "swarmctl/recap/1",
                "exit": exit.code(),
            });
            for (status, word) in STATUSES {
                line[word] = count(outcomes, status).into();
            }
            output.event(line);
        }
    }
    exit
}

/// Returns how an instance ended, in one line: `zap: changed, 9 steps in 41 s`.
pub fn ended(outcome: &Outcome, painter: Painter) -> String {
    let name = painter.bold(&printable(&outcome.instance));
    let time = seconds(outcome.seconds);
    let how = word(outcome.status);
    match outcome.status {
        Status::Unchanged => format!("{name}: {}", painter.good(how)),
        Status::Changed => format!(
            "{name}: {}, {} in {time}",
            painter.warn(how),
            counted(outcome.done.len(), "step")
        ),
        _ => {
            let step = outcome
                .failed_step
                .as_ref()
                .map_or(String::new(), |step| format!(" at {}", printable(step)));
            format!("{name}: {}{step} after {time}", painter.bad(how))
        }
    }
}

fn details(outcome: &Outcome, painter: Painter) -> Vec<String> {
    let name = printable(&outcome.instance);
    let held = outcome.held.iter().map(|held| plan::held(held, painter));
    let notes = outcome.notes.iter().map(|note| printable(note));
    held.chain(notes)
        .map(|line| format!("{name}: {}", line.trim_start_matches("- ")))
        .collect()
}

fn totals(outcomes: &[Outcome], painter: Painter) -> String {
    let parts: Vec<String> = STATUSES
        .into_iter()
        .filter_map(|(status, word)| {
            let n = count(outcomes, status);
            let text = format!("{n} {word}");
            match status {
                _ if n == 0 => None,
                Status::Unchanged => Some(painter.good(&text)),
                Status::Changed => Some(painter.warn(&text)),
                _ => Some(painter.bad(&text)),
            }
        })
        .collect();
    if parts.is_empty() {
        "no instances".to_owned()
    } else {
        parts.join(", ")
    }
}

fn count(outcomes: &[Outcome], status: Status) -> usize {
    outcomes.iter().filter(|o| o.status == status).count()
}

fn word(status: Status) -> &'static str {
    STATUSES
        .into_iter()
        .find(|(known, _)| *known == status)
        .map_or("ended", |(_, word)| word)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::{super::output::testing::output, *};
    use crate::{
        plan::{Failure, FailureKind, Held, Need},
        report::Verbosity,
    };

    fn outcomes() -> Vec<Outcome> {
        let mut changed = Outcome::unchanged("zap");
        changed.status = Status::Changed;
        changed.done = vec!["create-overlay".to_owned(), "start".to_owned()];
        changed.seconds = 41.2;
        changed.notes = vec!["ssh swarm@192.168.122.182".to_owned()];
        let mut held = Outcome::unchanged("demo");
        held.held = vec![Held {
            what: "memory 3072 MiB, wanted 4096 MiB".to_owned(),
            need: Need::Restart,
        }];
        let failure = Failure::new(FailureKind::Unreachable, "no route to host")
            .context("connect to 192.168.122.9")
            .hint("swarmctl console mid");
        vec![
            changed,
            held,
            Outcome::failed("mid", Some("wait-ready"), failure),
        ]
    }

    #[test]
    fn people_read_reasons_and_totals() {
        let (output, out, err) = output(Format::Table, Verbosity::Normal);
        assert_eq!(recap(&output, &outcomes()), Exit::Unreachable);
        assert_snapshot!(err.text(), @"
        zap: ssh swarm@192.168.122.182
        demo: memory 3072 MiB, wanted 4096 MiB (needs --restart)
        error: mid: wait-ready: connect to 192.168.122.9: no route to host
        next: swarmctl console mid
        1 changed, 1 unchanged, 1 unreachable
        ");
        assert_eq!(out.text(), "");
    }

    #[test]
    fn quiet_still_says_why_it_failed() {
        let (output, _, err) = output(Format::Table, Verbosity::Quiet);
        recap(&output, &outcomes());
        assert!(err.text().starts_with("error: mid"), "{}", err.text());
        assert!(!err.text().contains("changed"), "{}", err.text());
    }

    #[test]
    fn programs_read_one_line() {
        let (output, out, _) = output(Format::Json, Verbosity::Normal);
        recap(&output, &outcomes());
        assert_snapshot!(out.text(), @r#"{"schema":"swarmctl/recap/1","exit":4,"changed":1,"unchanged":1,"failed":0,"unreachable":1,"refused":0,"locked":0,"invalid":0,"interrupted":0}"#);
    }

    #[test]
    fn how_each_ended() {
        let lines: Vec<_> = outcomes()
            .iter()
            .map(|outcome| ended(outcome, Painter::new(false)))
            .collect();
        assert_snapshot!(lines.join("\n"), @"
        zap: changed, 2 steps in 41 s
        demo: unchanged
        mid: unreachable at wait-ready after 0.0 s
        ");
    }
}
