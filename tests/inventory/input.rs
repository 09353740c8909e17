//! Bad input, and what needs no oracle.

use std::time::Instant;

use crate::fleet::Fleet;

#[test]
fn all_errors_are_found_at_once() {
    let fleet = Fleet::of("hosts.yml", "web: {hosts: [a]}\nall: {hosts: {h: }}\n")
        .file("host_vars/h.yml", "a: 1\na: 2\n")
        .file("group_vars/all.yml", "- list\n");
    let mut broken = fleet;
    broken.extra_vars = vec!["word".to_owned()];
    let text = broken.load().unwrap_err().to_string();
    for want in [
        "hosts.yml:1:14: ",
        "h.yml:2:1: duplicate key",
        "all.yml:1:1: a variables file",
        "<extra vars>: expected",
    ] {
        assert!(text.contains(want), "{want}: {text}");
    }
}

#[test]
fn warnings_do_not_stop() {
    let fleet = Fleet::of("hosts.yml", "web:\n  host:\n    a:\n");
    let inventory = fleet.load().unwrap();
    assert!(
        inventory.warnings()[0]
            .to_string()
            .contains("hosts.yml:2:3: \"host\" in group \"web\"")
    );
}

#[test]
fn places_of_merged_values() {
    let mut fleet = Fleet::of("hosts", "[web]\nh a=1\n[web:vars]\nb=2\n")
        .file("host_vars/h.yml", "# c\nc: 3\n")
        .file("group_vars/web/x.yml", "b: 4\n");
    fleet.extra_vars = vec!["d=5".to_owned()];
    let inventory = fleet.load().unwrap();
    let vars = inventory.vars("h");
    let place = |name: &str| vars[name].node.place.to_string();
    assert!(place("a").ends_with("hosts:2:5"), "{}", place("a"));
    assert!(place("b").ends_with("group_vars/web/x.yml:1:4"));
    assert!(place("c").ends_with("host_vars/h.yml:2:4"));
    assert_eq!(place("d"), "<extra vars>");
    assert!(
        inventory
            .host_place("h")
            .unwrap()
            .to_string()
            .ends_with("hosts:2:1")
    );
}

#[test]
fn a_large_inventory_takes_no_longer_per_host() {
    let time = |hosts: usize| {
        let mut text = "[g]\n".to_owned();
        (0..hosts).for_each(|i| text.push_str(&format!("h{i} a={i}\n")));
        (0..50).for_each(|i| text.push_str(&format!("[g{i}:children]\ng\n")));
        let fleet = Fleet::of("hosts", &text);
        let start = Instant::now();
        assert_eq!(fleet.load().unwrap().hosts().count(), hosts);
        start.elapsed()
    };
    time(1_000);
    let (small, large) = (time(2_000), time(20_000));
    // Ten times the hosts; a quadratic step would take a hundred times as long.
    assert!(large < small * 40, "{small:?} {large:?}");
}
