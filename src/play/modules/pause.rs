//! `pause`: waits, or asks.

use std::time::Duration;

use super::{Arg, ArgKind, Call, EngineAction, Module, ModuleError, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "pause",
    fqcn: &["ansible.builtin.pause"],
    doc: "Waits some time, or until someone answers.",
    args: &[&[
        Arg::int("minutes", "How long."),
        Arg::int("seconds", "How long."),
        Arg::str("prompt", "What to ask."),
        Arg::new("echo", ArgKind::Bool, "Show what is typed.").default("true"),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let (minutes, seconds) = (args.int("minutes"), args.int("seconds"));
    if minutes.is_some() && seconds.is_some() {
        return Err(ModuleError::arg(
            "seconds",
            "`minutes` and `seconds` exclude each other",
        ));
    }
    let wait = minutes
        .map(|minutes| minutes.saturating_mul(60))
        .or(seconds);
    let wait = wait.map(|seconds| Duration::from_secs(u64::try_from(seconds).unwrap_or_default()));
    Ok(Work::Engine(EngineAction::Pause {
        wait,
        prompt: args.str("prompt").map(str::to_owned),
        echo: args.bool("echo") != Some(false),
    }))
}
