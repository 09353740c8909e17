//! `package_facts`: lists the host's packages.

use serde_json::{Map, Value, json};

use super::{Arg, Call, Module, ModuleError, Program, Remote, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "package_facts",
    fqcn: &["ansible.builtin.package_facts"],
    doc: "Lists the host's packages as the fact `packages`.",
    args: &[&[
        Arg::list("manager", "Whose packages; found out anyway.").default("auto"),
        Arg::choice("strategy", &["first", "all"], "Of which managers.").default("first"),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let mut program = Program::new(call);
    program.script(include_str!("sh/package_facts.sh"));
    Ok(Remote::new(call, &program)
        .post(|result, part| {
            let mut packages: Map<String, Value> = Map::new();
            for source in ["apt", "rpm", "apk"] {
                for line in part(source).unwrap_or_default().lines() {
                    let mut words = line.split('\t');
                    let mut next = || words.next().unwrap_or_default();
                    let (name, version, arch, category) = (next(), next(), next(), next());
                    if name.is_empty() {
                        continue;
                    }
                    let one = json!({"name": name, "version": version, "arch": arch, "category": category, "source": source});
                    if let Value::Array(list) = packages.entry(name).or_insert_with(|| json!([])) {
                        list.push(one);
                    }
                }
            }
            result.facts.insert("packages".into(), packages.into());
        })
        .work())
}
