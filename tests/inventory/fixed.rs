use serde_json::Value;

use crate::{
    compare::{Order, both_refuse, same},
    fleet::Fleet,
    oracle::Oracle,
};

fn check(oracle: &mut Oracle, fleet: &Fleet) -> Value {
    same(oracle, fleet, &[], Order::Any)
}

#[test]
fn yaml_scalars() {
    let Some(mut oracle) = Oracle::start() else {
        return;
    };
    let scalars = [
        "yes",
        "Yes",
        "YES",
        "yEs",
        "y",
        "Y",
        "n",
        "no",
        "on",
        "Off",
        "true",
        "TRUE",
        "null",
        "Null",
        "~",
        "nULL",
        "",
        "0",
        "-0",
        "+5",
        "00",
        "0644",
        "0o17",
        "08",
        "0_7",
        "0x1f",
        "0X1F",
        "-0xF",
        "0b101",
        "0b",
        "0x",
        "1_000",
        "1__0",
        "_1",
        "1:30",
        "1:60",
        "-1:30",
        "1:30:59",
        "01:30",
        "1:2.5",
        "190:20:30.15",
        "1.5",
        "1.",
        ".5",
        "-.5",
        "+1.5",
        "1e5",
        "1e+5",
        "1.e+5",
        "1.0e3",
        "1.5E-3",
        "1_0.5_0",
        "1.2.3",
        "12:30:45",
        "2020-01-01",
        "2020-1-1",
        "2001-12-14 21:59:43",
        "2001-12-14 21:59:43.1 Z",
        "2001-12-14T21:59:43-5",
        "2001-1-4 1:02:03",
        "- x",
        "--",
        "=",
        "<",
        "!!str 5",
        "!!int '5'",
        "!!float '1'",
        "!!bool 'yes'",
        "! 5",
        "'yes'",
        "\"0644\"",
        "52:54:00:01:00:71",
        "10.0.0.1",
        "a b",
        "a #b",
        "a # b",
        "'it''s'",
        "\"\\u00e9\\n\"",
        "[yes, 0644, 'no']",
        "{a: on}",
        "[a,b,]",
        "http://x/y",
        "9223372036854775807",
        "-9223372036854775808",
        "1e400",
        "@x",
        "0.1",
        "100000000000000000.0",
        "1.0e-7",
        "3GB",
        "!unsafe yes",
        "!unsafe 'x'",
        "!unsafe {a: [b, 1]}",
        "|\n    a\n     b\n",
        ">\n    a\n    b\n",
        "|-\n    a\n",
    ];
    let mut refused = Vec::new();
    for scalar in scalars {
        let text = format!(
            "all:\n  hosts:\n    h:\n      v: {}\n",
            scalar.replace("\n    ", "\n        ")
        );
        let fleet = Fleet::of("hosts.yml", &text);
        if oracle.ask(&fleet.question(&[])).get("error").is_some() {
            refused.push(scalar);
        } else {
            check(&mut oracle, &fleet);
        }
    }
    assert_eq!(
        refused,
        ["- x", "=", "@x"],
        "what Ansible refuses has changed"
    );
}

#[test]
fn ini_values() {
    let Some(mut oracle) = Oracle::start() else {
        return;
    };
    let values = [
        "1",
        "-1",
        "+1",
        "--1",
        "0644",
        "00",
        "0o17",
        "0x1F",
        "0b11",
        "1_000",
        "1__0",
        "1_",
        "1.5",
        ".5",
        "1.",
        "1e5",
        "1E-3",
        "1_0.5",
        "1j",
        "-1j",
        "1.5J",
        "1+2",
        "1-2",
        "True",
        "False",
        "None",
        "true",
        "yes",
        "''",
        "'a'",
        "\"a b\"",
        "'a' 'b'",
        "r'a\\n'",
        "u'x'",
        "b'x'",
        "f'x'",
        "'a\\tb'",
        "'\\x41\\u00e9\\101\\q'",
        "'unclosed",
        "[1, 2]",
        "[1, [2, 'x'], ]",
        "[",
        "[a]",
        "[1 2]",
        "[,]",
        "()",
        "(1)",
        "(1,)",
        "(1, 2)",
        "1, 2",
        "1,",
        "{}",
        "{'a': 1, 'b': [True]}",
        "{1: 2, None: 3}",
        "{'a'}",
        "{7}",
        "{'a': 1, 'b'}",
        "set()",
        "...",
        "5 # five",
        "foo # bar",
        "'foo' # bar",
        "10.0.0.1",
        "a=b",
        "{{ x }}",
        "a b c",
        "/a/b",
        "-",
        "+",
        "1 2",
        "'''x'''",
        "\"\"\"y\"\"\"",
        "not True",
        "True False",
        "True,",
        "'a' + 'b'",
        "- 5",
        "1if",
        "0777L",
        "1e",
        "0x",
        "inf",
        "nan",
        "[1][0]",
        "'%s' % 1",
        "# only",
        "a;b",
        "=x",
        "'\\N{DASH}'",
        "é",
        "'é'",
        "9223372036854775807",
    ];
    let mut text = "[g]\nh\n[g:vars]\n".to_owned();
    for (number, value) in values.iter().enumerate() {
        text.push_str(&format!("v{number} = {value}\n"));
    }
    text.push_str(
        "[web]\nw1 a=1 b='two words' c=\"[1, 'x']\" d=e\\ f g='it'\"s\" h=#x i=a#b\nw2 a = 5\n",
    );
    text = text.replace("w2 a = 5\n", "w2 a= b=\"\"\n");
    check(&mut oracle, &Fleet::of("hosts", &text));
}

#[test]
fn structures_of_yaml() {
    let Some(mut oracle) = Oracle::start() else {
        return;
    };
    for text in [
        "",
        "# only a comment\n",
        "all:\n",
        "all:\n  hosts: lone\n",
        "all:\n  children: web\n",
        "web:\n  hosts:\n    a:\n    b: {}\n    c: ''\n",
        "x: 5\ny:\n  hosts: {a: }\n",
        "g:\n  hosts: {a: }\n  other: {b: }\n  word: 5\n",
        "a:\n  hosts: {a: {x: 1}}\n  vars: {y: 2}\n",
        "all:\n  hosts:\n    web[1:3]:22: {x: 1}\n    web2: {x: 2}\n    '[2001:db8::1]:23':\n    2001:db8::2:\n    db-[a:c]:\n    n[0:10:5]:\n",
        "all: {hosts: {h: {a: &x {k: 1, l: 2}, b: {<<: *x, l: 3}, c: {l: 4, <<: *x}, d: *x}}}\n",
        "all: {hosts: {h: {a: &x {k: 1}, b: &y {k: 2, m: 1}, c: {<<: [*x, *y]}}}}\n",
        "all: {hosts: {h: {groups: 1, group_names: 2, inventory_hostname: x, ansible_facts: {}, ansible_host: y}}}\n",
        "all: {hosts: {h: {k: {2: a, yes: b, ~: c, 1.5: d, no: e}}}}\n",
        "ungrouped: {hosts: {a: }}\nweb: {hosts: {b: }}\nall: {hosts: {c: , b: }}\n",
        "%YAML 1.1\n---\nall: {hosts: {a: {v: yes}}}\n...\n",
        "{\"all\": {\"hosts\": {\"a\": {\"v\": 1e5, \"w\": \"\\u00e9\", \"x\": \"\\/\"}}}}\n",
        "{\n\t\"all\": {\"hosts\": {\"a\": {\"v\": {\"__ansible_unsafe\": \"x\"}}}}\n}\n",
    ] {
        check(&mut oracle, &Fleet::of("hosts.yml", text));
    }
}

#[test]
fn structures_of_ini() {
    let Some(mut oracle) = Oracle::start() else {
        return;
    };
    for text in [
        "",
        "a\nb:22\n[::]\n".replace("[::]\n", "").as_str(),
        "; c\na x=1 # c\n[g] # c\na x=2\n",
        "[g:children]\nh\n[h]\n[h:vars]\nx=1\n",
        "[p:children]\nc\n[c:children]\nd\n[d]\na\n",
        "[g:vars]\nx=1\n[g]\na\n",
        "[g:vars]\nx=1\n[p:children]\ng\n[g:children]\n",
        "[all:vars]\nx=1\n[all]\na\n[ungrouped]\nb\n[web]\nb\n",
        "[we-b.1]\na\n[g]\n[2001:db8::1]:22\n[2001:db8::5]:99 x=1\n"
            .replace("[g]\n[2001:db8::1]:22\n", "[g]\n")
            .as_str(),
        "web[01:03].x y=1\nweb02.x y=2\ndb[a:c]\nd[0:10:5]:22\n",
        "[a:children]\nc\n[b:children]\nc\n[c]\nh\n[c:vars]\nansible_group_priority=5\n[a:vars]\nv=a\n[b:vars]\nv=b\n",
        "groß x='ü'\n",
        "a ansible_group_priority=3\n",
    ] {
        check(&mut oracle, &Fleet::of("hosts", text));
    }
}

#[test]
fn what_both_refuse() {
    let Some(mut oracle) = Oracle::start() else {
        return;
    };
    for (name, text, want) in [
        ("hosts", "[a:children]\nnope\n", ":2:1: "),
        ("hosts", "[a:vars]\nx=1\n", ":1:1: "),
        ("hosts", "[a:children]\nb\n[b:children]\na\n", ":4:1: "),
        ("hosts", "[a:children]\na\n", ":2:1: "),
        ("hosts", "[a:what]\n", ":1:1: "),
        ("hosts", "[a b]\n", ":1:1: "),
        ("hosts", "a b\n", ":1:3: "),
        ("hosts", "a x='\n", ":1:1: "),
        ("hosts.ini", "w[1:\n", ":1:1: "),
        ("hosts", "w[01:100]\n", ":1:1: "),
        ("hosts", "[g:vars]\nx\n[g]\n", ":2:1: "),
        ("hosts", "[foo:children]\nall\n", "all"),
        (
            "hosts.yml",
            "all: [a]\nb: {hosts: [c]}\n",
            "hosts.yml:2:12: ",
        ),
        ("hosts.yml", "all: {hosts: {a: 5}}\n", "hosts.yml:1:18: "),
        (
            "hosts.yml",
            "all: {hosts: {a: !nope 5}}\n",
            "hosts.yml:1:18: ",
        ),
        ("hosts.yml", "all: {hosts: {5: }}\n", "hosts.yml:1:15: "),
        (
            "hosts.yml",
            "all: {children: {a: {children: {all: }}}}\n",
            "all",
        ),
        ("hosts.yml", "a: {children: {b: 5}}\n", "hosts.yml:1:16: "),
        (
            "hosts.yml",
            "all: {hosts: {a: {x: &x [*x]}}}\n---\n",
            "hosts.yml:",
        ),
        (
            "hosts.yml",
            "g: {hosts: {a: }, vars: {ansible_group_priority: high}}\n",
            "hosts.yml:1:50: ",
        ),
        ("hosts.yml", "a:\n\tb:\n", "hosts.yml:2:"),
    ] {
        let error = both_refuse(&mut oracle, &Fleet::of(name, text));
        assert!(error.contains(want), "{text:?}: {error}");
    }
}

#[test]
fn precedence_of_extra_vars_and_lists() {
    let Some(mut oracle) = Oracle::start() else {
        return;
    };
    let mut fleet = Fleet::of("hosts", "h a=1 b=2\n").source("x,y:22,z[1:2],h,");
    fleet.extra_vars = [
        "a=5 c='two words' d=\"q\" e={{ x }} f=a=b g='' h=\\n",
        "{i: 0644, j: [yes]}",
        "{\"i\": \"json\", \"k\": 1e3}",
        "b='it\\'s'",
    ]
    .map(str::to_owned)
    .to_vec();
    check(&mut oracle, &fleet);
}
