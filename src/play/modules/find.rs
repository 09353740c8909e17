//! `find`: lists files of the host.

use serde_json::{Map, Value};

use super::{
    Arg, ArgKind, Call, Module, ModuleError, Program, Remote, Work, path::path_word,
    pyregex::PyRegex, stat::ALGORITHMS,
};

/// The module.
pub static MODULE: Module = Module {
    name: "find",
    fqcn: &["ansible.builtin.find"],
    doc: "Lists files of the host by name, age, size and mode.",
    args: &[&[
        Arg::list("paths", "The directories.")
            .required()
            .aliases(&["name", "path"]),
        Arg::list("patterns", "What a name must match: one of these.").aliases(&["pattern"]),
        Arg::list("excludes", "What a name must not match.").aliases(&["exclude"]),
        Arg::choice(
            "file_type",
            &["any", "directory", "file", "link"],
            "What to list.",
        )
        .default("file"),
        Arg::str("age", "At least this old, as `2d`; with a minus at most."),
        Arg::choice("age_stamp", &["atime", "ctime", "mtime"], "Which time.").default("mtime"),
        Arg::str(
            "size",
            "At least this large, as `10m`; with a minus at most.",
        ),
        Arg::flag("recurse", "Look into directories."),
        Arg::flag("hidden", "Names that begin with a dot too."),
        Arg::flag("follow", "Look into what links point to."),
        Arg::flag("get_checksum", "Return checksums."),
        Arg::choice("checksum_algorithm", ALGORITHMS, "The checksums' kind.")
            .default("sha1")
            .aliases(&["checksum", "checksum_algo"]),
        Arg::flag("use_regex", "Names are matched by regular expressions."),
        Arg::int("depth", "How deep to look."),
        Arg::new("mode", ArgKind::Mode, "The permissions."),
        Arg::new(
            "exact_mode",
            ArgKind::Bool,
            "Exactly these permissions, not at least these.",
        )
        .default("true"),
        Arg::int("limit", "At most this many."),
    ]],
    free_form: false,
    compile,
};

/// What a file must be to be listed.
struct Filter {
    patterns: Vec<PyRegex>,
    excludes: Vec<PyRegex>,
    kind: String,
    age: Option<i64>,
    stamp: &'static str,
    size: Option<i64>,
    hidden: bool,
    mode: Option<u32>,
    exact: bool,
    limit: Option<usize>,
}

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let mode = match args.str("mode") {
        Some(mode) => Some(
            u32::from_str_radix(mode, 8)
                .map_err(|_| ModuleError::arg("mode", "`mode` must be octal here"))?,
        ),
        None => None,
    };
    let filter = Filter {
        patterns: patterns(call, "patterns")?,
        excludes: patterns(call, "excludes")?,
        kind: args.text("file_type").to_owned(),
        age: units(
            call,
            "age",
            &[
                ("s", 1),
                ("m", 60),
                ("h", 3600),
                ("d", 86400),
                ("w", 604_800),
            ],
        )?,
        stamp: match args.text("age_stamp") {
            "atime" => "atime",
            "ctime" => "ctime",
            _ => "mtime",
        },
        size: units(
            call,
            "size",
            &[
                ("b", 1),
                ("k", 1 << 10),
                ("m", 1 << 20),
                ("g", 1 << 30),
                ("t", 1 << 40),
            ],
        )?,
        hidden: args.flag("hidden"),
        mode,
        exact: args.bool("exact_mode") != Some(false),
        limit: args
            .int("limit")
            .and_then(|limit| usize::try_from(limit).ok()),
    };
    let depth = match (args.flag("recurse"), args.int("depth")) {
        (false, _) => Some(1),
        (true, depth) => depth.filter(|depth| *depth > 0),
    };
    let mut program = Program::new(call);
    program
        .flag("fl", args.flag("follow"))
        .opt("de", depth.map(|depth| depth.to_string()).as_deref())
        .opt(
            "ck",
            args.flag("get_checksum")
                .then(|| args.text("checksum_algorithm")),
        );
    let paths: Vec<String> = args
        .list("paths")
        .unwrap_or_default()
        .into_iter()
        .map(path_word)
        .collect();
    program
        .code(&format!("set -- {}", paths.join(" ")))
        .script(include_str!("sh/find.sh"));
    Ok(Remote::new(call, &program)
        .post(move |result, part| {
            if result.failed {
                return;
            }
            let list = part("files").unwrap_or_default();
            let sums = part("sums").unwrap_or_default();
            let now = part("now")
                .and_then(|now| now.trim().parse().ok())
                .unwrap_or_default();
            let (files, examined) = listed(&filter, &list, &sums, now);
            result.data.insert("matched".into(), files.len().into());
            result.data.insert("examined".into(), examined.into());
            result.data.insert("files".into(), files.into());
        })
        .work())
}

fn patterns(call: &Call<'_>, name: &str) -> Result<Vec<PyRegex>, ModuleError> {
    let regex = call.args.flag("use_regex");
    call.args
        .list(name)
        .unwrap_or_default()
        .into_iter()
        .map(|pattern| {
            // Python's match begins at the beginning.
            let pattern = if regex {
                format!("^(?:{pattern})")
            } else {
                glob(pattern)
            };
            PyRegex::new(&pattern, false, true).map_err(|message| ModuleError::arg(name, message))
        })
        .collect()
}

/// Returns a file name pattern as a regular expression.
fn glob(pattern: &str) -> String {
    let mut out = String::from("^");
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '*' => out.push_str(".*"),
            '?' => out.push('.'),
            '[' => {
                out.push('[');
                if chars.peek() == Some(&'!') {
                    chars.next();
                    out.push('^');
                }
            }
            ']' => out.push(']'),
            c if c.is_alphanumeric() || "-_ ".contains(c) => out.push(c),
            c => {
                out.push('\\');
                out.push(c);
            }
        }
    }
    out.push_str("\\Z");
    out
}

fn units(call: &Call<'_>, name: &str, units: &[(&str, i64)]) -> Result<Option<i64>, ModuleError> {
    let Some(text) = call.args.str(name) else {
        return Ok(None);
    };
    let lower = text.trim().to_lowercase();
    let (number, factor) = units
        .iter()
        .find_map(|(unit, factor)| Some((lower.strip_suffix(unit)?, *factor)))
        .unwrap_or((&lower, 1));
    let number: i64 = number
        .parse()
        .map_err(|_| ModuleError::arg(name, format!("failed to process {name}: `{text}`")))?;
    Ok(Some(number.saturating_mul(factor)))
}

/// Returns the files that pass, and how many were looked at.
fn listed(filter: &Filter, list: &str, sums: &str, now: i64) -> (Vec<Value>, usize) {
    let mut files = Vec::new();
    let mut examined = 0;
    for entry in list.split('\u{1}').skip(1) {
        examined += 1;
        if filter.limit.is_some_and(|limit| files.len() >= limit) {
            break;
        }
        let words: Vec<&str> = entry.splitn(13, ' ').collect();
        let Some(path) = words
            .get(12)
            .map(|path| path.strip_suffix('\n').unwrap_or(path))
        else {
            continue;
        };
        let mut path = path.to_owned();
        while path.contains("//") {
            path = path.replace("//", "/");
        }
        let number = |index: usize| {
            words
                .get(index)
                .and_then(|word| word.parse::<i64>().ok())
                .unwrap_or_default()
        };
        let raw = words
            .first()
            .and_then(|word| u32::from_str_radix(word, 16).ok())
            .unwrap_or_default();
        let stamp = match filter.stamp {
            "atime" => number(7),
            "ctime" => number(9),
            _ => number(8),
        };
        if !passes(filter, &path, raw, number(3), now - stamp) {
            continue;
        }
        let mut file = Map::new();
        let names = [
            "uid", "gid", "size", "inode", "dev", "nlink", "atime", "mtime", "ctime",
        ];
        for (index, name) in names.iter().enumerate() {
            file.insert((*name).into(), number(index + 1).into());
        }
        file.insert("mode".into(), format!("{:04o}", raw & 0o7777).into());
        for (name, kind) in [("isdir", 0o04), ("isreg", 0o10), ("islnk", 0o12)] {
            file.insert(name.into(), (raw >> 12 == kind).into());
        }
        file.insert("pw_name".into(), words.get(10).copied().into());
        file.insert("gr_name".into(), words.get(11).copied().into());
        let sum = sums.lines().find_map(|line| {
            let (sum, name) = line.split_once("  ")?;
            (name == path).then_some(sum)
        });
        if let Some(sum) = sum {
            file.insert("checksum".into(), sum.into());
        }
        file.insert("path".into(), path.into());
        files.push(Value::Object(file));
    }
    (files, examined)
}

fn passes(filter: &Filter, path: &str, raw: u32, size: i64, age: i64) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let kind = match raw >> 12 {
        0o04 => "directory",
        0o10 => "file",
        0o12 => "link",
        _ => "other",
    };
    let any = |regexes: &[PyRegex]| {
        regexes
            .iter()
            .any(|regex| regex.matches(name).unwrap_or(false))
    };
    let bound = |wanted: Option<i64>, has: i64| match wanted {
        None => true,
        Some(wanted) if wanted >= 0 => has >= wanted,
        Some(wanted) => has <= -wanted,
    };
    (filter.kind == "any" || filter.kind == kind)
        && (filter.hidden || !name.starts_with('.'))
        && (filter.patterns.is_empty() || any(&filter.patterns))
        && !any(&filter.excludes)
        && bound(filter.age, age)
        && (kind != "file" || bound(filter.size, size))
        && filter.mode.is_none_or(|mode| {
            let has = raw & 0o7777;
            if filter.exact {
                has == mode
            } else {
                has & mode != 0
            }
        })
}
