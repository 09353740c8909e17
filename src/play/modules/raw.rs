//! `raw`: runs a command as it is.

use super::{Arg, Call, Module, ModuleError, Program, Remote, Work, shell};

/// The module.
pub static MODULE: Module = Module {
    name: "raw",
    fqcn: &["ansible.builtin.raw"],
    doc: "Runs a command with the host's shell and nothing around it. In check mode it is skipped.",
    args: &[&[Arg::str("executable", "The shell.")]],
    free_form: true,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let text = call.args.raw().unwrap_or_default();
    if text.trim().is_empty() {
        return Err(ModuleError::args("no command given"));
    }
    let mut program = Program::new(call);
    program
        .script("[ -z \"$K\" ] || { s_v skipped 1; s_end; }\nC=1\ns_r out\n")
        .code(&format!(
            "{} </dev/null",
            shell::run(call.args.str("executable").unwrap_or("/bin/sh"), text)
        ))
        .script("rc=$?\ns_v rc $rc\n[ $rc = 0 ] || { s_v failed 'non-zero return code'; F=9; }\n");
    Ok(Remote::new(call, &program).timeout(Remote::LONG).work())
}
