//! `ping`: shows that a host answers.

use super::{Arg, Call, Module, ModuleError, Program, Remote, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "ping",
    fqcn: &["ansible.builtin.ping"],
    doc: "Runs an empty program on the host, which shows that it can be reached.",
    args: &[&[Arg::str("data", "What to return; `crash` fails.").default("pong")]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let data = call.args.text("data");
    let mut program = Program::new(call);
    if data == "crash" {
        program.script("s_die boom");
    }
    Ok(Remote::new(call, &program).with("ping", data).work())
}
