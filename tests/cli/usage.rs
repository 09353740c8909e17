use crate::swarmctl::Swarmctl;

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
fn nothing_at_all_shows_the_help_and_exits_2() {
    let help = refused("");
    assert!(help.contains("Usage: swarmctl"), "{help}");
}
