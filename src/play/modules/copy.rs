//! `copy`: puts a local file, a text, or a file of the host in a place.

use std::sync::Arc;

use serde_json::Value;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::{
    Arg, ArgKind, Call, Module, ModuleError, Program, Remote, Work, attributes, copy_directory,
    protocol, quote::quote, remote::Content,
};

/// The module.
pub static MODULE: Module = Module {
    name: "copy",
    fqcn: &["ansible.builtin.copy"],
    doc: "Puts a local file or directory, a text, or a file of the host in a place. Content travels only when its digest differs.",
    args: &[
        &[
            Arg::path(
                "src",
                "The local file or directory; with `remote_src` a path on the host.",
            ),
            Arg::new(
                "content",
                ArgKind::Raw,
                "The text itself; a mapping or a list becomes JSON.",
            ),
            Arg::path("dest", "Where to. With a slash at the end: a directory.").required(),
            Arg::new("force", ArgKind::Bool, "Replace a file that is there.").default("true"),
            Arg::flag("remote_src", "The source is on the host."),
            Arg::flag("follow", "Write to what a link points to."),
            Arg::new(
                "local_follow",
                ArgKind::Bool,
                "Copy what local links point to.",
            )
            .default("true"),
            Arg::new(
                "directory_mode",
                ArgKind::Mode,
                "The mode of new directories.",
            ),
            Arg::str("checksum", "The SHA-1 that the source must have."),
            Arg::new("decrypt", ArgKind::Bool, "Decrypt a vaulted source.").default("true"),
        ],
        attributes::OWN,
        attributes::WRITE,
    ],
    free_form: false,
    compile,
};

/// Content up to this many bytes travels in the program, without being asked for: no
/// more than its digest takes.
const INLINE: usize = 128;

/// What to put somewhere.
pub(super) struct Source<'a> {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The name it gets in a directory; none when `dest` must not be a directory.
    pub name: Option<&'a str>,
    /// The permission bits of the source.
    pub mode: u32,
    /// The source as it is reported.
    pub src: Option<String>,
}

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let dest = args.text("dest");
    if dest.is_empty() {
        return Err(ModuleError::arg("dest", "`dest` is empty"));
    }
    match (
        args.str("src").filter(|src| !src.is_empty()),
        args.get("content"),
    ) {
        (Some(_), Some(_)) => Err(ModuleError::arg(
            "content",
            "`src` and `content` exclude each other",
        )),
        (None, None) => Err(ModuleError::args("`copy` needs `src` or `content`")),
        (None, Some(content)) => {
            if dest.ends_with('/') {
                return Err(ModuleError::arg(
                    "dest",
                    "`content` can't become a directory: `dest` ends with a slash",
                ));
            }
            let source = Source {
                bytes: content_bytes(content)?,
                name: None,
                mode: 0o600,
                src: None,
            };
            Ok(remote(call, source)?.work())
        }
        (Some(src), None) if args.flag("remote_src") => on_host(call, src),
        (Some(src), None) => {
            if let Some(entries) = call.files.directory(src).map_err(ModuleError::File)? {
                return copy_directory::compile(call, src, &entries);
            }
            let file = call.files.file(src).map_err(ModuleError::File)?;
            let source = Source {
                name: Some(src.trim_end_matches('/').rsplit('/').next().unwrap_or(src)),
                bytes: file.bytes,
                mode: file.mode,
                src: Some(file.path.to_string_lossy().into_owned()),
            };
            Ok(remote(call, source)?.work())
        }
    }
}

fn content_bytes(content: &Value) -> Result<Vec<u8>, ModuleError> {
    match content {
        Value::Array(_) | Value::Object(_) => Ok(python_json(content).into_bytes()),
        other => super::coerce::text(other)
            .map(String::into_bytes)
            .map_err(|message| ModuleError::arg("content", message)),
    }
}

/// Returns JSON as Python's `json.dumps` writes it, blanks after commas and colons.
fn python_json(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(python_json).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            let items: Vec<String> = map
                .iter()
                .map(|(key, item)| {
                    format!(
                        "{}: {}",
                        python_json(&Value::from(key.as_str())),
                        python_json(item)
                    )
                })
                .collect();
            format!("{{{}}}", items.join(", "))
        }
        Value::String(text) => {
            // Python escapes what isn't ASCII, in UTF-16.
            let mut out = String::new();
            for c in Value::from(text.as_str()).to_string().chars() {
                if c.is_ascii() {
                    out.push(c);
                } else {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        out.push_str(&format!("\\u{unit:04x}"));
                    }
                }
            }
            out
        }
        other => other.to_string(),
    }
}

/// Returns the program that puts `source` in its place.
pub(super) fn remote(call: &Call<'_>, source: Source<'_>) -> Result<Remote, ModuleError> {
    let args = call.args;
    let sha1 = hex::encode(Sha1::digest(&source.bytes));
    if let Some(wanted) = args.str("checksum").filter(|wanted| *wanted != sha1) {
        return Err(ModuleError::arg(
            "checksum",
            format!("the source's SHA-1 is {sha1}, not {wanted}"),
        ));
    }
    let mut program = Program::new(call);
    program
        .path("d", args.text("dest"))
        .opt("n", source.name)
        .set("H", &hex::encode(Sha256::digest(&source.bytes)))
        .flag("fo", args.bool("force") != Some(false))
        .flag("fl", args.flag("follow"))
        .flag("b", args.flag("backup"))
        .set("s_len", &source.bytes.len().to_string());
    let preserved =
        (args.str("mode") == Some("preserve")).then(|| format!("{:o}", source.mode & 0o7777));
    attributes::add(&mut program, args, preserved.as_deref())?;
    attributes::add_validate(&mut program, args)?;
    directory_mode(&mut program, call)?;
    let inline = std::str::from_utf8(&source.bytes)
        .ok()
        .filter(|text| text.len() <= INLINE && !text.contains('\0'));
    match inline {
        Some(text) => {
            program.flag("I", true).flag("il", true);
            program.code(&format!(
                "c_write() {{ printf %s {} >\"$T\"; }}\n",
                quote(text)
            ));
        }
        None => {
            program
                .flag("il", false)
                .code("c_write() { s_text >\"$T\"; }\n");
        }
    }
    program.script(include_str!("sh/copy.sh"));
    let after = call.diff.then(|| protocol::shown(&source.bytes));
    let content = match inline {
        Some(_) => Content::None,
        None => Content::Bytes(Arc::from(source.bytes)),
    };
    let mut remote = Remote::new(call, &program).with("checksum", sha1);
    if let Some(src) = source.src {
        remote = remote.with("src", src);
    }
    remote.content = content;
    remote.after = after;
    remote.look_at(args.text("dest"));
    Ok(remote)
}

/// Adds the mode of new directories: the function `c_dirmode`.
pub(super) fn directory_mode(program: &mut Program, call: &Call<'_>) -> Result<(), ModuleError> {
    let mode = call.args.str("directory_mode");
    let function = match mode {
        Some(mode) => super::mode::function(mode)
            .map_err(|message| ModuleError::arg("directory_mode", message))?
            .replacen("s_mode()", "c_dirmode()", 1),
        None => String::new(),
    };
    program.flag("dm", mode.is_some()).code(&function);
    Ok(())
}

fn on_host(call: &Call<'_>, src: &str) -> Result<Work, ModuleError> {
    let args = call.args;
    let mut program = Program::new(call);
    program
        .path("d", args.text("dest"))
        .path("sr", src)
        .flag("sl", src.ends_with('/'))
        .opt("ck", args.str("checksum"))
        .flag("fo", args.bool("force") != Some(false))
        .flag("fl", args.flag("follow"))
        .flag("lf", args.bool("local_follow") != Some(false))
        .flag("b", args.flag("backup"));
    let mode = args.str("mode").filter(|mode| *mode != "preserve");
    program.flag("pm", args.str("mode") == Some("preserve"));
    program
        .opt("WO", args.str("owner"))
        .opt("WG", args.str("group"))
        .flag("WM", args.str("mode").is_some())
        .flag("O", args.flag("unsafe_writes"));
    match mode {
        Some(mode) => {
            let function =
                super::mode::function(mode).map_err(|message| ModuleError::arg("mode", message))?;
            program.code(&function);
        }
        None => {
            program.code("s_mode() { wm=$pw; }\n");
        }
    }
    attributes::add_validate(&mut program, args)?;
    directory_mode(&mut program, call)?;
    program
        .script(include_str!("sh/copy_host.sh"))
        .script(include_str!("sh/copy.sh"));
    Ok(Remote::new(call, &program).work())
}
