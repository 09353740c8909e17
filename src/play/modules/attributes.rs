//! Owner, group and mode: the arguments that every module about files shares.

use super::{
    Args, ModuleError, Program, mode,
    module::{Arg, ArgKind},
    path::expand_word,
    quote::quote,
    words,
};

/// Owner, group and mode.
pub(super) const OWN: &[Arg] = &[
    Arg::new(
        "mode",
        ArgKind::Mode,
        "The permissions: octal text such as \"0644\", or symbolic such as u=rw,g=r,o=r.",
    ),
    Arg::str("owner", "The user who owns it, by name or number."),
    Arg::str("group", "The group that owns it, by name or number."),
    Arg::flag(
        "unsafe_writes",
        "Write into the file when it can't be replaced, as with a file mounted into a container.",
    ),
];

/// What the modules share that write a whole file.
pub(super) const WRITE: &[Arg] = &[
    Arg::flag("backup", "Keep a copy of the old file beside it."),
    Arg::str(
        "validate",
        "A command that must succeed before the file is put in place; %s is the new file.",
    ),
];

/// Adds the wanted attributes to a program; `mode` wins over the argument, for modules
/// that know it from elsewhere.
pub(super) fn add(
    program: &mut Program,
    args: &Args,
    mode_given: Option<&str>,
) -> Result<(), ModuleError> {
    let mode_wanted = mode_given.or_else(|| args.str("mode"));
    program
        .opt("WO", args.str("owner"))
        .opt("WG", args.str("group"))
        .flag("WM", mode_wanted.is_some())
        .flag("O", args.flag("unsafe_writes"));
    if let Some(mode_wanted) = mode_wanted {
        let function =
            mode::function(mode_wanted).map_err(|message| ModuleError::arg("mode", message))?;
        program.code(&function);
    }
    Ok(())
}

/// Adds `validate`: the function `s_check`, which looks at the file `$T`.
pub(super) fn add_validate(program: &mut Program, args: &Args) -> Result<(), ModuleError> {
    let Some(command) = args.str("validate") else {
        program.flag("V", false);
        return Ok(());
    };
    let wrong = |message: &str| ModuleError::arg("validate", format!("`validate` {message}"));
    if command.matches("%s").count() != 1 {
        return Err(wrong("must hold %s, the new file, once"));
    }
    let words = words::split(command)
        .map_err(|message| wrong(&format!("can't be cut into words: {message}")))?;
    let words: Vec<String> = words
        .iter()
        .map(|word| match word.split_once("%s") {
            Some((before, after)) => format!(
                "{}\"$T\"{}",
                some(&before.replace("%%", "%")),
                some(&after.replace("%%", "%"))
            ),
            None => expand_word(&word.replace("%%", "%")),
        })
        .collect();
    program.flag("V", true);
    program.code(&format!("s_check() {{ {}; }}\n", Program::exec(&words)));
    Ok(())
}

fn some(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        quote(text)
    }
}
