//! `copy` of a whole local directory in one program.

use std::{fmt::Write as _, sync::Arc};

use sha2::{Digest, Sha256};

use super::{
    Call, LocalEntry, LocalKind, ModuleError, Program, Remote, Work, attributes, copy,
    quote::quote, remote::Content,
};

/// Returns the program that makes `dest` hold what a local directory holds. Contents
/// that differ travel together, in one second run.
pub(super) fn compile(
    call: &Call<'_>,
    src: &str,
    entries: &[LocalEntry],
) -> Result<Work, ModuleError> {
    let args = call.args;
    if args.str("validate").is_some() {
        return Err(ModuleError::arg(
            "validate",
            "`validate` needs a file, and `src` is a directory",
        ));
    }
    // With a slash at the end: what is in the directory; without: the directory.
    let inside = src.ends_with('/');
    let name = src
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    let mut program = Program::new(call);
    program
        .path("o", args.text("dest"))
        .flag("fo", args.bool("force") != Some(false))
        .flag("b", args.flag("backup"))
        .flag("pm", args.str("mode") == Some("preserve"));
    let mode = args.str("mode").filter(|mode| *mode != "preserve");
    attributes::add(&mut program, args, Some(mode.unwrap_or("0")))?;
    program.flag("WM", args.str("mode").is_some());
    if mode.is_none() {
        program.code("s_mode() { wm=$pw; }\n");
    }
    copy::directory_mode(&mut program, call)?;
    program.script(include_str!("sh/copy_directory.sh"));
    let mut list = String::new();
    let mut stream = Vec::new();
    for entry in entries {
        let relative = if inside {
            entry.relative.clone()
        } else {
            format!("{name}/{}", entry.relative)
        };
        let path = quote(&relative);
        match &entry.kind {
            LocalKind::Directory => {
                let _ = writeln!(list, "c_dir {path}");
            }
            LocalKind::Link(target) => {
                let _ = writeln!(list, "c_link {path} {}", quote(target));
            }
            LocalKind::File(bytes) => {
                let digest = hex::encode(Sha256::digest(bytes));
                let _ = writeln!(
                    list,
                    "c_file {path} {digest} {} {} {:o}",
                    stream.len(),
                    bytes.len(),
                    entry.mode & 0o7777
                );
                stream.extend_from_slice(bytes);
            }
        }
    }
    program.code(&list).script("c_done\n");
    let mut remote = Remote::new(call, &program).with("src", src);
    remote.content = Content::Bytes(Arc::from(stream));
    Ok(remote.work())
}
