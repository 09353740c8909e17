//! `file`: makes, removes and attributes files, directories and links.

use super::{Arg, ArgKind, Call, Module, ModuleError, Program, Remote, Work, attributes};

/// The module.
pub static MODULE: Module = Module {
    name: "file",
    fqcn: &["ansible.builtin.file"],
    doc: "Makes and removes files, directories and links, and sets owner, group and mode.",
    args: &[
        &[
            Arg::path("path", "The path.")
                .required()
                .aliases(&["dest", "name"]),
            Arg::choice(
                "state",
                &["absent", "directory", "file", "hard", "link", "touch"],
                "What it shall be. Without it: what it is.",
            ),
            Arg::path("src", "What a link points to."),
            Arg::flag(
                "recurse",
                "Set the attributes of everything below a directory too.",
            ),
            Arg::flag(
                "force",
                "Make a link though its target is missing, or in the place of a file.",
            ),
            Arg::new("follow", ArgKind::Bool, "Work on what a link points to.").default("true"),
            Arg::str("modification_time", "`preserve`, `now`, or a time."),
            Arg::str("modification_time_format", "How the time is written.").default(STAMP),
            Arg::str("access_time", "`preserve`, `now`, or a time."),
            Arg::str("access_time_format", "How the time is written.").default(STAMP),
        ],
        attributes::OWN,
    ],
    free_form: false,
    compile,
};

/// The one format of times that is read: `YYYYMMDDhhmm.ss`, which `touch -t` takes.
const STAMP: &str = "%Y%m%d%H%M.%S";

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let state = args.str("state");
    if args.flag("recurse") && !matches!(state, Some("directory") | None) {
        return Err(ModuleError::arg(
            "recurse",
            "`recurse` needs `state: directory`",
        ));
    }
    if args.str("src").is_some() && !matches!(state, Some("link" | "hard")) {
        return Err(ModuleError::arg(
            "src",
            "`src` needs `state: link` or `state: hard`",
        ));
    }
    if args.text("path").is_empty() {
        return Err(ModuleError::arg("path", "`path` is empty"));
    }
    if args.str("mode") == Some("preserve") {
        return Err(ModuleError::arg("mode", "`preserve` has no meaning here"));
    }
    let mut program = Program::new(call);
    program
        .path("d", args.text("path"))
        .set("st", state.unwrap_or_default())
        .path("sr", args.text("src"))
        .flag("hs", args.str("src").is_some())
        .flag("rc", args.flag("recurse"))
        .flag("fo", args.flag("force"))
        .flag("fl", args.flag("follow"))
        .set("mt", &time(call, "modification_time")?)
        .set("xt", &time(call, "access_time")?);
    attributes::add(&mut program, args, None)?;
    for (name, code) in [
        ("directory", include_str!("sh/file_directory.sh")),
        ("link", include_str!("sh/file_link.sh")),
        ("hard", include_str!("sh/file_hard.sh")),
        ("touch", include_str!("sh/file_touch.sh")),
    ] {
        let possible = match state {
            Some(state) => state == name,
            None => name == "directory",
        };
        if possible {
            program.script(code);
        }
    }
    program.script(include_str!("sh/file.sh"));
    let mut remote = Remote::new(call, &program);
    remote.look_at(args.text("path"));
    Ok(remote.work())
}

/// Returns a time argument as the program takes it: nothing, `preserve`, `now`, or
/// digits for `touch -t`.
fn time(call: &Call<'_>, name: &str) -> Result<String, ModuleError> {
    let touch = call.args.str("state") == Some("touch");
    let format = if name == "access_time" {
        "access_time_format"
    } else {
        "modification_time_format"
    };
    let Some(text) = call.args.str(name) else {
        return Ok(if touch { "now" } else { "preserve" }.to_owned());
    };
    if matches!(text, "now" | "preserve") {
        return Ok(text.to_owned());
    }
    let time = jiff::civil::DateTime::strptime(call.args.text(format), text).map_err(|_| {
        ModuleError::arg(
            name,
            format!("`{text}` is not `{}`", call.args.text(format)),
        )
    })?;
    Ok(time.strftime(STAMP).to_string())
}
