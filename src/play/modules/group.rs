//! `group`: sees to it that a group is there, or isn't.

use super::{Arg, Call, Module, ModuleError, Program, Remote, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "group",
    fqcn: &["ansible.builtin.group"],
    doc: "Sees to it that a group is there, or isn't.",
    args: &[&[
        Arg::str("name", "The group.").required(),
        Arg::choice("state", &["absent", "present"], "Whether it is there.").default("present"),
        Arg::int("gid", "Its number."),
        Arg::flag("system", "A system group, when it is made."),
        Arg::flag("non_unique", "Its number may be another group's too."),
        Arg::flag("force", "Remove it though it is a user's primary group."),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    super::user::check_name("name", args.text("name"))?;
    let mut program = Program::new(call);
    program
        .set("n", args.text("name"))
        .flag("ab", args.text("state") == "absent")
        .opt("gi", args.int("gid").map(|gid| gid.to_string()).as_deref())
        .flag("sy", args.flag("system"))
        .flag("nu", args.flag("non_unique"))
        .flag("fo", args.flag("force"))
        .script(include_str!("sh/group.sh"));
    Ok(Remote::new(call, &program)
        .with("name", args.text("name"))
        .with("state", args.text("state"))
        .work())
}
