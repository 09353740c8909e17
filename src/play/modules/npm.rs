//! `npm`: installs and removes Node packages.

use super::{Arg, ArgKind, Call, Module, ModuleError, Program, Remote, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "npm",
    fqcn: &["community.general.npm"],
    doc: "Installs and removes Node packages, for all or in a directory.",
    args: &[&[
        Arg::str(
            "name",
            "The package; without it those of the directory's package.json.",
        ),
        Arg::str("version", "Its version."),
        Arg::path("path", "The directory."),
        Arg::choice(
            "state",
            &["absent", "latest", "present"],
            "What it shall be.",
        )
        .default("present"),
        Arg::flag("global", "For all."),
        Arg::flag("production", "Not what is needed for developing."),
        Arg::flag("ci", "Exactly what package-lock.json says."),
        Arg::flag("ignore_scripts", "Run no scripts of packages."),
        Arg::bool("unsafe_perm", "Run scripts as the same user."),
        Arg::flag("force", "Fetch it though it is there."),
        Arg::new("no_optional", ArgKind::Bool, "Not what is optional.").default("false"),
        Arg::new("no_bin_links", ArgKind::Bool, "Make no links to programs.").default("false"),
        Arg::str("registry", "Where from."),
        Arg::path("executable", "Which npm."),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let (name, path, global) = (args.str("name"), args.str("path"), args.flag("global"));
    if path.is_none() && !global {
        return Err(ModuleError::args(
            "`npm` needs `path` unless it is `global`",
        ));
    }
    if name.is_none() && args.text("state") == "absent" {
        return Err(ModuleError::arg("state", "`state: absent` needs `name`"));
    }
    if name.is_some_and(|name| name.starts_with('-') || name.contains(' ')) {
        return Err(ModuleError::arg("name", "`name` must be one package"));
    }
    let mut program = Program::new(call);
    program
        .opt("n", name)
        .opt("ve", args.str("version"))
        .path("d", path.unwrap_or_default())
        .set("st", args.text("state"))
        .flag("gl", global)
        .flag("pr", args.flag("production"))
        .flag("ci", args.flag("ci"))
        .flag("ig", args.flag("ignore_scripts"))
        .flag("up", args.flag("unsafe_perm"))
        .flag("fo", args.flag("force"))
        .flag("no", args.flag("no_optional"))
        .flag("nb", args.flag("no_bin_links"))
        .opt("rg", args.str("registry"))
        .path("x", args.str("executable").unwrap_or("npm"))
        .script(include_str!("sh/npm.sh"));
    Ok(Remote::new(call, &program).timeout(Remote::LONG).work())
}
