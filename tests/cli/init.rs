use crate::swarmctl::Swarmctl;

#[test]
fn a_new_directory_is_written_once() {
    let runner = Swarmctl::new().line("init new");
    let first = runner.run();
    let second = runner.run();
    let text = format!("{}\n{}", first.all(), second.all());
    insta::assert_snapshot!(text);
    assert!(runner.root().join("new/inventory/hosts.yml").is_file());
    std::fs::write(runner.root().join("new/README.md"), "mine").unwrap();
    let forced = Swarmctl::run(&runner.args(["--force"]));
    assert_eq!(forced.code, 0, "{}", forced.all());
}

#[test]
fn the_files_as_json() {
    let run = Swarmctl::new().line("init new -o json").run();
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let body: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(body["schema"], "swarmctl/init/1");
    assert!(body["written"].as_array().unwrap().len() >= 3, "{body}");
}
