//! `reboot`: restarts the host and waits until it is back.

use super::{
    Arg, Call, EngineAction, Module, ModuleError, Program, Remote, Work,
    wait_for_connection::seconds,
};

/// The module.
pub static MODULE: Module = Module {
    name: "reboot",
    fqcn: &["ansible.builtin.reboot"],
    doc: "Restarts the host, and waits until it has another boot id and `test_command` succeeds.",
    args: &[&[
        Arg::int("pre_reboot_delay", "Seconds before it restarts.").default("0"),
        Arg::int("post_reboot_delay", "Seconds before the first look.").default("0"),
        Arg::int("reboot_timeout", "Give up after these seconds.").default("600"),
        Arg::int("connect_timeout", "Give up one try after this.").default("5"),
        Arg::str("test_command", "What must succeed.").default("whoami"),
        Arg::str("boot_time_command", "What must differ afterwards.")
            .default("cat /proc/sys/kernel/random/boot_id"),
        Arg::str("msg", "What to tell who is logged in.").default("Reboot initiated by swarmctl"),
        Arg::str("reboot_command", "What restarts it."),
        Arg::list("search_paths", "Of no use here: the search path is used."),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let mut program = Program::new(call);
    let delay = args.int("pre_reboot_delay").unwrap_or_default().max(0);
    program
        .set("de", &delay.to_string())
        .opt("rc", args.str("reboot_command"))
        .set("bc", args.text("boot_time_command"))
        .set("ms", args.text("msg"))
        .script(include_str!("sh/reboot.sh"));
    Ok(Work::Engine(EngineAction::Reboot {
        program: Box::new(Remote::new(call, &program)),
        post_delay: seconds(call, "post_reboot_delay"),
        timeout: seconds(call, "reboot_timeout"),
        connect_timeout: seconds(call, "connect_timeout"),
        boot_command: args.text("boot_time_command").to_owned(),
        test_command: args.text("test_command").to_owned(),
    }))
}
