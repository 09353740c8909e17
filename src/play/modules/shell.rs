//! `shell`: runs a command with a shell.

use serde_json::Value;

use super::{
    Call, Module, ModuleError, Work, command,
    quote::{ENTER, quote},
};

/// The module.
pub static MODULE: Module = Module {
    name: "shell",
    fqcn: &["ansible.builtin.shell"],
    doc: "Runs a command with a shell, `/bin/sh` unless `executable` names another.",
    args: &[command::COMMON],
    free_form: true,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let text = command::text(call)?.unwrap_or_default();
    if text.trim().is_empty() {
        return Err(ModuleError::args("no command given"));
    }
    let run = run(call.args.str("executable").unwrap_or("/bin/sh"), text);
    Ok(command::remote(call, &run, Value::from(text)).work())
}

/// Returns a command that has a shell run `text`. The text travels in the environment,
/// which only the same user can read, and not in the arguments, which everyone can.
pub(super) fn run(shell: &str, text: &str) -> String {
    let name = shell.rsplit('/').next().unwrap_or_default();
    let shell = quote(shell);
    if ["sh", "dash", "bash", "ash", "ksh", "zsh", "mksh"].contains(&name) {
        format!(
            "( {ENTER}; S_C={}; export S_C; exec {shell} -c 'eval \"unset S_C;$S_C\"' )",
            quote(text)
        )
    } else {
        // No shell we know: it may not understand `eval`.
        format!("( {ENTER}; exec {shell} -c {} )", quote(text))
    }
}
