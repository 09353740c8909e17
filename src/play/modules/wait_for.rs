//! `wait_for`: waits for a port, a file or a text.

use super::{Arg, Call, Module, ModuleError, Program, Remote, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "wait_for",
    fqcn: &["ansible.builtin.wait_for"],
    doc: "Has the host wait until a port is open or closed, or a file is there, gone or holds a text.",
    args: &[&[
        Arg::str("host", "Whose port.").default("127.0.0.1"),
        Arg::int("port", "The port."),
        Arg::path("path", "The file."),
        Arg::choice(
            "state",
            &["absent", "drained", "present", "started", "stopped"],
            "What to wait for.",
        )
        .default("started"),
        Arg::str(
            "search_regex",
            "The text that the file must hold, an extended regular expression.",
        ),
        Arg::int("timeout", "Give up after these seconds.").default("300"),
        Arg::int("connect_timeout", "Give up one try after this.").default("5"),
        Arg::int("delay", "Wait this long first.").default("0"),
        Arg::int("sleep", "Wait this long between tries.").default("1"),
        Arg::str("msg", "What to say when it fails."),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let port = args.int("port");
    if port.is_some() && args.str("path").is_some() {
        return Err(ModuleError::arg(
            "path",
            "`port` and `path` exclude each other",
        ));
    }
    if port.is_some_and(|port| !(1..=65_535).contains(&port)) {
        return Err(ModuleError::arg("port", "`port` must be from 1 to 65535"));
    }
    if args.text("state") == "drained" {
        return Err(ModuleError::arg(
            "state",
            "swarmctl does not count a port's connections",
        ));
    }
    if args.str("search_regex").is_some() && port.is_some() {
        return Err(ModuleError::arg(
            "search_regex",
            "`search_regex` needs `path`",
        ));
    }
    let host = args.text("host");
    let plain = |c: char| c.is_ascii_alphanumeric() || ".:-_%".contains(c);
    if host.starts_with('-') || !host.chars().all(plain) {
        return Err(ModuleError::arg(
            "host",
            format!("`{host}` can't be a host"),
        ));
    }
    let number = |name: &str| args.int(name).unwrap_or_default().max(0).to_string();
    let mut program = Program::new(call);
    program
        .set("ho", host)
        .opt("po", port.map(|port| port.to_string()).as_deref())
        .path("d", args.text("path"))
        .set("st", args.text("state"))
        .opt("rx", args.str("search_regex"))
        .set("to", &number("timeout"))
        .set("ct", &number("connect_timeout"))
        .set("de", &number("delay"))
        .set("sl", &args.int("sleep").unwrap_or(1).max(1).to_string())
        .opt("ms", args.str("msg"))
        .script(include_str!("sh/wait_for.sh"));
    let timeout = u64::try_from(args.int("timeout").unwrap_or_default()).unwrap_or_default();
    let delay = u64::try_from(args.int("delay").unwrap_or_default()).unwrap_or_default();
    Ok(Remote::new(call, &program)
        .timeout(Remote::SHORT + std::time::Duration::from_secs(timeout + delay))
        .with("port", port)
        .with("search_regex", args.str("search_regex").map(str::to_owned))
        .with("state", args.text("state"))
        .work())
}
