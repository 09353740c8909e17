//! docs/openclaw.md against the roles.

use std::{collections::BTreeSet, fs, path::Path};

#[test]
fn every_variable_is_documented_and_no_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut variables = BTreeSet::new();
    for role in fs::read_dir(root.join("roles")).unwrap() {
        let defaults = role.unwrap().path().join("defaults/main.yml");
        let Ok(text) = fs::read_to_string(&defaults) else {
            continue;
        };
        let names = text
            .lines()
            .filter_map(|line| Some(line.split_once(':')?.0))
            .filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()));
        variables.extend(names.map(str::to_owned));
    }
    let text = fs::read_to_string(root.join("docs/openclaw.md")).unwrap();
    let (_, tables) = text.split_once("## Variables of install").unwrap();
    let documented: BTreeSet<String> = tables
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .map(str::to_owned)
        .collect();
    assert_eq!(documented, variables);
}
