//! `wait_for_connection`: waits until the host answers.

use std::time::Duration;

use super::{Arg, Call, EngineAction, Module, ModuleError, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "wait_for_connection",
    fqcn: &["ansible.builtin.wait_for_connection"],
    doc: "Waits until the host answers.",
    args: &[&[
        Arg::int("timeout", "Give up after these seconds.").default("600"),
        Arg::int("delay", "Wait this long first.").default("0"),
        Arg::int("sleep", "Wait this long between tries.").default("1"),
        Arg::int("connect_timeout", "Give up one try after this.").default("5"),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    Ok(Work::Engine(EngineAction::WaitForConnection {
        delay: seconds(call, "delay"),
        sleep: seconds(call, "sleep"),
        timeout: seconds(call, "timeout"),
        connect_timeout: seconds(call, "connect_timeout"),
    }))
}

/// Returns an argument as a duration; negative ones are none.
pub(super) fn seconds(call: &Call<'_>, name: &str) -> Duration {
    let seconds = call.args.int(name).unwrap_or_default();
    Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
}
