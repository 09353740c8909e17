//! `hostname`: names the host.

use super::{Arg, Call, Module, ModuleError, Program, Remote, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "hostname",
    fqcn: &["ansible.builtin.hostname"],
    doc: "Names the host, now and for the next boot.",
    args: &[&[
        Arg::str("name", "The name.").required(),
        Arg::choice(
            "use",
            &["alpine", "debian", "generic", "systemd"],
            "How; found out anyway.",
        ),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let name = call.args.text("name");
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    // 64 is HOST_NAME_MAX of Linux.
    if name.is_empty() || name.len() > 64 || name.starts_with('-') || !name.chars().all(plain) {
        return Err(ModuleError::arg(
            "name",
            format!("`{name}` can't be a host's name"),
        ));
    }
    let mut program = Program::new(call);
    program
        .set("n", name)
        .script(include_str!("sh/hostname.sh"));
    let mut remote = Remote::new(call, &program).with("name", name);
    let short = name.split('.').next().unwrap_or(name).to_owned();
    let name = name.to_owned();
    remote = remote.post(move |result, _| {
        result
            .facts
            .insert("ansible_hostname".into(), short.as_str().into());
        result
            .facts
            .insert("ansible_nodename".into(), name.as_str().into());
    });
    Ok(remote.work())
}
