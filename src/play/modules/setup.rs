//! `setup`: gathers facts of the host, in one program.

use serde_json::{Map, Value};

use super::{Arg, ArgKind, Call, Module, ModuleError, Program, Remote, Work, facts};

/// The module.
pub static MODULE: Module = Module {
    name: "setup",
    fqcn: &[
        "ansible.builtin.setup",
        "ansible.builtin.gather_facts",
        "gather_facts",
    ],
    doc: "Gathers facts of the host: distribution, kernel, addresses, memory, mounts, user, environment and so on.",
    args: &[&[
        Arg::list(
            "gather_subset",
            "All are gathered anyway: they cost one program.",
        )
        .default("all"),
        Arg::list(
            "filter",
            "Only facts whose names match one of these patterns.",
        )
        .default(""),
        Arg::int("gather_timeout", "Give up after these seconds.").default("10"),
        Arg::path("fact_path", "Where the host's own facts are.").default("/etc/ansible/facts.d"),
        Arg::new(
            "parallel",
            ArgKind::Bool,
            "Of no use here: it is one program.",
        ),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let mut program = Program::new(call);
    program
        .path("fp", call.args.text("fact_path"))
        .script(include_str!("sh/setup.sh"));
    let filters: Vec<String> = call
        .args
        .list("filter")
        .unwrap_or_default()
        .into_iter()
        .filter(|filter| !filter.is_empty() && *filter != "*")
        .map(str::to_owned)
        .collect();
    Ok(Remote::new(call, &program)
        .post(move |result, part| {
            if result.failed {
                return;
            }
            let mut facts = Map::new();
            facts::gather(part, &mut facts);
            let kept = |name: &str| {
                filters.is_empty() || filters.iter().any(|filter| matches(filter, name))
            };
            for (name, value) in facts {
                if kept(&name) || kept(&format!("ansible_{name}")) {
                    result.facts.insert(format!("ansible_{name}"), value);
                }
            }
            match local(part) {
                Some(local) => {
                    result.facts.insert("ansible_local".into(), local);
                }
                None if kept("local") || kept("ansible_local") => {
                    let none = Value::Object(Map::new());
                    result.facts.insert("ansible_local".into(), none);
                }
                None => {}
            }
        })
        .work())
}

/// Returns true when a name matches a pattern of `*` and `?`.
fn matches(pattern: &str, name: &str) -> bool {
    let mut chars = pattern.chars();
    match chars.next() {
        None => name.is_empty(),
        Some('*') => {
            let rest = chars.as_str();
            name.char_indices()
                .map(|(at, _)| at)
                .chain([name.len()])
                .any(|at| matches(rest, name.get(at..).unwrap_or_default()))
        }
        Some(c) => name.chars().next().is_some_and(|first| {
            (c == '?' || c == first)
                && matches(
                    chars.as_str(),
                    name.get(first.len_utf8()..).unwrap_or_default(),
                )
        }),
    }
}

/// Returns the host's own facts: files with JSON, or programs that print it.
fn local(part: &dyn Fn(&str) -> Option<String>) -> Option<Value> {
    let mut local = Map::new();
    for name in part("local-names")?.lines() {
        let text = part(&format!("local {name}")).unwrap_or_default();
        let value = serde_json::from_str(&text).unwrap_or_else(|_| Value::from(text));
        local.insert(name.to_owned(), value);
    }
    Some(local.into())
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_have_stars() {
        assert!(matches("ansible_dist*", "ansible_distribution"));
        assert!(matches("*_ipv?", "ansible_default_ipv4"));
        assert!(!matches("dist", "distribution"));
    }
}
