//! The hand-written plays.

use std::path::Path;

use crate::{
    compare,
    pair::{Pair, Pass},
    rig, state,
};

/// Runs playbooks by both, three times each, and demands the same.
fn agree(pair: &Pair, books: &[&str]) {
    let plays = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/systemd/plays");
    let mut wrong = Vec::new();
    let mut compared = 0;
    let only = std::env::var("SWARMCTL_BOOKS").unwrap_or_default();
    for name in books {
        if !only.is_empty() && !only.split(',').any(|book| book == *name) {
            continue;
        }
        let text = std::fs::read_to_string(plays.join(name)).unwrap();
        pair.write(name, &text);
        for pass in [Pass::Check, Pass::First, Pass::Second] {
            let begun = std::time::Instant::now();
            let [ours, theirs] = match pair.run(name, pass) {
                [Ok(ours), Ok(theirs)] => [ours, theirs],
                [ours, theirs] => {
                    wrong.extend([ours, theirs].into_iter().filter_map(Result::err));
                    continue;
                }
            };
            compared += ours.len();
            println!(
                "{name} {}: {} tasks, {:.1} s",
                pass.name(),
                ours.len(),
                begun.elapsed().as_secs_f32()
            );
            wrong.extend(compare::differences(pass, &ours, &theirs));
            let when = format!("{name} after {}", pass.name());
            wrong.extend(state::differences(
                &pair.rig,
                &when,
                pair.ours(),
                pair.theirs(),
            ));
        }
    }
    println!("{compared} results of tasks compared");
    assert!(
        wrong.is_empty(),
        "{} differences\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn pair(name: &str, number: u8, options: &[&str]) -> Option<Pair> {
    if let Some(why) = rig::missing() {
        println!("skipped: {why}");
        return None;
    }
    Some(Pair::up(name, number, options))
}

#[test]
fn system() {
    let Some(pair) = pair("diffsystem", 1, &["--packages", "cron,ufw,iptables"]) else {
        return;
    };
    agree(&pair, &["units.yml", "settings.yml", "firewall.yml"]);
}

#[test]
fn packages() {
    let Some(pair) = pair(
        "diffpackages",
        2,
        &[
            "--kind",
            "openclaw",
            "--packages",
            "python3-venv,python3-pip,gnupg",
        ],
    ) else {
        return;
    };
    agree(&pair, &["packages.yml", "sources.yml", "fetching.yml"]);
}

#[test]
fn people() {
    let Some(pair) = pair("diffpeople", 3, &[]) else {
        return;
    };
    agree(&pair, &["people.yml", "files.yml"]);
}
