//! `archive`: packs files of the host.

use super::{Arg, Call, Module, ModuleError, Program, Remote, Work, attributes, path::path_word};

/// The module.
pub static MODULE: Module = Module {
    name: "archive",
    fqcn: &["community.general.archive"],
    doc: "Packs files of the host into an archive. It is made anew when what it holds differs.",
    args: &[
        &[
            Arg::list("path", "What to pack; patterns may be used.").required(),
            Arg::path("dest", "The archive."),
            Arg::choice("format", &["bz2", "gz", "tar", "xz", "zip"], "Its kind.").default("gz"),
            Arg::list("exclude_path", "Not these."),
            Arg::list("exclusion_patterns", "Not what matches these."),
            Arg::flag(
                "force_archive",
                "Pack though it is one file, which holds anyway.",
            ),
            Arg::flag("remove", "Remove what was packed."),
        ],
        attributes::OWN,
    ],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let paths = args.list("path").unwrap_or_default();
    let format = args.text("format");
    let ending = match format {
        "tar" => "tar",
        "zip" => "zip",
        "bz2" => "tar.bz2",
        "xz" => "tar.xz",
        _ => "tar.gz",
    };
    let dest = match (args.str("dest"), paths.as_slice()) {
        (Some(dest), _) => dest.to_owned(),
        (None, [one]) if !one.contains('*') => format!("{}.{ending}", one.trim_end_matches('/')),
        _ => {
            return Err(ModuleError::args(
                "`archive` needs `dest` unless `path` is one path",
            ));
        }
    };
    let words: Vec<String> = paths.iter().map(|path| path_word(path.trim())).collect();
    let mut excludes = String::new();
    for path in args.list("exclude_path").unwrap_or_default() {
        excludes.push_str(&format!(
            " --exclude={}",
            path_word(path.trim().trim_start_matches('/'))
        ));
    }
    for pattern in args.list("exclusion_patterns").unwrap_or_default() {
        excludes.push_str(&format!(
            " --exclude={}",
            super::quote::quote(pattern.trim())
        ));
    }
    if format == "zip" && !excludes.is_empty() {
        return Err(ModuleError::arg(
            "exclude_path",
            "a zip can't leave anything out here",
        ));
    }
    let mut program = Program::new(call);
    program
        .path("d", &dest)
        .set("fm", format)
        .flag("re", args.flag("remove"));
    attributes::add(&mut program, args, None)?;
    program
        .code(&format!(
            "a_tar() {{ tar -c{excludes} \"$@\"; }}\nset -- {}\n",
            words.join(" ")
        ))
        .script(include_str!("sh/archive.sh"));
    Ok(Remote::new(call, &program).timeout(Remote::LONG).work())
}
