//! `set_fact`: sets variables of the host.

use serde_json::Value;

use super::{Arg, ArgKind, Call, Module, ModuleError, TaskResult, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "set_fact",
    fqcn: &["ansible.builtin.set_fact"],
    doc: "Sets variables of the host for the rest of the run.",
    args: &[&[
        Arg::flag("cacheable", "Keep them among the facts too."),
        Arg::new("*", ArgKind::Raw, "Any name: the variable's value."),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let mut result = TaskResult::ok();
    for (name, value) in call.args.all() {
        if name == "cacheable" {
            continue;
        }
        let mut chars = name.chars();
        let first = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
        if !first || !chars.all(|c| c.is_alphanumeric() || c == '_') {
            return Err(ModuleError::arg(
                name,
                format!("`{name}` can't name a variable: use letters, digits and underscores"),
            ));
        }
        result.facts.insert(name.clone(), value.clone());
    }
    if result.facts.is_empty() {
        return Err(ModuleError::args("`set_fact` needs at least one variable"));
    }
    let cacheable = call.args.get("cacheable").and_then(Value::as_bool) == Some(true);
    if cacheable {
        result = result.with("_ansible_facts_cacheable", true);
    }
    Ok(Work::Done(result))
}
