//! `script`: runs a local script on the host.

use super::{
    Arg, Call, Module, ModuleError, Program, Remote, Work, command,
    path::path_word,
    quote::{ENTER, quote},
    words,
};

/// The module.
pub static MODULE: Module = Module {
    name: "script",
    fqcn: &["ansible.builtin.script"],
    doc: "Runs a script of the play on the host. In check mode it is skipped, unless `creates` or `removes` tell whether it would run.",
    args: &[&[
        Arg::str("cmd", "The script's local path and its arguments."),
        Arg::path("chdir", "The directory to run it in."),
        Arg::path("creates", "Don't run it when this path or pattern exists."),
        Arg::path(
            "removes",
            "Don't run it when this path or pattern doesn't exist.",
        ),
        Arg::str(
            "executable",
            "What runs the script; without it, the script's first line says so.",
        ),
    ]],
    free_form: true,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let text = command::text(call)?.unwrap_or_default().trim();
    let words = words::split(text).map_err(|message| {
        ModuleError::args(format!("the script can't be cut into words: {message}"))
    })?;
    let Some(name) = words.first() else {
        return Err(ModuleError::args("no script given"));
    };
    let file = call.files.file(name).map_err(ModuleError::File)?;
    let mut program = Program::new(call);
    program
        .path("cd", call.args.text("chdir"))
        .path("cr", call.args.text("creates"))
        .path("re", call.args.text("removes"))
        // The script comes on standard input: keep it before anything else reads.
        .script("[ \"$K\" ] || { s_work; cat >\"$T/script\" && chmod 700 \"$T/script\" || s_die \"can't write the script\"; }\n")
        .script(include_str!("sh/command.sh"));
    let mut run = match call.args.str("executable") {
        Some(executable) => format!("{} ", path_word(executable)),
        None => String::new(),
    };
    run.push_str("\"$T/script\"");
    for word in words.iter().skip(1) {
        run.push(' ');
        run.push_str(&quote(word));
    }
    program
        .code(&format!("( {ENTER}; {run} ) </dev/null"))
        .script(include_str!("sh/command_end.sh"));
    let mut remote = Remote::new(call, &program).timeout(Remote::LONG);
    if !call.check {
        remote.input = file.bytes;
    }
    Ok(remote.work())
}
