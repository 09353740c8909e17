//! What the documentation says about output is what the code does.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use crate::swarmctl::Swarmctl;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
}

/// The schema names that code outside of tests writes.
fn written() -> BTreeSet<String> {
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    let mut names = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for part in code.split('"').filter(|part| part.starts_with("swarmctl/")) {
            let version = part.rsplit('/').next().unwrap();
            if part.split('/').count() == 3 && version.parse::<u32>().is_ok() {
                names.insert(part.to_owned());
            }
        }
    }
    names
}

#[test]
fn every_schema_is_described() {
    let docs = fs::read_to_string(root().join("docs/json.md")).unwrap();
    let described: BTreeSet<String> = docs
        .lines()
        .filter_map(|line| line.strip_prefix("## swarmctl/"))
        .map(|name| format!("swarmctl/{name}"))
        .collect();
    assert_eq!(written(), described);
}

#[test]
fn the_exit_codes_of_help_are_those_of_the_docs() {
    let help = Swarmctl::new().line("--help").run().stdout;
    let (_, table) = help.split_once("Exit codes:\n").unwrap();
    let of_help: BTreeSet<&str> = table
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let docs = fs::read_to_string(root().join("docs/exit-codes.md")).unwrap();
    let of_docs: BTreeSet<&str> = docs
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(' ').next())
        .filter(|cell| cell.parse::<u8>().is_ok())
        .collect();
    assert_eq!(of_help, of_docs);
    assert_eq!(of_help.len(), 9);
}

#[test]
fn every_verb_of_the_readme_exists() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let help = Swarmctl::new().line("--help").run().stdout;
    for line in readme
        .lines()
        .filter_map(|line| line.strip_prefix("| `swarmctl "))
    {
        let verbs = line.split([' ', '`']).next().unwrap().replace('\\', "");
        for verb in verbs.split('|') {
            assert!(help.contains(&format!("\n  {verb} ")), "{verb}");
        }
    }
}
