//! `git_config`: sets options of git.

use super::{Arg, Call, Module, ModuleError, Program, Remote, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "git_config",
    fqcn: &["community.general.git_config"],
    doc: "Sets options of git, for a repository, a user, the host, or in a file.",
    args: &[&[
        Arg::str("name", "The option.").required(),
        Arg::str("value", "Its value."),
        Arg::choice("state", &["absent", "present"], "Whether it is set.").default("present"),
        Arg::choice("scope", &["file", "global", "local", "system"], "For whom."),
        Arg::path("repo", "The repository, with scope `local`."),
        Arg::path("file", "The file, with scope `file`."),
        Arg::choice(
            "add_mode",
            &["add", "replace-all"],
            "What becomes of other values.",
        )
        .default("replace-all"),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let present = args.text("state") == "present";
    let scope = match (args.str("scope"), args.str("file")) {
        (Some(scope), _) => scope,
        (None, Some(_)) => "file",
        (None, None) => "system",
    };
    if present && args.str("value").is_none() {
        return Err(ModuleError::args("`state: present` needs `value`"));
    }
    if scope == "local" && args.str("repo").is_none() {
        return Err(ModuleError::arg("scope", "`scope: local` needs `repo`"));
    }
    if scope == "file" && args.str("file").is_none() {
        return Err(ModuleError::arg("scope", "`scope: file` needs `file`"));
    }
    if args.text("name").starts_with('-') || !args.text("name").contains('.') {
        return Err(ModuleError::arg("name", "`name` must be as `user.email`"));
    }
    let mut program = Program::new(call);
    program
        .set("n", args.text("name"))
        .set("va", args.text("value"))
        .flag("ab", !present)
        .set("sc", scope)
        .path("rp", args.text("repo"))
        .path("f", args.text("file"))
        .flag("ad", args.text("add_mode") == "add")
        .script(include_str!("sh/git_config.sh"));
    Ok(Remote::new(call, &program).work())
}
