//! `timezone`: sets the host's time zone.

use super::{Arg, Call, Module, ModuleError, Program, Remote, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "timezone",
    fqcn: &["community.general.timezone"],
    doc: "Sets the host's time zone, and what its hardware clock runs on.",
    args: &[&[
        Arg::str("name", "The zone, as Europe/Berlin."),
        Arg::choice(
            "hwclock",
            &["local", "UTC"],
            "What the hardware clock runs on.",
        )
        .aliases(&["rtc"]),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    if args.str("name").is_none() && args.str("hwclock").is_none() {
        return Err(ModuleError::args("`timezone` needs `name` or `hwclock`"));
    }
    let name = args.text("name");
    if name.starts_with(['/', '-']) || name.split('/').any(|part| part == "..") {
        return Err(ModuleError::arg(
            "name",
            format!("`{name}` is no time zone"),
        ));
    }
    let mut program = Program::new(call);
    program
        .set("n", name)
        .opt("hw", args.str("hwclock"))
        .script(include_str!("sh/timezone.sh"));
    Ok(Remote::new(call, &program).work())
}
