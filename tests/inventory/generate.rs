use crate::{fleet::Fleet, random::Random};

const GROUPS: usize = 7;
const HOSTS: usize = 10;

/// YAML values as they are written.
const YAML: &[&str] = &[
    "1",
    "0644",
    "yes",
    "'no'",
    "on",
    "Off",
    "1:30",
    "0x1F",
    "0b11",
    "1_000",
    "1.5",
    "1e5",
    "1.0e+3",
    "~",
    "null",
    "''",
    "2020-01-01",
    "2001-12-14t21:59:43.10-05:00",
    "text",
    "two words",
    "'{{ v1 }}'",
    "[1, two, no]",
    "{a: 1, b: {c: off}}",
    "10.0.0.1",
    "52:54:00:01:00:71",
    "!unsafe '{{ raw }}'",
    "!unsafe [x, 5]",
    "\"tab\\t\"",
    "3GB",
    "y",
    "[]",
    "{}",
    ".5",
    "-7",
    "08",
    "|\n{}  line one\n{}  line two",
    ">-\n{}  folded\n{}  text",
    "'~'",
    "äöü",
];

/// INI values as they are written.
const INI: &[&str] = &[
    "1",
    "0644",
    "True",
    "false",
    "None",
    "'quoted'",
    "\"two words\"",
    "1.5",
    "1e3",
    "[1,'a',True]",
    "\"{'a': 1}\"",
    "10.0.0.1",
    "text",
    "-5",
    "0x1f",
    "1_000",
    "'[1, 2]'",
    "\"'inner'\"",
    "{{v1}}",
    "(1,2)",
    "''",
    "00",
    "yes",
];

const JSON: &[&str] = &[
    "1",
    "1.5",
    "1e2",
    "true",
    "null",
    "\"no\"",
    "[1, \"x\"]",
    "{\"a\": {\"b\": false}}",
    "\"ü\\n\"",
];

/// A fleet and whether the order of hosts in it is defined.
pub struct Generated {
    pub fleet: Fleet,
    pub flat: bool,
    /// Groups without children.
    pub leaves: Vec<String>,
}

pub fn generate(seed: u64) -> Generated {
    let random = &mut Random::new(seed);
    let flat = random.one_in(3);
    // A child has a higher number than its parents, so that no circle can close.
    let mut children = vec![Vec::new(); GROUPS];
    if !flat {
        for (parent, children) in children.iter_mut().enumerate() {
            children.extend((parent + 1..GROUPS).filter(|_| random.one_in(5)));
        }
    }
    let mut fleet = Fleet::new();
    fleet.seed = Some(seed);
    let count = 1 + random.below(2);
    for number in 0..count {
        // Both sources may share a directory, and then its variables files.
        let dir = if random.one_in(2) {
            "inv".to_owned()
        } else {
            format!("inv{number}")
        };
        let (name, text) = if random.one_in(2) {
            (format!("{dir}/hosts{number}"), ini(random, &children))
        } else {
            (format!("{dir}/hosts{number}.yml"), yaml(random, &children))
        };
        let whole_dir = random.one_in(3);
        fleet = fleet.file(&name, &text);
        if whole_dir {
            fleet = fleet.file(&format!("{dir}/notes.txt"), "not: [an inventory\n");
        }
        fleet = fleet.source(if whole_dir { &dir } else { &name });
        if !fleet.dir.path().join(&dir).join("host_vars").exists() {
            fleet = vars_files(random, fleet, &dir);
        }
    }
    if random.one_in(4) {
        fleet = fleet.source("h0,extra:2200,");
    }
    if random.one_in(2) {
        fleet.with_root = true;
        fleet = vars_files(random, fleet, ".");
    }
    if random.one_in(3) {
        fleet.extra_vars = vec![
            "v1=extra v9='a b'".to_owned(),
            "{\"v2\": [1, no]}".to_owned(),
        ];
    }
    let leaves = (0..GROUPS)
        .filter(|&group| children[group].is_empty())
        .map(|group| format!("g{group}"))
        .collect();
    Generated {
        fleet,
        flat,
        leaves,
    }
}

fn some_hosts(random: &mut Random) -> Vec<String> {
    let mut names = Vec::new();
    for host in 0..HOSTS {
        if random.one_in(4) {
            names.push(match random.below(6) {
                0 => format!("h[{host}:{}]", host + 2),
                1 => format!("h{host}:22{host}"),
                2 => "r[01:03]-[a:b]".to_owned(),
                _ => format!("h{host}"),
            });
        }
    }
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

fn ini(random: &mut Random, children: &[Vec<usize>]) -> String {
    let mut text = "# a comment\n".to_owned();
    let pairs = |random: &mut Random| -> String {
        let mut line = String::new();
        for key in 0..5 {
            if random.one_in(4) {
                line.push_str(&format!(" v{key}={}", random.pick(INI)));
            }
        }
        line
    };
    for host in some_hosts(random) {
        text.push_str(&format!("{host}{}\n", pairs(random)));
    }
    let mut order: Vec<usize> = (0..GROUPS).collect();
    for i in 0..GROUPS {
        order.swap(i, random.below(GROUPS));
    }
    for group in order {
        text.push_str(&format!("\n[g{group}]\n"));
        for host in some_hosts(random) {
            let comment = if random.one_in(5) { "  # why" } else { "" };
            text.push_str(&format!("{host}{}{comment}\n", pairs(random)));
        }
        if !children[group].is_empty() {
            text.push_str(&format!("[g{group}:children]\n"));
            for child in &children[group] {
                text.push_str(&format!("g{child}\n"));
            }
        }
        if random.one_in(2) {
            text.push_str(&format!("[g{group}:vars]\n"));
            for key in 0..5 {
                if random.one_in(3) {
                    text.push_str(&format!("v{key} = {}\n", random.pick(INI)));
                }
            }
            if random.one_in(3) {
                text.push_str(&format!("ansible_group_priority={}\n", random.below(12)));
            }
        }
    }
    if random.one_in(2) {
        text.push_str("[all:vars]\nv0=from_all\n");
    }
    text
}

/// Lines `key: value` with an indentation.
fn yaml_vars(random: &mut Random, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let mut text = String::new();
    for key in 0..5 {
        if random.one_in(3) {
            text.push_str(&format!(
                "{pad}v{key}: {}\n",
                random.pick(YAML).replace("{}  ", &format!("{pad}  "))
            ));
        }
    }
    text
}

fn yaml_hosts(random: &mut Random, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let hosts = some_hosts(random);
    let mut text = format!("{pad}hosts:\n");
    for host in &hosts {
        let vars = yaml_vars(random, indent + 4);
        text.push_str(&format!("{pad}  {host}:\n{vars}"));
    }
    text
}

fn yaml(random: &mut Random, children: &[Vec<usize>]) -> String {
    let mut text = "all:\n".to_owned();
    text.push_str(&yaml_hosts(random, 2));
    if random.one_in(2) {
        text.push_str("  vars:\n    v0: from_all\n");
    }
    if random.one_in(2) {
        text.push_str("  children:\n    g0:\n    g3:\n");
    }
    for (group, children) in children.iter().enumerate() {
        text.push_str(&format!("g{group}:\n"));
        if random.one_in(2) {
            text.push_str(&format!("  vars:\n{}", yaml_vars(random, 4)));
            if random.one_in(2) {
                text.push_str(&format!(
                    "    ansible_group_priority: {}\n",
                    random.pick(&["3", "'7'", "0", "-1"])
                ));
            }
        }
        text.push_str(&yaml_hosts(random, 2));
        if !children.is_empty() {
            text.push_str("  children:\n");
            for child in children {
                text.push_str(&format!("    g{child}:\n"));
            }
        }
    }
    text
}

fn vars_files(random: &mut Random, mut fleet: Fleet, dir: &str) -> Fleet {
    let names = (0..GROUPS)
        .map(|group| format!("group_vars/g{group}"))
        .chain([
            "group_vars/all".to_owned(),
            "group_vars/ungrouped".to_owned(),
            "group_vars/unknown".to_owned(),
        ])
        .chain((0..HOSTS).map(|host| format!("host_vars/h{host}")));
    for name in names.collect::<Vec<_>>() {
        if !random.one_in(3) {
            continue;
        }
        let base = format!("{dir}/{name}");
        let yaml = |random: &mut Random| format!("# {dir}\n{}", yaml_vars(random, 0));
        fleet = match random.below(6) {
            0 => fleet.file(&base, &yaml(random)),
            1 => {
                let mut fields = vec!["\"from_json\": 1".to_owned()];
                for key in 0..5 {
                    if random.one_in(3) {
                        fields.push(format!("\"v{key}\": {}", random.pick(JSON)));
                    }
                }
                fleet.file(
                    &format!("{base}.json"),
                    &format!("{{{}}}", fields.join(", ")),
                )
            }
            2 => fleet
                .file(&format!("{base}/b.yml"), &yaml(random))
                .file(&format!("{base}/a"), &yaml(random))
                .file(&format!("{base}/sub/c.yaml"), &yaml(random))
                .file(&format!("{base}/.hidden"), "x: [\n")
                .file(&format!("{base}/skip.txt"), "x: [\n")
                .file(&format!("{base}/sub.d/skip"), "x: [\n"),
            // The one without an ending wins, and with it goes the other.
            3 => fleet
                .file(&format!("{base}.yml"), &yaml(random))
                .file(&format!("{base}.yaml"), &yaml(random)),
            _ => fleet.file(&format!("{base}.yml"), &yaml(random)),
        };
    }
    fleet
}

/// Patterns over the names that [`generate`] uses.
pub fn patterns(seed: u64, leaves: &[String]) -> Vec<(String, Option<String>)> {
    let random = &mut Random::new(seed ^ 0xFFFF);
    let mut patterns = Vec::new();
    let one = |random: &mut Random| -> String {
        let group = format!("g{}", random.below(GROUPS));
        let leaf = &leaves[random.below(leaves.len())];
        match random.below(12) {
            0 => "all".to_owned(),
            1 => "*".to_owned(),
            2 => format!("h{}", random.below(HOSTS)),
            3 => "h*".to_owned(),
            4 => "~h[0-4]".to_owned(),
            5 => format!("{leaf}[0]"),
            6 => format!("{leaf}[0:1]"),
            7 => format!("{leaf}[-1]"),
            8 => "r0[12]*".to_owned(),
            9 => "ungrouped".to_owned(),
            _ => group,
        }
    };
    for _ in 0..12 {
        let mut pattern = one(random);
        let separator = random.pick(&[":", ","]);
        for _ in 0..random.below(3) {
            let sign = random.pick(&["", "&", "!"]);
            pattern = format!("{pattern}{separator}{sign}{}", one(random));
        }
        let limit = random.one_in(3).then(|| one(random));
        patterns.push((pattern, limit));
    }
    for pattern in ["nobody", "g1:!nobody", "!g1", "&g2", "h[0:2]", "g?", "~("] {
        patterns.push((pattern.to_owned(), None));
    }
    patterns
}
