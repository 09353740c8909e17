//! `systemd`: starts, stops, enables and masks units, of the system or of a user.

use super::{Arg, Call, Module, ModuleError, Program, Remote, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "systemd",
    fqcn: &[
        "ansible.builtin.systemd",
        "ansible.builtin.systemd_service",
        "systemd_service",
    ],
    doc: "Starts, stops, enables and masks units. With `scope: user` the units of the user that the task runs as.",
    args: &[&[
        Arg::str("name", "The unit.").aliases(&["service", "unit"]),
        Arg::choice(
            "state",
            &["reloaded", "restarted", "started", "stopped"],
            "What it shall do.",
        ),
        Arg::bool("enabled", "Whether it starts by itself."),
        Arg::bool("masked", "Whether it can't be started at all."),
        Arg::flag("daemon_reload", "Read the unit files again, first.").aliases(&["daemon-reload"]),
        Arg::flag("daemon_reexec", "Start the manager again, first.").aliases(&["daemon-reexec"]),
        Arg::choice("scope", &["system", "user", "global"], "Whose units.").default("system"),
        Arg::bool("force", "Replace links that are in the way."),
        Arg::flag("no_block", "Don't wait until it is done."),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let name = args.str("name");
    let asked = ["state", "enabled", "masked"]
        .into_iter()
        .find(|arg| args.get(arg).is_some());
    match (name, asked) {
        (None, Some(arg)) => {
            return Err(ModuleError::arg(arg, format!("`{arg}` needs `name`")));
        }
        (_, None) if !args.flag("daemon_reload") && !args.flag("daemon_reexec") => {
            return Err(ModuleError::args(
                "`systemd` needs one of `state`, `enabled`, `masked`, `daemon_reload`, `daemon_reexec`",
            ));
        }
        _ => {}
    }
    if name.is_some_and(|name| name.contains(['*', '?', '[']) || name.starts_with('-')) {
        return Err(ModuleError::arg(
            "name",
            "`name` must be one unit, without patterns",
        ));
    }
    let mut program = Program::new(call);
    add(&mut program, call);
    program
        .opt("ma", flag(args.bool("masked")))
        .flag("dr", args.flag("daemon_reload"))
        .flag("dx", args.flag("daemon_reexec"))
        .set("sc", args.text("scope"))
        .flag("fo", args.flag("force"))
        .flag("nb", args.flag("no_block"))
        .script(include_str!("sh/systemd.sh"));
    Ok(Remote::new(call, &program)
        .timeout(Remote::LONG)
        .with("name", name.map(str::to_owned))
        .work())
}

fn flag(value: Option<bool>) -> Option<&'static str> {
    value.map(|flag| if flag { "1" } else { "0" })
}

/// Adds what `service` has too.
pub(super) fn add(program: &mut Program, call: &Call<'_>) {
    let args = call.args;
    program
        .opt("n", args.str("name"))
        .opt("st", args.str("state"))
        .opt("en", flag(args.bool("enabled")));
}
