//! `group_by`: puts the host into a group named after a fact.

use super::{Arg, Call, EngineAction, Module, ModuleError, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "group_by",
    fqcn: &["ansible.builtin.group_by"],
    doc: "Puts the host into a group, for the rest of the run.",
    args: &[&[
        Arg::str("key", "The group.").required(),
        Arg::list("parents", "Groups that it belongs to.").default("all"),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    // A blank can't be in a group's name.
    let name = |text: &str| text.trim().replace(' ', "-");
    let parents = call.args.list("parents").unwrap_or_default();
    Ok(Work::Engine(EngineAction::GroupBy {
        key: name(call.args.text("key")),
        parents: parents.into_iter().map(name).collect(),
    }))
}
