//! `stat`: tells what a path is.

use serde_json::{Map, Value};

use super::{Arg, ArgKind, Call, Module, ModuleError, Program, Remote, TaskResult, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "stat",
    fqcn: &["ansible.builtin.stat"],
    doc: "Tells what a path is: `stat.exists`, `stat.mode`, `stat.checksum` and so on.",
    args: &[&[
        Arg::path("path", "The path.")
            .required()
            .aliases(&["dest", "name"]),
        Arg::flag("follow", "Look at what a link points to."),
        Arg::new(
            "get_checksum",
            ArgKind::Bool,
            "Return a checksum of a file.",
        )
        .default("true"),
        Arg::choice("checksum_algorithm", ALGORITHMS, "The checksum's kind.")
            .default("sha1")
            .aliases(&["checksum", "checksum_algo"]),
        Arg::new("get_mime", ArgKind::Bool, "Return the MIME type.")
            .default("true")
            .aliases(&["mime", "mime_type", "mime-type"]),
        Arg::new(
            "get_attributes",
            ArgKind::Bool,
            "Return the file system's attributes.",
        )
        .default("true")
        .aliases(&["attr", "attributes"]),
    ]],
    free_form: false,
    compile,
};

/// The kinds of checksums, each with a program of that name and `sum`.
pub(super) const ALGORITHMS: &[&str] = &["md5", "sha1", "sha224", "sha256", "sha384", "sha512"];

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let mut program = Program::new(call);
    program
        .path("d", args.text("path"))
        .flag("w", args.flag("follow"))
        .opt(
            "a",
            args.flag("get_checksum")
                .then(|| args.text("checksum_algorithm")),
        )
        .flag("n", args.flag("get_mime"))
        .flag("l", args.flag("get_attributes"))
        .script(include_str!("sh/stat.sh"));
    let (mime, attributes) = (args.flag("get_mime"), args.flag("get_attributes"));
    Ok(Remote::new(call, &program)
        .post(move |result, part| finish(result, part, mime, attributes))
        .work())
}

fn finish(
    result: &mut TaskResult,
    part: &dyn Fn(&str) -> Option<String>,
    mime: bool,
    attributes: bool,
) {
    if result.failed {
        return;
    }
    let mut stat = Map::new();
    let Some(numbers) = part("stat") else {
        stat.insert("exists".into(), false.into());
        result.data.insert("stat".into(), stat.into());
        return;
    };
    stat.insert("exists".into(), true.into());
    let words: Vec<&str> = numbers.split(' ').collect();
    let word = |index: usize| words.get(index).copied().unwrap_or_default();
    // The type and permission bits of st_mode, in hexadecimal (`stat -c %f`).
    let raw = u32::from_str_radix(word(0), 16).unwrap_or_default();
    stat.insert("path".into(), part("path").unwrap_or_default().into());
    stat.insert("mode".into(), format!("{:04o}", raw & 0o7777).into());
    for (name, kind) in [
        ("isdir", 0o04),
        ("ischr", 0o02),
        ("isblk", 0o06),
        ("isreg", 0o10),
        ("isfifo", 0o01),
        ("islnk", 0o12),
        ("issock", 0o14),
    ] {
        stat.insert(name.into(), (raw >> 12 == kind).into());
    }
    for (name, bit) in [
        ("rusr", 0o400),
        ("wusr", 0o200),
        ("xusr", 0o100),
        ("rgrp", 0o040),
        ("wgrp", 0o020),
        ("xgrp", 0o010),
        ("roth", 0o004),
        ("woth", 0o002),
        ("xoth", 0o001),
        ("isuid", 0o4000),
        ("isgid", 0o2000),
    ] {
        stat.insert(name.into(), (raw & bit != 0).into());
    }
    let names = [
        "uid",
        "gid",
        "size",
        "inode",
        "dev",
        "nlink",
        "atime",
        "mtime",
        "ctime",
        "blocks",
        "block_size",
    ];
    for (index, name) in names.iter().enumerate() {
        let value = word(index + 1)
            .parse::<i64>()
            .map_or(Value::Null, Value::from);
        stat.insert((*name).into(), value);
    }
    for (index, name) in [(12, "pw_name"), (13, "gr_name")] {
        if word(index) != "UNKNOWN" {
            stat.insert(name.into(), word(index).into());
        }
    }
    for (name, key) in [("readable", "r"), ("writeable", "w"), ("executable", "x")] {
        let access = part("access").unwrap_or_default();
        stat.insert(name.into(), access.contains(key).into());
    }
    for (name, key) in [
        ("lnk_source", "lnk_source"),
        ("lnk_target", "lnk_target"),
        ("checksum", "sum"),
    ] {
        if let Some(text) = part(key).filter(|text| !text.is_empty()) {
            stat.insert(name.into(), text.into());
        }
    }
    if mime {
        let text = part("mime").unwrap_or_default();
        let (kind, charset) = text.split_once(';').unwrap_or(("unknown", "unknown"));
        let charset = charset.trim().trim_start_matches("charset=").trim();
        stat.insert("mimetype".into(), kind.trim().into());
        stat.insert("charset".into(), charset.into());
    }
    if attributes {
        stat.insert("version".into(), Value::Null);
        stat.insert("attributes".into(), Value::Array(Vec::new()));
        stat.insert("attr_flags".into(), "".into());
    }
    result.data.insert("stat".into(), stat.into());
}
