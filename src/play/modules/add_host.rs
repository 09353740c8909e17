//! `add_host`: a host for the rest of the run.

use super::{Arg, ArgKind, Call, EngineAction, Module, ModuleError, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "add_host",
    fqcn: &["ansible.builtin.add_host"],
    doc: "Adds a host and groups to the inventory, for the rest of the run.",
    args: &[&[
        Arg::str("name", "The host.")
            .required()
            .aliases(&["host", "hostname"]),
        Arg::list("groups", "The groups it joins.").aliases(&["group", "groupname"]),
        Arg::new("*", ArgKind::Raw, "Any name: a variable of the host."),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let groups = args.list("groups").unwrap_or_default();
    let mut vars = args.all().clone();
    vars.shift_remove("name");
    vars.shift_remove("groups");
    Ok(Work::Engine(EngineAction::AddHost {
        name: args.text("name").to_owned(),
        groups: groups.iter().map(|group| group.trim().to_owned()).collect(),
        vars,
    }))
}
