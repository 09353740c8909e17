//! `fetch`: keeps a file of the host on this side.

use super::{Arg, ArgKind, Call, Module, ModuleError, Program, Remote, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "fetch",
    fqcn: &["ansible.builtin.fetch"],
    doc: "Keeps a file of the host on this side: below `dest/HOST/`, or as `dest` itself when `flat`.",
    args: &[&[
        Arg::path("src", "The file on the host.").required(),
        Arg::str("dest", "Where to, on this side.").required(),
        Arg::flag(
            "flat",
            "`dest` is the file itself, or a directory when it ends with a slash.",
        ),
        Arg::new(
            "fail_on_missing",
            ArgKind::Bool,
            "A missing file is a failure.",
        )
        .default("true"),
        Arg::new(
            "validate_checksum",
            ArgKind::Bool,
            "Of no use here: what arrives is always whole.",
        )
        .default("true"),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let mut program = Program::new(call);
    program
        .path("d", args.text("src"))
        .flag("fm", args.bool("fail_on_missing") != Some(false))
        .script("if [ ! -e \"$d\" ] && [ -z \"$fm\" ]; then s_v msg \"the remote file does not exist, not transferring, ignored\"; s_end; fi\n")
        // fh: what this side has already, from the engine.
        .script("if [ \"${fh-}\" ] && [ ! -d \"$d\" ] && [ \"$(s_sum \"$d\")\" = \"$fh\" ]; then s_v b:same 1; s_v s:source \"$d\"; s_end; fi\n")
        .script(include_str!("sh/slurp.sh"));
    let mut remote = Remote::new(call, &program);
    remote.fetch = Some(super::remote::Fetch {
        dest: args.text("dest").to_owned(),
        flat: args.flag("flat"),
    });
    Ok(remote.work())
}
