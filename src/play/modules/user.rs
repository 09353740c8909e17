//! `user`: sees to it that a user is there as wanted, or isn't.

use super::{Arg, ArgKind, Call, Module, ModuleError, Program, Remote, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "user",
    fqcn: &["ansible.builtin.user"],
    doc: "Sees to it that a user is there as wanted, or isn't.",
    args: &[&[
        Arg::str("name", "The user.").required().aliases(&["user"]),
        Arg::choice("state", &["absent", "present"], "Whether he is there.").default("present"),
        Arg::int("uid", "His number."),
        Arg::flag("non_unique", "His number may be another user's too."),
        Arg::str("group", "His primary group."),
        Arg::list("groups", "The other groups; an empty text means none."),
        Arg::flag("append", "Keep the groups he has."),
        Arg::str("comment", "His full name."),
        Arg::path("home", "His home directory."),
        Arg::flag("move_home", "Move what is in the old home directory."),
        Arg::new("create_home", ArgKind::Bool, "Make the home directory.")
            .default("true")
            .aliases(&["createhome"]),
        Arg::str("skeleton", "What a new home directory is filled from."),
        Arg::str("umask", "The umask that a new home directory is made with."),
        Arg::path("shell", "His shell."),
        Arg::flag("system", "A system user, when he is made."),
        Arg::str("password", "The password's hash.").secret(),
        Arg::choice(
            "update_password",
            &["always", "on_create"],
            "When the password is set.",
        )
        .default("always"),
        Arg::bool("password_lock", "Whether the password is locked."),
        Arg::int(
            "password_expire_max",
            "Days after which the password must be changed.",
        ),
        Arg::int("password_expire_min", "Days before which it can't be."),
        Arg::int(
            "password_expire_warn",
            "Days before that a warning is shown.",
        ),
        Arg::new(
            "expires",
            ArgKind::Float,
            "When the account ends, in seconds since 1970; negative: never.",
        ),
        Arg::flag("remove", "Remove his files with him."),
        Arg::flag("force", "Remove him though he is logged in."),
        Arg::bool("generate_ssh_key", "Make an SSH key when there is none."),
        Arg::int("ssh_key_bits", "The key's length.").default("0"),
        Arg::str("ssh_key_type", "The key's type.").default("rsa"),
        Arg::path("ssh_key_file", "The key's file, below the home directory."),
        Arg::str("ssh_key_comment", "The key's comment."),
        Arg::bool(
            "local",
            "Only local files are looked at, which holds anyway.",
        ),
        Arg::int("uid_min", "The least number of a new user."),
        Arg::int("uid_max", "The greatest number of a new user."),
    ]],
    free_form: false,
    compile,
};

/// Refuses names that would be taken for something else.
pub(super) fn check_name(arg: &str, name: &str) -> Result<(), ModuleError> {
    if name.is_empty() || name.starts_with('-') || name.contains([':', '\n', '/', ' ']) {
        return Err(ModuleError::arg(
            arg,
            format!("`{name}` can't be a user's or a group's name"),
        ));
    }
    Ok(())
}

/// Seconds of a day.
const DAY: f64 = 86_400.0;

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let name = args.text("name");
    check_name("name", name)?;
    let groups = args.list("groups");
    let mut program = Program::new(call);
    for (variable, arg) in [
        ("gr", "group"),
        ("co", "comment"),
        ("sk", "skeleton"),
        ("um", "umask"),
        ("pw", "password"),
        ("kt", "ssh_key_type"),
        ("kc", "ssh_key_comment"),
    ] {
        program.opt(variable, args.str(arg));
    }
    for (variable, arg) in [
        ("ui", "uid"),
        ("px", "password_expire_max"),
        ("pn", "password_expire_min"),
        ("pz", "password_expire_warn"),
        ("il", "uid_min"),
        ("ih", "uid_max"),
    ] {
        program.opt(
            variable,
            args.int(arg).map(|number| number.to_string()).as_deref(),
        );
    }
    let bits = args.int("ssh_key_bits").filter(|bits| *bits > 0);
    program
        .set("n", name)
        .flag("ab", args.text("state") == "absent")
        .flag("hg", args.str("comment").is_some())
        .path("ho", args.text("home"))
        .path("sh", args.text("shell"))
        .path("kf", args.text("ssh_key_file"))
        .opt("kb", bits.map(|bits| bits.to_string()).as_deref())
        .flag("gk", args.flag("generate_ssh_key"))
        .flag("ch", args.flag("create_home"))
        .flag("mh", args.flag("move_home"))
        .flag("sy", args.flag("system"))
        .flag("nu", args.flag("non_unique"))
        .flag("ap", args.flag("append"))
        .flag("oc", args.text("update_password") == "on_create")
        .set(
            "lk",
            match args.bool("password_lock") {
                Some(true) => "1",
                Some(false) => "0",
                None => "",
            },
        )
        .flag("rm", args.flag("remove"))
        .flag("fo", args.flag("force"))
        .flag("gs", groups.is_some());
    let mut wanted: Vec<&str> = groups.unwrap_or_default();
    wanted.retain(|group| !group.trim().is_empty());
    for group in &wanted {
        check_name("groups", group.trim())?;
    }
    let wanted: Vec<&str> = wanted.iter().map(|group| group.trim()).collect();
    program.set("go", &wanted.join(" "));
    let expires = args.get("expires").and_then(serde_json::Value::as_f64);
    // useradd takes days since 1970; -1 means never.
    let days = expires.map(|seconds| {
        if seconds < 0.0 {
            "-1".to_owned()
        } else {
            format!("{:.0}", (seconds / DAY).floor())
        }
    });
    program.opt("ex", days.as_deref());
    program.script(include_str!("sh/user.sh"));
    let mut remote = Remote::new(call, &program)
        .with("name", name)
        .with("state", args.text("state"));
    if args.get("groups").is_some() {
        remote = remote.with("groups", wanted.join(","));
    }
    if args.str("password").is_some() {
        remote = remote.with("password", "NOT_LOGGING_PASSWORD");
    }
    Ok(remote.work())
}
