//! `pip`: installs and removes Python packages.

use super::{Arg, ArgKind, Call, Module, ModuleError, Program, Remote, Work, quote::quote, words};

/// The module.
pub static MODULE: Module = Module {
    name: "pip",
    fqcn: &["ansible.builtin.pip"],
    doc: "Installs and removes Python packages, for all or in a virtual environment.",
    args: &[&[
        Arg::list("name", "The packages: `name`, `name==version` and so on."),
        Arg::str("version", "The version of the one package."),
        Arg::path("requirements", "A file of packages, on the host."),
        Arg::path("virtualenv", "The virtual environment, which is made."),
        Arg::str("virtualenv_command", "What makes it.").default("virtualenv"),
        Arg::str("virtualenv_python", "The Python in it."),
        Arg::flag("virtualenv_site_packages", "It sees the host's packages."),
        Arg::choice(
            "state",
            &["absent", "forcereinstall", "latest", "present"],
            "What they shall be.",
        )
        .default("present"),
        Arg::str("extra_args", "More options for pip."),
        Arg::flag("editable", "Install it so that it can be changed in place."),
        Arg::path("chdir", "The directory to run pip in."),
        Arg::path("executable", "Which pip."),
        Arg::flag(
            "break_system_packages",
            "Install among the host's own packages.",
        ),
        Arg::new("umask", ArgKind::Str, "The umask."),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let mut names: Vec<String> = args
        .list("name")
        .unwrap_or_default()
        .into_iter()
        .map(|name| name.trim().to_owned())
        .collect();
    // A text was cut at its commas: `six>=1.10,<2` is one package.
    let mut at = 1;
    while at < names.len() {
        let joins = names
            .get(at)
            .is_some_and(|name| name.starts_with(['<', '>', '=', '!', '~']));
        if joins {
            let condition = names.remove(at);
            if let Some(name) = names.get_mut(at - 1) {
                name.push(',');
                name.push_str(&condition);
            }
        } else {
            at += 1;
        }
    }
    if names.is_empty() && args.str("requirements").is_none() {
        return Err(ModuleError::args("`pip` needs `name` or `requirements`"));
    }
    if args.str("executable").is_some() && args.str("virtualenv").is_some() {
        return Err(ModuleError::arg(
            "executable",
            "`executable` and `virtualenv` exclude each other",
        ));
    }
    if let Some(version) = args.str("version") {
        match names.as_mut_slice() {
            [one] => one.push_str(&format!("=={version}")),
            _ => return Err(ModuleError::arg("version", "`version` needs one `name`")),
        }
    }
    if let Some(name) = names
        .iter()
        .find(|name| name.starts_with('-') || name.is_empty())
    {
        return Err(ModuleError::arg("name", format!("`{name}` is no package")));
    }
    let cut = |name: &str| {
        words::split(args.text(name))
            .map_err(|message| {
                ModuleError::arg(name, format!("`{name}` can't be cut into words: {message}"))
            })
            .map(|words| {
                words
                    .iter()
                    .map(|word| quote(word))
                    .collect::<Vec<_>>()
                    .join(" ")
            })
    };
    let extra = cut("extra_args")?;
    let maker = cut("virtualenv_command")?;
    let quoted: Vec<String> = names.iter().map(|name| quote(name)).collect();
    let mut program = Program::new(call);
    program
        .path("rq", args.text("requirements"))
        .path("vd", args.text("virtualenv"))
        .opt("vp", args.str("virtualenv_python"))
        .flag("vs", args.flag("virtualenv_site_packages"))
        .set("st", args.text("state"))
        .flag("ed", args.flag("editable"))
        .path("cd", args.text("chdir"))
        .path("x", args.text("executable"))
        .flag("bs", args.flag("break_system_packages"))
        .opt("um", args.str("umask"))
        .code(&format!(
            "p_pip() {{ \"$x\" \"$@\" {extra}; }}\np_make() {{ {maker} \"$@\"; }}\nset -- {}\n",
            quoted.join(" ")
        ))
        .script(include_str!("sh/pip.sh"));
    Ok(Remote::new(call, &program).timeout(Remote::LONG).work())
}
