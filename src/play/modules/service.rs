//! `service`: starts, stops and enables services, with whatever the host runs.

use super::{Arg, Call, Module, ModuleError, Program, Remote, Work, systemd};

/// The module.
pub static MODULE: Module = Module {
    name: "service",
    fqcn: &[
        "ansible.builtin.service",
        "ansible.builtin.sysvinit",
        "sysvinit",
    ],
    doc: "Starts, stops and enables services: with systemd, OpenRC or the scripts in /etc/init.d, whichever runs.",
    args: &[&[
        Arg::str("name", "The service.").required(),
        Arg::choice(
            "state",
            &["reloaded", "restarted", "started", "stopped"],
            "What it shall do.",
        ),
        Arg::bool("enabled", "Whether it starts by itself."),
        Arg::int("sleep", "Seconds between stop and start of a restart."),
        Arg::choice(
            "use",
            &["auto", "systemd", "service", "sysvinit", "openrc"],
            "What to use; found out anyway.",
        )
        .default("auto"),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let name = args.text("name");
    if args.str("state").is_none() && args.bool("enabled").is_none() {
        return Err(ModuleError::args("`service` needs `state` or `enabled`"));
    }
    if name.starts_with('-') || name.contains(['*', '?', '[', '/']) {
        return Err(ModuleError::arg("name", "`name` must be one service"));
    }
    let mut program = Program::new(call);
    systemd::add(&mut program, call);
    let sleep = args.int("sleep").map(|seconds| seconds.to_string());
    program
        .opt("sl", sleep.as_deref())
        .code("ma= dr= dx= sc=system fo= nb=\n")
        .script("if [ -d /run/systemd/system ]; then\n")
        .script(include_str!("sh/systemd.sh"))
        .script("s_end\nfi\n")
        .script(include_str!("sh/service.sh"));
    Ok(Remote::new(call, &program)
        .timeout(Remote::LONG)
        .with("name", name)
        .work())
}
