//! The arrows between the rooms of `src/` are those of the table in
//! docs/architecture.md, and no others.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "tests may panic"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

type Arrows = BTreeMap<String, BTreeSet<String>>;

/// Reads `| room | owns | must not know | may use |` rows.
fn table(markdown: &str) -> Arrows {
    markdown
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [_, room, _, _, uses, _] = cells.as_slice() else {
                return None;
            };
            let room = room.strip_prefix('`')?.strip_suffix('`')?;
            let uses = uses.split(',').map(str::trim).filter(|to| !to.is_empty());
            Some((room.to_owned(), uses.map(str::to_owned).collect()))
        })
        .collect()
}

/// Returns the rooms that `code` names: `crate::room` and `crate::{room, room::x}`.
fn named_rooms(code: &str) -> BTreeSet<String> {
    let code: String = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let mut rooms = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => rooms.extend(first_names(group)),
            None => {
                rooms.insert(name(rest));
            }
        }
    }
    rooms
}

/// Returns the first name of each item of a `use` group, up to its closing brace.
fn first_names(group: &str) -> Vec<String> {
    let (mut depth, mut start, mut names) = (0usize, 0usize, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                names.push(name(group[start..at].trim_start()));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

fn name(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rooms() -> Vec<String> {
    let mut rooms: Vec<String> = fs::read_dir(root().join("src"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    rooms.sort();
    rooms
}

fn allowed() -> Arrows {
    table(&fs::read_to_string(root().join("docs/architecture.md")).unwrap())
}

#[test]
fn the_table_names_every_room_and_no_other() {
    let allowed = allowed();
    assert_eq!(allowed.keys().cloned().collect::<Vec<_>>(), rooms());
    for (room, uses) in &allowed {
        for to in uses {
            assert!(
                allowed.contains_key(to),
                "`{room}` may use `{to}`: no such room"
            );
        }
    }
}

#[test]
fn the_table_has_no_circle() {
    let mut left = allowed();
    while !left.is_empty() {
        let free: Vec<String> = left
            .iter()
            .filter(|(_, uses)| uses.iter().all(|to| !left.contains_key(to)))
            .map(|(room, _)| room.clone())
            .collect();
        assert!(!free.is_empty(), "a circle among {:?}", left.keys());
        left.retain(|room, _| !free.contains(room));
    }
}

#[test]
fn every_arrow_is_in_the_table() {
    let allowed = allowed();
    let mut wrong = Vec::new();
    for (room, uses) in &allowed {
        for file in sources(&root().join("src").join(room)) {
            for to in named_rooms(&fs::read_to_string(&file).unwrap()) {
                if to != *room && !uses.contains(&to) {
                    let file = file.strip_prefix(root()).unwrap().display();
                    wrong.push(format!("{file}: {room} -> {to}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "forbidden arrows:\n{}", wrong.join("\n"));
    let main = fs::read_to_string(root().join("src/main.rs")).unwrap();
    assert_eq!(main.matches("swarmctl::").count(), 1, "{main}");
    assert!(main.contains("swarmctl::cli::main"), "{main}");
}

#[test]
fn only_the_command_line_reads_environment_and_terminal() {
    let asked = [
        "env::var",
        "env::vars",
        "env::args",
        "env::current_dir",
        "env::home_dir",
        "is_terminal()",
    ];
    let mut wrong = Vec::new();
    for room in rooms().into_iter().filter(|room| room != "cli") {
        for file in sources(&root().join("src").join(room)) {
            let text = fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            for what in asked.iter().filter(|what| code.contains(**what)) {
                let file = file.strip_prefix(root()).unwrap().display();
                wrong.push(format!("{file}: {what}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "handed in, not asked for:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_reader_sees_every_form_of_an_arrow() {
    let code = "
        use crate::plan::Place;
        use crate::{
            fleet::{FleetDir, StateDir},
            report,
            select::Names as _,
        };
        // crate::comment is no arrow
        fn f() -> crate::guest::Facts { $crate::macro_path; mycrate::other }
    ";
    let rooms: Vec<String> = named_rooms(code).into_iter().collect();
    assert_eq!(rooms, ["fleet", "guest", "plan", "report", "select"]);
    let arrows = table(
        "| room | owns | must not know | may use |\n|---|---|---|---|\n| `a` | x | y | b, c |\n| `b` | x | y | |",
    );
    assert_eq!(arrows["a"].len(), 2);
    assert!(arrows["b"].is_empty());
}
