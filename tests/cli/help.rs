use crate::swarmctl::Swarmctl;

/// Every verb, as `swarmctl --help` names them.
fn verbs(line: &str) -> Vec<String> {
    let help = Swarmctl::new().line(line).args(["--help"]).run().stdout;
    let commands = help.split("Commands:\n").nth(1).unwrap_or_default();
    commands
        .lines()
        .take_while(|line| line.starts_with("  "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|verb| *verb != "help")
        .map(str::to_owned)
        .collect()
}

/// Cuts the global options off, which are in the first page.
fn own_part(help: &str) -> String {
    let Some((before, after)) = help.split_once("\nGlobal options:") else {
        return help.to_owned();
    };
    match after.split_once("\nExamples:") {
        Some((_, examples)) => format!("{before}\nExamples:{examples}"),
        None => before.to_owned(),
    }
}

#[test]
fn the_whole_reference() {
    let first = Swarmctl::new().args(["--help"]).run();
    assert_eq!((first.code, first.stderr.as_str()), (0, ""));
    let mut pages = format!("$ swarmctl --help\n{}", first.stdout);
    for verb in verbs("") {
        let mut lines = vec![verb.clone()];
        lines.extend(
            verbs(&verb)
                .into_iter()
                .map(|inner| format!("{verb} {inner}")),
        );
        for line in lines {
            let run = Swarmctl::new().line(&line).args(["--help"]).run();
            assert_eq!(run.code, 0, "{line}");
            let page = own_part(&run.stdout);
            pages.push_str(&format!("\n$ swarmctl {line} --help\n{page}"));
        }
    }
    insta::assert_snapshot!("reference", pages);
}

#[test]
fn short_help_leaves_the_global_options_out() {
    let run = Swarmctl::new().line("provision -h").run();
    insta::assert_snapshot!(run.all());
}

#[test]
fn every_verb_has_examples() {
    let mut lines = Vec::new();
    for verb in verbs("") {
        let inner = verbs(&verb);
        if inner.is_empty() {
            lines.push(verb);
        } else {
            lines.extend(inner.into_iter().map(|inner| format!("{verb} {inner}")));
        }
    }
    assert!(lines.len() >= 10, "{lines:?}");
    for line in lines {
        let help = Swarmctl::new().line(&line).args(["--help"]).run().stdout;
        assert!(help.contains("\nExamples:\n"), "swarmctl {line} has none");
        let needle = format!("swarmctl {line}");
        let (_, examples) = help.split_once("\nExamples:\n").unwrap();
        assert!(examples.contains(&needle), "examples of {line} show others");
    }
}

#[test]
fn the_manual_and_completions_come_out() {
    let man = Swarmctl::new().line("man").run();
    assert_eq!(man.code, 0);
    assert!(man.stdout.contains(".TH swarmctl 1"), "{}", man.stdout);
    for shell in ["bash", "zsh", "fish"] {
        let run = Swarmctl::new().args(["completions", shell]).run();
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(run.stdout.contains("provision"), "{shell}");
    }
    let runner = Swarmctl::new().line("man pages");
    assert_eq!(runner.run().code, 0);
    let page = runner.root().join("pages/swarmctl-inventory-show.1");
    assert!(page.is_file());
}
