//! `package`: installs and removes packages, with whatever the host has.

use super::{Arg, Call, Module, ModuleError, Program, Remote, Work, apt};

/// The module.
pub static MODULE: Module = Module {
    name: "package",
    fqcn: &["ansible.builtin.package"],
    doc: "Installs and removes packages with apt-get, apk or dnf, whichever the host has.",
    args: &[&[
        Arg::list("name", "The packages.")
            .required()
            .aliases(&["pkg"]),
        Arg::choice(
            "state",
            &["absent", "installed", "latest", "present", "removed"],
            "What they shall be.",
        )
        .default("present"),
        Arg::choice(
            "use",
            &["auto", "apt", "apk", "dnf"],
            "What to use; found out anyway.",
        )
        .default("auto"),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let names: Vec<&str> = args.list("name").unwrap_or_default();
    for name in &names {
        apt::check_name(name)?;
    }
    let names: Vec<&str> = names.iter().map(|name| name.trim()).collect();
    let state = match args.text("state") {
        "installed" => "present",
        "removed" => "absent",
        state => state,
    };
    let mut program = Program::new(call);
    program
        .set("pk", &names.join(" "))
        .set("st", state)
        .set("ao", "-o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o DPkg::Lock::Timeout=60")
        .code("all= db= ug= uc= cv=0 ur=5 ud=12 rc= pu= ar= ac= cl=\n")
        .script("if ! s_which apt-get; then\n")
        .script(include_str!("sh/package.sh"))
        .script("s_end\nfi\n")
        .script(include_str!("sh/apt.sh"));
    Ok(Remote::new(call, &program).timeout(Remote::LONG).work())
}
