//! Which of two places that set a variable wins: every pair of them.

use crate::{
    compare::{Order, same},
    fleet::Fleet,
    oracle::Oracle,
};

/// The places, the weakest first. `parent` holds `child` and `eager`, which has the
/// higher priority; all three hold the host.
const LAYERS: [&str; 16] = [
    "sources all",
    "sources parent",
    "sources child",
    "sources eager",
    "first group_vars/all",
    "second group_vars/all",
    "fleet group_vars/all",
    "first group_vars/child",
    "first group_vars/eager",
    "second group_vars/child",
    "fleet group_vars/child",
    "fleet group_vars/eager",
    "host line",
    "first host_vars",
    "second host_vars",
    "fleet host_vars",
];

/// `pair_I_J=layer` for each pair the layer is one of.
fn vars(layer: &str, separator: &str) -> String {
    let own = LAYERS.iter().position(|name| *name == layer).unwrap();
    let mut text = String::new();
    for other in 0..=LAYERS.len() {
        let (low, high) = (own.min(other), own.max(other));
        if low != high {
            text.push_str(&format!("pair_{low}_{high}{separator}layer{own}\n"));
        }
    }
    text
}

fn fleet() -> Fleet {
    let ini = |layer: &str| vars(layer, "=");
    let host = ini("host line").trim_end().replace('\n', " ");
    let mut text = format!("[child]\nh {host}\n[eager]\nh\n[parent:children]\nchild\neager\n");
    for (group, layer) in [
        ("all", "sources all"),
        ("parent", "sources parent"),
        ("child", "sources child"),
        ("eager", "sources eager"),
    ] {
        text.push_str(&format!("[{group}:vars]\n{}", ini(layer)));
    }
    text.push_str("[eager:vars]\nansible_group_priority=5\n");
    let mut fleet = Fleet::new()
        .file("first/hosts", &text)
        .file("second/hosts", "h\n")
        .source("first/hosts")
        .source("second/hosts");
    for layer in LAYERS {
        let Some((base, name)) = layer.split_once(' ') else {
            continue;
        };
        let dir = match base {
            "fleet" => ".",
            "first" | "second" => base,
            _ => continue,
        };
        let name = name.replace("host_vars", "host_vars/h");
        fleet = fleet.file(&format!("{dir}/{name}.yml"), &vars(layer, ": "));
    }
    fleet.with_root = true;
    let extra: Vec<String> = (0..LAYERS.len())
        .map(|layer| format!("pair_{layer}_{}=extra", LAYERS.len()))
        .collect();
    fleet.extra_vars = vec![extra.join(" ")];
    fleet
}

#[test]
fn the_stronger_of_each_pair_wins() {
    let inventory = fleet().load().unwrap();
    let vars = inventory.vars("h");
    for low in 0..LAYERS.len() {
        for high in low + 1..=LAYERS.len() {
            let winner = vars[&format!("pair_{low}_{high}")].node.as_str().unwrap();
            let want = if high == LAYERS.len() {
                "extra".to_owned()
            } else {
                format!("layer{high}")
            };
            assert_eq!(
                winner,
                want,
                "{} against {:?}",
                LAYERS[low],
                LAYERS.get(high)
            );
        }
    }
}

#[test]
fn ansible_agrees_on_each_pair() {
    if let Some(mut oracle) = Oracle::start() {
        same(&mut oracle, &fleet(), &[], Order::Any);
    }
}
