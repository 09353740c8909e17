//! `mount`: mounts file systems and keeps their lines of /etc/fstab.

use super::{Arg, ArgKind, Call, Module, ModuleError, Program, Remote, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "mount",
    fqcn: &["ansible.posix.mount"],
    doc: "Mounts file systems and keeps their lines of /etc/fstab.",
    args: &[&[
        Arg::path("path", "Where to mount.")
            .required()
            .aliases(&["name"]),
        Arg::choice(
            "state",
            &[
                "absent",
                "absent_from_fstab",
                "ephemeral",
                "mounted",
                "present",
                "remounted",
                "unmounted",
            ],
            "What it shall be.",
        )
        .required(),
        Arg::str("src", "What to mount."),
        Arg::str("fstype", "The kind of file system."),
        Arg::str("opts", "The options."),
        Arg::str("dump", "The fifth field.").default("0"),
        Arg::str("passno", "The sixth field.").default("0"),
        Arg::path("fstab", "The file."),
        Arg::new("boot", ArgKind::Bool, "Mount it when the host starts.").default("true"),
        Arg::flag("backup", "Keep a copy of the old file beside it."),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let state = args.text("state");
    if matches!(state, "mounted" | "present" | "ephemeral") {
        for needed in ["src", "fstype"] {
            if args.text(needed).is_empty() {
                return Err(ModuleError::arg(
                    "state",
                    format!("`state: {state}` needs `{needed}`"),
                ));
            }
        }
    }
    // In fstab a blank is \040 and a backslash \134 (fstab(5)).
    let field = |text: &str| {
        text.replace('\\', "\\134")
            .replace(' ', "\\040")
            .replace('\t', "\\011")
            .replace('\n', "\\012")
    };
    let mut opts = args.str("opts").unwrap_or("defaults").to_owned();
    if args.bool("boot") == Some(false) && !opts.split(',').any(|opt| opt == "noauto") {
        opts.push_str(",noauto");
    }
    let mut program = Program::new(call);
    program
        .path("d", args.text("path"))
        .set("st", state)
        .set("sr", args.text("src"))
        .set("sf", &field(args.text("src")))
        .set("ty", args.text("fstype"))
        .set("op", &field(&opts))
        .set("du", args.text("dump"))
        .set("pa", args.text("passno"))
        .path("f", args.str("fstab").unwrap_or("/etc/fstab"))
        .flag("b", args.flag("backup"))
        .script(include_str!("sh/mount.sh"));
    let mut remote = Remote::new(call, &program);
    for name in ["src", "fstype", "dump", "passno"] {
        remote = remote.with(name, args.str(name).map(str::to_owned));
    }
    Ok(remote
        .with("opts", opts)
        .with("name", args.text("path"))
        .work())
}
