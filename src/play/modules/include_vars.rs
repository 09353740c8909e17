//! `include_vars`: variables from files.

use super::{Arg, Call, EngineAction, Module, ModuleError, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "include_vars",
    fqcn: &["ansible.builtin.include_vars"],
    doc: "Reads variables from a file, or from the files of a directory.",
    args: &[&[
        Arg::path("file", "The file."),
        Arg::path("dir", "The directory."),
        Arg::str("name", "The variable that holds them all."),
        Arg::int("depth", "How deep to look into directories.").default("0"),
        Arg::str("files_matching", "Only files whose name matches."),
        Arg::list("ignore_files", "Not these files."),
        Arg::list("extensions", "Only files that end so.").default("yaml,yml,json"),
        Arg::flag("ignore_unknown_extensions", "Pass over other files."),
        Arg::choice(
            "hash_behaviour",
            &["replace", "merge"],
            "What becomes of mappings that are there.",
        ),
    ]],
    free_form: true,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let file = args.raw().or(args.str("file"));
    if file.is_some() == args.str("dir").is_some() {
        return Err(ModuleError::args(
            "`include_vars` needs either `file` or `dir`",
        ));
    }
    let mut all = args.all().clone();
    if let Some(file) = args.raw() {
        all.insert("file".into(), file.trim().into());
        all.shift_remove(super::args::RAW);
    }
    Ok(Work::Engine(EngineAction::IncludeVars(all)))
}
