//! `git`: sees to it that a directory holds a version of a repository.

use super::{Arg, ArgKind, Call, Module, ModuleError, Program, Remote, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "git",
    fqcn: &["ansible.builtin.git"],
    doc: "Sees to it that a directory holds a version of a repository.",
    args: &[&[
        Arg::str("repo", "The repository.")
            .required()
            .aliases(&["name"]),
        Arg::path("dest", "The directory.").required(),
        Arg::str("version", "A branch, a tag, or a commit.").default("HEAD"),
        Arg::str("remote", "What the remote is called.").default("origin"),
        Arg::str("refspec", "What else to fetch."),
        Arg::int("depth", "Fetch this many commits only."),
        Arg::new("clone", ArgKind::Bool, "Clone it when it isn't there.").default("true"),
        Arg::new("update", ArgKind::Bool, "Fetch what is new.").default("true"),
        Arg::flag("force", "Throw local changes away."),
        Arg::flag("bare", "A bare repository."),
        Arg::new("recursive", ArgKind::Bool, "Submodules too.").default("true"),
        Arg::flag("single_branch", "Fetch one branch only."),
        Arg::flag("accept_hostkey", "Refused: pin the key with `known_hosts`."),
        Arg::flag(
            "accept_newhostkey",
            "Trust a host key that isn't known yet.",
        ),
        Arg::path("key_file", "The SSH key."),
        Arg::str("ssh_opts", "Options for ssh."),
        Arg::str("umask", "The umask."),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    if args.flag("accept_hostkey") {
        return Err(ModuleError::arg(
            "accept_hostkey",
            "`accept_hostkey` trusts any key; use `accept_newhostkey`, or pin the key with `known_hosts`",
        ));
    }
    for name in ["repo", "version", "remote"] {
        if args.text(name).starts_with('-') {
            return Err(ModuleError::arg(
                name,
                format!("`{name}` begins with a dash"),
            ));
        }
    }
    let mut ssh = String::from("ssh -o BatchMode=yes");
    if args.flag("accept_newhostkey") {
        ssh.push_str(" -o StrictHostKeyChecking=accept-new");
    }
    if let Some(options) = args.str("ssh_opts") {
        ssh.push(' ');
        ssh.push_str(options);
    }
    let mut program = Program::new(call);
    program
        .set("re", args.text("repo"))
        .path("d", args.text("dest"))
        .set("ve", args.text("version"))
        .set("rn", args.text("remote"))
        .opt("rs", args.str("refspec"))
        .opt(
            "de",
            args.int("depth").map(|depth| depth.to_string()).as_deref(),
        )
        .flag("cl", args.bool("clone") != Some(false))
        .flag("up", args.bool("update") != Some(false))
        .flag("fo", args.flag("force"))
        .flag("ba", args.flag("bare"))
        .flag("rc", args.bool("recursive") != Some(false))
        .flag("sb", args.flag("single_branch"))
        .set("ss", &ssh)
        .path("kf", args.text("key_file"))
        .opt("um", args.str("umask"))
        .script(include_str!("sh/git.sh"));
    Ok(Remote::new(call, &program).timeout(Remote::LONG).work())
}
