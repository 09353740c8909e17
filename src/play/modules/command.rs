//! `command`: runs a program without a shell.

use serde_json::Value;

use super::{
    Arg, ArgKind, Call, Module, ModuleError, Program, Remote, TaskResult, Work,
    path::expand_word,
    quote::{ENTER, quote},
    words,
};

/// The module.
pub static MODULE: Module = Module {
    name: "command",
    fqcn: &["ansible.builtin.command"],
    doc: "Runs a program without a shell. In check mode it is skipped, unless `creates` or `removes` tell whether it would run.",
    args: &[
        COMMON,
        &[
            Arg::list("argv", "The program and its arguments, one item each."),
            Arg::new(
                "expand_argument_vars",
                ArgKind::Bool,
                "Expand `~` and `$NAME` in the words.",
            )
            .default("true"),
        ],
    ],
    free_form: true,
    compile,
};

/// What `command` and `shell` share.
pub(super) const COMMON: &[Arg] = &[
    Arg::str("cmd", "The command."),
    Arg::path("chdir", "The directory to run it in."),
    Arg::path("creates", "Don't run it when this path or pattern exists."),
    Arg::path(
        "removes",
        "Don't run it when this path or pattern doesn't exist.",
    ),
    Arg::str("executable", "The shell; `command` ignores it."),
    Arg::str("stdin", "What the command reads."),
    Arg::new(
        "stdin_add_newline",
        ArgKind::Bool,
        "End standard input with a newline.",
    )
    .default("true"),
    Arg::new(
        "strip_empty_ends",
        ArgKind::Bool,
        "Drop newlines at the end of what it writes.",
    )
    .default("true"),
];

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let words = match (text(call)?, args.list("argv")) {
        (Some(_), Some(_)) => {
            return Err(ModuleError::args("a command and `argv` exclude each other"));
        }
        (Some(text), None) => words::split(text).map_err(|message| {
            ModuleError::args(format!("the command can't be cut into words: {message}"))
        })?,
        (None, Some(argv)) => argv.into_iter().map(str::to_owned).collect(),
        (None, None) => Vec::new(),
    };
    if words.is_empty() {
        return Err(ModuleError::args("no command given"));
    }
    let quoted: Vec<String> = words
        .iter()
        .map(|word| {
            if args.flag("expand_argument_vars") {
                expand_word(word)
            } else {
                quote(word)
            }
        })
        .collect();
    let run = format!(
        "set -- {}\n{FOUND}( {ENTER}; exec \"$@\" )",
        quoted.join(" ")
    );
    let cmd: Vec<Value> = words.into_iter().map(Value::from).collect();
    Ok(remote(call, &run, Value::Array(cmd)).work())
}

/// Ends the task as Ansible does when there is no such program.
const FOUND: &str = "s_which \"$1\" || { C=0; s_v rc 2; s_v out ''; s_die \"[Errno 2] No such file or directory: b'$1'\"; }\n";

/// Returns the command's text, from whichever argument holds it.
pub(super) fn text<'a>(call: &Call<'a>) -> Result<Option<&'a str>, ModuleError> {
    match (call.args.raw(), call.args.str("cmd")) {
        (Some(_), Some(_)) => Err(ModuleError::arg("cmd", "the command is given twice")),
        (raw, cmd) => Ok(raw.or(cmd)),
    }
}

/// Returns the program that runs `run`, a command of the shell, as Ansible's `command`
/// module does.
pub(super) fn remote(call: &Call<'_>, run: &str, cmd: Value) -> Remote {
    let args = call.args;
    let mut program = Program::new(call);
    program
        .path("cd", args.text("chdir"))
        .path("cr", args.text("creates"))
        .path("re", args.text("removes"));
    let input = match args.str("stdin") {
        Some(text) if args.flag("stdin_add_newline") => format!("{text}\n"),
        Some(text) => text.to_owned(),
        None => String::new(),
    };
    let from = if args.str("stdin").is_some() {
        ""
    } else {
        " </dev/null"
    };
    program
        .script(include_str!("sh/command.sh"))
        .code(&format!("{run}{from}"))
        .script(include_str!("sh/command_end.sh"));
    let mut remote = Remote::new(call, &program)
        .timeout(Remote::LONG)
        .with("cmd", cmd);
    if args.flag("strip_empty_ends") {
        remote = remote.post(|result, _| strip(result));
    }
    remote.input = input.into_bytes();
    remote
}

/// Drops newlines at the ends, as Ansible does.
pub(super) fn strip(result: &mut TaskResult) {
    for text in [&mut result.stdout, &mut result.stderr]
        .into_iter()
        .flatten()
    {
        text.truncate(text.trim_end_matches(['\r', '\n']).len());
    }
}
