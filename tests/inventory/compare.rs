use serde_json::Value;
use swarmctl::select::select;

use crate::{fleet::Fleet, oracle::Oracle};

/// Whether the order of hosts from groups in groups is defined: Ansible keeps sets
/// of groups there, and brings their hosts in any order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Exact,
    Any,
}

/// Loads the fleet with both and demands the same: the list, the graph, the group
/// names, and what the patterns select.
pub fn same(
    oracle: &mut Oracle,
    fleet: &Fleet,
    patterns: &[(String, Option<String>)],
    order: Order,
) -> Value {
    let theirs = oracle.ask(&fleet.question(patterns));
    let ours = fleet.load().unwrap_or_else(|errors| {
        panic!("ours refuses: {errors}\ntheirs: {theirs}\n{}", fleet.show())
    });
    assert!(
        theirs.get("error").is_none(),
        "theirs refuses: {theirs}\n{}",
        fleet.show()
    );
    let list = ours.list_json();
    if list != theirs["list"] {
        let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap();
        let diff = differences(&pretty(&theirs["list"]), &pretty(&list));
        panic!("lists differ (-theirs +ours)\n{diff}\n{}", fleet.show());
    }
    assert_eq!(
        ours.graph(false),
        theirs["graph"].as_str().unwrap(),
        "{}",
        fleet.show()
    );
    // Python prints keys that are no strings, and vaulted values, as JSON can't: the
    // generated fleets have neither.
    if fleet.seed.is_some() {
        assert_eq!(
            drawn(&ours.graph(true)),
            drawn(theirs["graph_vars"].as_str().unwrap()),
            "{}",
            fleet.show()
        );
    }
    for (host, names) in theirs["group_names"].as_object().unwrap() {
        assert_eq!(
            serde_json::json!(ours.groups_of(host)),
            *names,
            "{host}\n{}",
            fleet.show()
        );
        assert_eq!(
            ours.host_json(host).unwrap(),
            list["_meta"]["hostvars"]
                .get(host)
                .cloned()
                .unwrap_or_else(|| serde_json::json!({}))
        );
    }
    for (group, depth) in theirs["depths"].as_object().unwrap() {
        assert_eq!(
            ours.groups()[group].depth,
            depth.as_u64().unwrap() as usize,
            "{group}\n{}",
            fleet.show()
        );
    }
    for ((pattern, limit), theirs) in patterns.iter().zip(theirs["patterns"].as_array().unwrap()) {
        let ours = select(pattern, limit.as_deref(), &ours);
        match (ours, theirs.as_array()) {
            (Ok(ours), Some(theirs)) => {
                let mut ours = ours;
                let mut theirs: Vec<String> = theirs
                    .iter()
                    .map(|host| host.as_str().unwrap().to_owned())
                    .collect();
                if order == Order::Any {
                    ours.sort();
                    theirs.sort();
                }
                assert_eq!(ours, theirs, "{pattern} limit {limit:?}\n{}", fleet.show());
            }
            (Err(_), None) => {}
            (ours, _) => panic!(
                "{pattern} limit {limit:?}: ours {ours:?}, theirs {theirs}\n{}",
                fleet.show()
            ),
        }
    }
    list
}

/// The lines of a graph that both print alike: Python prints a time with a space
/// where JSON has a T.
fn drawn(graph: &str) -> Vec<&str> {
    graph
        .lines()
        .filter(|line| !line.contains("21:59"))
        .collect()
}

/// Demands that both refuse the fleet, and returns our words for it.
pub fn both_refuse(oracle: &mut Oracle, fleet: &Fleet) -> String {
    let theirs = oracle.ask(&fleet.question(&[]));
    assert!(
        theirs.get("error").is_some(),
        "theirs accepts: {theirs}\n{}",
        fleet.show()
    );
    match fleet.load() {
        Ok(_) => panic!("ours accepts\n{}", fleet.show()),
        Err(errors) => errors.to_string(),
    }
}

fn differences(theirs: &str, ours: &str) -> String {
    similar_lines(theirs, ours, '-') + &similar_lines(ours, theirs, '+')
}

/// The lines of `a` that `b` lacks.
fn similar_lines(a: &str, b: &str, sign: char) -> String {
    let other: std::collections::HashSet<&str> = b.lines().collect();
    a.lines()
        .filter(|line| !other.contains(line))
        .map(|line| format!("{sign}{line}\n"))
        .collect()
}
