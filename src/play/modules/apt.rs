//! `apt`: installs and removes Debian packages.

use super::{Arg, ArgKind, Call, Module, ModuleError, Program, Remote, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "apt",
    fqcn: &["ansible.builtin.apt"],
    doc: "Installs and removes Debian packages. Packages that are all as wanted cost one look at dpkg's database.",
    args: &[&[
        Arg::list(
            "name",
            "The packages: `name`, `name=version`, `name/release`.",
        )
        .aliases(&["package", "pkg"]),
        Arg::choice(
            "state",
            &["absent", "build-dep", "fixed", "latest", "present"],
            "What they shall be.",
        )
        .default("present"),
        Arg::bool("update_cache", "Run `apt-get update` first.").aliases(&["update-cache"]),
        Arg::int(
            "cache_valid_time",
            "Not when that was done within these seconds.",
        )
        .default("0"),
        Arg::int("update_cache_retries", "How often to try.").default("5"),
        Arg::int(
            "update_cache_retry_max_delay",
            "The longest pause between tries, in seconds.",
        )
        .default("12"),
        Arg::path("deb", "A package file on the host, or its URL."),
        Arg::choice(
            "upgrade",
            &["dist", "full", "no", "safe", "yes"],
            "Upgrade everything.",
        )
        .default("no"),
        Arg::str("default_release", "The release that packages come from.")
            .aliases(&["default-release"]),
        Arg::bool("install_recommends", "Install what they recommend too.")
            .aliases(&["install-recommends"]),
        Arg::str("dpkg_options", "Options for dpkg, with commas.")
            .default("force-confdef,force-confold"),
        Arg::int("lock_timeout", "Wait this many seconds for dpkg's lock.").default("60"),
        Arg::int(
            "policy_rc_d",
            "What /usr/sbin/policy-rc.d answers while packages are installed.",
        ),
        Arg::flag("purge", "Remove their configuration too."),
        Arg::flag("autoremove", "Remove what nothing needs any more."),
        Arg::flag(
            "autoclean",
            "Remove package files that can't be fetched any more.",
        ),
        Arg::flag("clean", "Remove all package files."),
        Arg::flag("only_upgrade", "Install nothing new."),
        Arg::flag("force", "Allow what --force-yes allows."),
        Arg::flag("force_apt_get", "Use apt-get, which holds anyway."),
        Arg::flag("fail_on_autoremove", "Fail rather than remove."),
        Arg::flag(
            "allow_unauthenticated",
            "Allow packages that aren't signed.",
        )
        .aliases(&["allow-unauthenticated"]),
        Arg::flag("allow_downgrade", "Allow older versions.").aliases(&[
            "allow-downgrade",
            "allow_downgrades",
            "allow-downgrades",
        ]),
        Arg::flag("allow_change_held_packages", "Change held packages."),
        Arg::new(
            "auto_install_module_deps",
            ArgKind::Bool,
            "Of no use here: nothing is needed.",
        )
        .default("true"),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let names: Vec<&str> = args.list("name").unwrap_or_default();
    let upgrade = args.text("upgrade") != "no";
    let ways = [!names.is_empty(), args.str("deb").is_some(), upgrade];
    if ways.iter().filter(|way| **way).count() > 1 {
        return Err(ModuleError::args(
            "`name`, `deb` and `upgrade` exclude each other",
        ));
    }
    if args.str("deb").is_some() && args.text("state") != "present" {
        return Err(ModuleError::arg("deb", "`deb` needs `state: present`"));
    }
    for name in &names {
        check_name(name)?;
    }
    let names: Vec<&str> = names.iter().map(|name| name.trim()).collect();
    let mut program = Program::new(call);
    options(&mut program, call);
    program
        .set("pk", &names.join(" "))
        .flag("all", names == ["*"])
        .set("st", args.text("state"))
        .path("db", args.text("deb"))
        .set("ug", if upgrade { args.text("upgrade") } else { "" })
        .flag(
            "uc",
            args.flag("update_cache") || args.int("cache_valid_time").unwrap_or_default() > 0,
        )
        .set(
            "cv",
            &args.int("cache_valid_time").unwrap_or_default().to_string(),
        )
        .set(
            "ur",
            &args.int("update_cache_retries").unwrap_or(5).to_string(),
        )
        .set(
            "ud",
            &args
                .int("update_cache_retry_max_delay")
                .unwrap_or(12)
                .to_string(),
        )
        .opt(
            "rc",
            args.int("policy_rc_d")
                .map(|code| code.to_string())
                .as_deref(),
        )
        .flag("pu", args.flag("purge"))
        .flag("ar", args.flag("autoremove"))
        .flag("ac", args.flag("autoclean"))
        .flag("cl", args.flag("clean"))
        .script(include_str!("sh/apt.sh"));
    Ok(Remote::new(call, &program).timeout(Remote::LONG).work())
}

/// Refuses what apt-get would take for an option or for two packages.
pub(super) fn check_name(name: &str) -> Result<(), ModuleError> {
    let name = name.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || "+-.:_~=/*".contains(c);
    if name.is_empty()
        || name.starts_with('-')
        || !name.chars().all(plain)
        || name.matches('=').count() > 1
    {
        return Err(ModuleError::arg(
            "name",
            format!("invalid package spec: `{name}`"),
        ));
    }
    Ok(())
}

/// Sets `ao` to apt-get's options, of which none holds a blank.
fn options(program: &mut Program, call: &Call<'_>) {
    let args = call.args;
    let mut words = Vec::new();
    for option in args
        .text("dpkg_options")
        .split(',')
        .map(str::trim)
        .filter(|option| !option.is_empty())
    {
        words.push(format!("-o Dpkg::Options::=--{option}"));
    }
    words.push(format!(
        "-o DPkg::Lock::Timeout={}",
        args.int("lock_timeout").unwrap_or(60)
    ));
    match args.bool("install_recommends") {
        Some(true) => words.push("-o APT::Install-Recommends=yes".into()),
        Some(false) => words.push("-o APT::Install-Recommends=no".into()),
        None => {}
    }
    if let Some(release) = args.str("default_release") {
        words.push(format!("-t {release}"));
    }
    for (arg, option) in [
        ("only_upgrade", "--only-upgrade"),
        (
            "force",
            "--allow-downgrades --allow-remove-essential --allow-change-held-packages",
        ),
        ("fail_on_autoremove", "--no-remove"),
        ("allow_unauthenticated", "--allow-unauthenticated"),
        ("allow_downgrade", "--allow-downgrades"),
        ("allow_change_held_packages", "--allow-change-held-packages"),
    ] {
        if args.flag(arg) {
            words.push(option.into());
        }
    }
    program.set("ao", &words.join(" "));
}
