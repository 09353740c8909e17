//! `ufw`: keeps the rules of the uncomplicated firewall.

use super::{Arg, Call, Module, ModuleError, Program, Remote, Work, quote::quote};

/// The module.
pub static MODULE: Module = Module {
    name: "ufw",
    fqcn: &["community.general.ufw"],
    doc: "Keeps the rules of the uncomplicated firewall. Several of `default`, `rule`, `logging` and `state` take effect in that order.",
    args: &[&[
        Arg::choice(
            "state",
            &["disabled", "enabled", "reloaded", "reset"],
            "What the firewall shall do.",
        ),
        Arg::choice(
            "default",
            &["allow", "deny", "reject"],
            "What becomes of what no rule matches.",
        )
        .aliases(&["policy"]),
        Arg::choice(
            "direction",
            &["in", "incoming", "out", "outgoing", "routed"],
            "Of which traffic.",
        ),
        Arg::choice(
            "logging",
            &["full", "high", "low", "medium", "off", "on"],
            "What to log.",
        ),
        Arg::choice("rule", &["allow", "deny", "limit", "reject"], "The rule."),
        Arg::flag("delete", "Take the rule away."),
        Arg::int("insert", "At which place."),
        Arg::choice(
            "insert_relative_to",
            &["first-ipv4", "first-ipv6", "last-ipv4", "last-ipv6", "zero"],
            "Counted from where.",
        )
        .default("zero"),
        Arg::flag("route", "For traffic that is passed on."),
        Arg::flag("log", "Log what the rule matches."),
        Arg::str("from_ip", "The source.")
            .default("any")
            .aliases(&["from", "src"]),
        Arg::str("from_port", "The source's port."),
        Arg::str("to_ip", "The destination.")
            .default("any")
            .aliases(&["dest", "to"]),
        Arg::str("to_port", "The destination's port.").aliases(&["port"]),
        Arg::choice(
            "proto",
            &[
                "ah", "any", "esp", "gre", "igmp", "ipv6", "tcp", "udp", "vrrp",
            ],
            "The protocol.",
        )
        .aliases(&["protocol"]),
        Arg::str("name", "An application's profile.").aliases(&["app"]),
        Arg::str("interface", "The interface; which way says `direction`.").aliases(&["if"]),
        Arg::str("interface_in", "The interface it comes in at.").aliases(&["if_in"]),
        Arg::str("interface_out", "The interface it goes out at.").aliases(&["if_out"]),
        Arg::str("comment", "Why there is such a rule."),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let asked = ["default", "rule", "logging", "state"];
    if asked.iter().all(|name| args.str(name).is_none()) {
        return Err(ModuleError::args(
            "`ufw` needs one of `default`, `rule`, `logging`, `state`",
        ));
    }
    if args.str("name").is_some() && (args.str("to_port").is_some() || args.str("proto").is_some())
    {
        return Err(ModuleError::arg(
            "name",
            "`name` excludes `to_port` and `proto`",
        ));
    }
    if args.text("insert_relative_to") != "zero" {
        return Err(ModuleError::arg(
            "insert_relative_to",
            "swarmctl counts from zero only",
        ));
    }
    let direction = match args.str("direction") {
        Some("in" | "incoming") => Some("in"),
        Some("out" | "outgoing") => Some("out"),
        other => other,
    };
    let mut program = Program::new(call);
    program
        .opt("df", args.str("default"))
        .set(
            "di",
            match direction {
                Some("out") => "outgoing",
                Some("routed") => "routed",
                _ => "incoming",
            },
        )
        .opt("lg", args.str("logging"))
        .opt("st", args.str("state"))
        .flag("ru", args.str("rule").is_some())
        .script("");
    let words = rule(call, direction)?;
    let words: Vec<String> = words.iter().map(|word| quote(word)).collect();
    program
        .code(&format!(
            "u_rule() {{ u_ufw \"$@\" {}; }}\n",
            words.join(" ")
        ))
        .script(include_str!("sh/ufw.sh"));
    Ok(Remote::new(call, &program).work())
}

/// Returns the words of the rule, in the order that ufw(8) wants.
fn rule(call: &Call<'_>, direction: Option<&str>) -> Result<Vec<String>, ModuleError> {
    let args = call.args;
    let mut words: Vec<String> = Vec::new();
    let mut add = |text: &str| words.push(text.to_owned());
    let Some(rule) = args.str("rule") else {
        return Ok(words);
    };
    if args.flag("route") {
        add("route");
    }
    if args.flag("delete") {
        add("delete");
    } else if let Some(insert) = args.int("insert") {
        add("insert");
        add(&insert.to_string());
    }
    add(rule);
    let interfaces = [("in", "interface_in"), ("out", "interface_out")];
    match args.str("interface") {
        Some(interface) => {
            let direction = direction.filter(|way| *way != "routed").ok_or_else(|| {
                ModuleError::arg("interface", "`interface` needs `direction`: in or out")
            })?;
            for word in [direction, "on", interface] {
                add(word);
            }
        }
        None => {
            let named = interfaces.iter().any(|(_, name)| args.str(name).is_some());
            if let (Some(way @ ("in" | "out")), false) = (direction, named) {
                add(way);
            }
            for (way, name) in interfaces {
                if let Some(interface) = args.str(name) {
                    for word in [way, "on", interface] {
                        add(word);
                    }
                }
            }
        }
    }
    if args.flag("log") {
        add("log");
    }
    for (word, ip, port) in [("from", "from_ip", "from_port"), ("to", "to_ip", "to_port")] {
        add(word);
        add(args.text(ip));
        if let Some(port) = args.str(port) {
            add("port");
            add(port);
        }
    }
    if let Some(proto) = args.str("proto") {
        add("proto");
        add(proto);
    }
    if let Some(name) = args.str("name") {
        add("app");
        add(name);
    }
    if let Some(comment) = args.str("comment").filter(|_| !args.flag("delete")) {
        add("comment");
        add(comment);
    }
    Ok(words)
}
