//! `tempfile`: makes a temporary file or directory.

use super::{Arg, Call, Module, ModuleError, Program, Remote, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "tempfile",
    fqcn: &["ansible.builtin.tempfile"],
    doc: "Makes a temporary file or directory that nobody removes but the play.",
    args: &[&[
        Arg::choice("state", &["directory", "file"], "What to make.").default("file"),
        Arg::path("path", "In which directory."),
        Arg::str("prefix", "How its name begins.").default("ansible."),
        Arg::str("suffix", "How its name ends.").default(""),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    for name in ["prefix", "suffix"] {
        if args.text(name).contains('/') {
            return Err(ModuleError::arg(name, format!("`{name}` holds a slash")));
        }
    }
    let mut program = Program::new(call);
    program
        .path("d", args.text("path"))
        .set("a", args.text("prefix"))
        .set("z", args.text("suffix"))
        .flag("di", args.text("state") == "directory")
        .script(include_str!("sh/tempfile.sh"));
    Ok(Remote::new(call, &program).work())
}
