//! `fail`: fails with a message.

use super::{Arg, Call, Module, ModuleError, TaskResult, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "fail",
    fqcn: &["ansible.builtin.fail"],
    doc: "Fails with a message.",
    args: &[&[Arg::str("msg", "The message.").default("Failed as requested from task")]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    Ok(Work::Done(TaskResult::failure(call.args.text("msg"))))
}
