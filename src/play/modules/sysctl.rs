//! `sysctl`: sets a kernel parameter, now and for the next boot.

use super::{Arg, ArgKind, Call, Module, ModuleError, Program, Remote, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "sysctl",
    fqcn: &["ansible.posix.sysctl"],
    doc: "Sets a kernel parameter in a file, and live: when the file changed (`reload`) or always (`sysctl_set`).",
    args: &[&[
        Arg::str("name", "The parameter.")
            .required()
            .aliases(&["key"]),
        Arg::str("value", "Its value.").aliases(&["val"]),
        Arg::choice("state", &["present", "absent"], "Whether the file sets it.")
            .default("present"),
        Arg::path("sysctl_file", "The file.").default("/etc/sysctl.conf"),
        Arg::new(
            "reload",
            ArgKind::Bool,
            "Read the file when it was changed.",
        )
        .default("true"),
        Arg::flag("sysctl_set", "Look at the live value and set it too."),
        Arg::flag("ignoreerrors", "Unknown parameters are no error."),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let present = args.text("state") == "present";
    let name = args.text("name");
    if present && args.text("value").is_empty() {
        return Err(ModuleError::arg("value", "`state: present` needs `value`"));
    }
    if name.is_empty() || name.starts_with('-') || name.contains(['=', '\n', ' ']) {
        return Err(ModuleError::arg("name", "`name` can't name a parameter"));
    }
    // Ansible writes booleans as the kernel has them.
    let value = match args.text("value").trim() {
        "True" | "true" | "yes" | "on" => "1",
        "False" | "false" | "no" | "off" => "0",
        value => value,
    };
    let mut program = Program::new(call);
    program
        .set("n", name)
        .set("va", value)
        .flag("ab", !present)
        .path("f", args.text("sysctl_file"))
        .flag("re", args.bool("reload") != Some(false))
        .flag("se", args.flag("sysctl_set"))
        .flag("ig", args.flag("ignoreerrors"))
        .script(include_str!("sh/sysctl.sh"));
    Ok(Remote::new(call, &program).work())
}
