//! Every place that a variable can have, against every other.

use crate::same_run::{How, same_how};

/// The places from the weakest to the strongest, each with the file and how a
/// variable is written there.
const PLACES: [&str; 18] = [
    "other_role_defaults",
    "role_defaults",
    "inventory_all",
    "inventory_group",
    "file_all",
    "file_group",
    "inventory_host",
    "file_host",
    "play_vars",
    "vars_files",
    "other_role_vars",
    "role_vars",
    "block_vars",
    "task_vars",
    "include_vars",
    "set_fact",
    "role_params",
    "extra_vars",
];

/// The variables that a place defines: one for each pair that it is of, with the
/// place's name.
fn vars(place: usize, indent: &str) -> String {
    let name = PLACES[place];
    let mut text = String::new();
    for (one, other) in pairs() {
        if one == place || other == place {
            text += &format!("{indent}p_{one}_{other}: {name}\n");
        }
    }
    text
}

fn pairs() -> impl Iterator<Item = (usize, usize)> {
    (0..PLACES.len()).flat_map(|one| (one + 1..PLACES.len()).map(move |other| (one, other)))
}

fn at(name: &str, indent: &str) -> String {
    let place = PLACES.iter().position(|one| *one == name).unwrap();
    vars(place, indent)
}

#[test]
fn every_pair_of_places_as_in_ansible() {
    let names: Vec<String> = pairs().map(|(a, b)| format!("p_{a}_{b}")).collect();
    // Both sides print all of them; where two agree on a pair they agree on its order.
    let show = format!("{{msg: \"{{{{ [{}] }}}}\"}}", names.join(", "));
    let site = format!(
        "- hosts: w1\n  gather_facts: false\n  vars:\n{}  vars_files: [files.yml]\n  roles:\n    - other\n    - role: own\n{}",
        at("play_vars", "    "),
        at("role_params", "      "),
    );
    let tasks = format!(
        "- include_vars: late.yml\n- set_fact:\n{}- block:\n    - debug: {show}\n      vars:\n{}  vars:\n{}- debug: {show}\n",
        at("set_fact", "    "),
        at("task_vars", "        "),
        at("block_vars", "    "),
    );
    let hosts = format!(
        "all:\n  vars:\n    ansible_connection: local\n{}  children:\n    web:\n      hosts:\n        w1:\n{}      vars:\n{}",
        at("inventory_all", "    "),
        at("inventory_host", "          "),
        at("inventory_group", "        "),
    );
    let whole = |name: &str| at(name, "");
    let files = [
        ("site.yml".to_owned(), site),
        ("inventory/hosts.yml".to_owned(), hosts),
        ("extra.yml".to_owned(), whole("extra_vars")),
        ("files.yml".to_owned(), whole("vars_files")),
        ("inventory/group_vars/all.yml".to_owned(), whole("file_all")),
        (
            "inventory/group_vars/web.yml".to_owned(),
            whole("file_group"),
        ),
        ("inventory/host_vars/w1.yml".to_owned(), whole("file_host")),
        (
            "roles/other/defaults/main.yml".to_owned(),
            whole("other_role_defaults"),
        ),
        (
            "roles/other/vars/main.yml".to_owned(),
            whole("other_role_vars"),
        ),
        (
            "roles/own/defaults/main.yml".to_owned(),
            whole("role_defaults"),
        ),
        ("roles/own/vars/main.yml".to_owned(), whole("role_vars")),
        ("roles/own/vars/late.yml".to_owned(), whole("include_vars")),
        ("roles/own/tasks/main.yml".to_owned(), tasks),
    ];
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    same_how(
        &files,
        How {
            extra: &["@extra.yml"],
            ..How::default()
        },
    );
}
