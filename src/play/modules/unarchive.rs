//! `unarchive`: unpacks an archive.

use std::sync::Arc;

use super::{
    Arg, ArgKind, Call, Module, ModuleError, Program, Remote, Work, attributes, get_url::fetching,
    path::path_word, quote::quote, remote::Content,
};

/// The module.
pub static MODULE: Module = Module {
    name: "unarchive",
    fqcn: &["ansible.builtin.unarchive"],
    doc: "Unpacks an archive of the play or of the host. Files that are as in the archive stay; their times don't count.",
    args: &[
        &[
            Arg::path(
                "src",
                "The archive; with `remote_src` a path on the host or a URL.",
            )
            .required(),
            Arg::path("dest", "The directory.").required(),
            Arg::path("creates", "Don't unpack when this path exists."),
            Arg::flag("remote_src", "The archive is on the host."),
            Arg::bool("copy", "The contrary of `remote_src`."),
            Arg::list("exclude", "Not these members."),
            Arg::list("include", "Only these members."),
            Arg::new(
                "extra_opts",
                ArgKind::List,
                "More options for tar or unzip.",
            ),
            Arg::flag("keep_newer", "Keep files that are newer."),
            Arg::flag("list_files", "Return the names of members."),
            Arg::new("validate_certs", ArgKind::Bool, "Check certificates.").default("true"),
            Arg::new("decrypt", ArgKind::Bool, "Decrypt a vaulted source.").default("true"),
        ],
        attributes::OWN,
    ],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let src = args.text("src");
    let on_host = args.flag("remote_src") || args.bool("copy") == Some(false);
    if args.list("include").is_some() && args.list("exclude").is_some() {
        return Err(ModuleError::arg(
            "exclude",
            "`include` and `exclude` exclude each other",
        ));
    }
    let mut program = Program::new(call);
    fetching(&mut program, call);
    let name = src.rsplit('/').next().unwrap_or(src).to_lowercase();
    // Where the name doesn't tell, the host looks at the first bytes.
    let zip = [".zip", ".jar", ".whl", ".war"]
        .iter()
        .any(|end| name.ends_with(end));
    program
        .path("d", args.text("dest"))
        .path("cr", args.text("creates"))
        .flag("zi", zip)
        .flag("kn", args.flag("keep_newer"))
        .flag("li", args.flag("list_files"))
        .flag("rs", on_host)
        .flag("hu", on_host && src.contains("://"));
    if on_host && src.contains("://") {
        program.set("sr", src);
    } else {
        program.path("sr", src);
    }
    attributes::add(&mut program, args, None)?;
    let words = |name: &str| args.list(name).unwrap_or_default();
    let mut tar: Vec<String> = words("extra_opts").into_iter().map(quote).collect();
    tar.extend(
        words("exclude")
            .into_iter()
            .map(|one| quote(&format!("--exclude={one}"))),
    );
    let include: Vec<String> = words("include").into_iter().map(path_word).collect();
    let mut unzip: Vec<String> = Vec::new();
    if !words("exclude").is_empty() {
        unzip.push("-x".into());
        unzip.extend(words("exclude").into_iter().map(path_word));
    }
    let extra: Vec<String> = words("extra_opts").into_iter().map(quote).collect();
    program.code(&format!(
        "u_tar() {{ tar -x $z -f \"$1\" -C \"$2\" {} {}; }}\nu_zip() {{ unzip -q -o {} \"$1\" {} -d \"$2\" {}; }}\n",
        tar.join(" "), include.join(" "), extra.join(" "), include.join(" "), unzip.join(" ")
    ));
    program.script(include_str!("sh/unarchive.sh"));
    let mut remote = Remote::new(call, &program)
        .timeout(Remote::LONG)
        .with("src", src)
        .with("handler", if zip { "ZipArchive" } else { "TarArchive" });
    if !on_host {
        let file = call.files.file(src).map_err(ModuleError::File)?;
        remote.content = Content::Bytes(Arc::from(file.bytes));
    }
    Ok(remote.work())
}
