use crate::swarmctl::{FLEET, Swarmctl};

#[track_caller]
fn refused(line: &str) -> String {
    let run = Swarmctl::new().line(line).run();
    assert_eq!(run.code, 2, "{}", run.all());
    assert_eq!(run.stdout, "");
    run.stderr
}

#[test]
fn wrong_command_lines_exit_2() {
    let mut all = String::new();
    for line in [
        "provison zap",
        "provision",
        "provision zap --chek",
        "check -f none",
        "check -f 0",
        "check -o xml",
        "check --timeout 5m",
        "-l a check -l b",
        "check -q -v",
        "inventory",
        "completions tcsh",
    ] {
        all.push_str(&format!("$ swarmctl {line}\n{}\n", refused(line)));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn an_empty_pattern_is_not_the_whole_fleet() {
    for args in [
        vec!["destroy", "", "--yes"],
        vec!["stop", " "],
        vec!["inventory", "list", ""],
        vec!["list", "all", "-l", ""],
        vec!["check", "-l", ""],
    ] {
        let run = Swarmctl::new().fleet(FLEET).args(args.clone()).run();
        assert_eq!(run.code, 2, "{args:?}: {}", run.all());
        assert!(run.stderr.contains("is empty"), "{args:?}: {}", run.all());
        assert_eq!(run.stdout, "");
    }
}

#[test]
fn an_empty_inventory_path_is_no_inventory() {
    let run = Swarmctl::new().fleet(FLEET).args(["check", "-i", ""]).run();
    assert_eq!(run.code, 2, "{}", run.all());
    assert!(run.stderr.contains("--inventory <PATH>"), "{}", run.all());
}

#[test]
fn nothing_at_all_shows_the_help_and_exits_2() {
    let help = refused("");
    assert!(help.contains("Usage: swarmctl"), "{help}");
}
