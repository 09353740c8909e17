//! `slurp`: returns what a file of the host holds.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Arg, Call, Module, ModuleError, Program, Remote, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "slurp",
    fqcn: &["ansible.builtin.slurp"],
    doc: "Returns what a file of the host holds, in base64.",
    args: &[&[Arg::path("src", "The file.").required().aliases(&["path"])]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let mut program = Program::new(call);
    program
        .path("d", call.args.text("src"))
        .script(include_str!("sh/slurp.sh"));
    let mut remote = Remote::new(call, &program).with("encoding", "base64");
    remote.bytes = Some(std::sync::Arc::new(|result, part| {
        if let Some(bytes) = part("content") {
            result
                .data
                .insert("content".into(), STANDARD.encode(bytes).into());
        }
    }));
    Ok(remote.work())
}
