//! `lineinfile`: sees to it that a line is in a file, or isn't.

use std::sync::Arc;

use serde_json::Map;

use super::{
    Arg, Call, Module, ModuleError, Work, attributes,
    edit::{self, EditError, EditOptions, Edited},
    lines::{bare, decode, encode, lines},
    pyregex::{PyRegex, expand},
};

/// The module.
pub static MODULE: Module = Module {
    name: "lineinfile",
    fqcn: &["ansible.builtin.lineinfile"],
    doc: "Sees to it that a line is in a file, or that no line matches. The last match counts.",
    args: &[
        &[
            Arg::path("path", "The file.")
                .required()
                .aliases(&["dest", "destfile", "name"]),
            Arg::choice(
                "state",
                &["absent", "present"],
                "Whether the line is there.",
            )
            .default("present"),
            Arg::str("regexp", "What to look for in every line.").aliases(&["regex"]),
            Arg::str("search_string", "The text to look for in every line."),
            Arg::str("line", "The line.").aliases(&["value"]),
            Arg::str("insertafter", "`EOF`, or what to put the line after."),
            Arg::str("insertbefore", "`BOF`, or what to put the line before."),
            Arg::flag(
                "backrefs",
                "Fill groups of `regexp` into the line; without a match nothing changes.",
            ),
            Arg::flag("create", "Make the file when it isn't there."),
            Arg::flag("firstmatch", "The first match counts."),
        ],
        attributes::OWN,
        attributes::WRITE,
    ],
    free_form: false,
    compile,
};

/// How a line is looked for.
enum Seek {
    Nothing,
    Regex(PyRegex),
    Text(String),
}

impl Seek {
    fn finds(&self, line: &str) -> Result<bool, String> {
        match self {
            Self::Nothing => Ok(false),
            Self::Regex(regex) => regex.matches(line),
            Self::Text(text) => Ok(line.contains(text.as_str())),
        }
    }
}

/// Where a new line goes.
enum Insert {
    First,
    Last,
    After(PyRegex),
    Before(PyRegex),
}

struct Wanted {
    seek: Seek,
    line: String,
    insert: Insert,
    backrefs: bool,
    first: bool,
}

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let both = |a: &str, b: &str| {
        if args.str(a).is_some() && args.str(b).is_some() {
            Err(ModuleError::arg(
                b,
                format!("`{a}` and `{b}` exclude each other"),
            ))
        } else {
            Ok(())
        }
    };
    both("insertbefore", "insertafter")?;
    both("regexp", "search_string")?;
    let backrefs = args.flag("backrefs");
    if backrefs && args.str("search_string").is_some() {
        return Err(ModuleError::arg(
            "backrefs",
            "`backrefs` and `search_string` exclude each other",
        ));
    }
    let present = args.text("state") == "present";
    if present && backrefs && args.str("regexp").is_none() {
        return Err(ModuleError::arg("backrefs", "`backrefs` needs `regexp`"));
    }
    if present && args.str("line").is_none() {
        return Err(ModuleError::args("`state: present` needs `line`"));
    }
    let seek = match (args.str("regexp"), args.str("search_string")) {
        (Some(regexp), _) => Seek::Regex(regex("regexp", regexp)?),
        (None, Some(text)) => Seek::Text(text.to_owned()),
        (None, None) => Seek::Nothing,
    };
    if !present && matches!(seek, Seek::Nothing) && args.str("line").is_none() {
        return Err(ModuleError::args(
            "`state: absent` needs `line`, `search_string` or `regexp`",
        ));
    }
    let insert = match (args.str("insertafter"), args.str("insertbefore")) {
        (Some("BOF"), _) | (None, Some("BOF")) => Insert::First,
        (Some("EOF"), _) | (None, None) => Insert::Last,
        (Some(after), _) => Insert::After(regex("insertafter", after)?),
        (None, Some(before)) => Insert::Before(regex("insertbefore", before)?),
    };
    let wanted = Wanted {
        seek,
        line: args.text("line").to_owned(),
        insert,
        backrefs,
        first: args.flag("firstmatch"),
    };
    let path = args.text("path").to_owned();
    let create = args.flag("create");
    let options = EditOptions::new(args.text("path"), create);
    let edit = move |old: Option<&[u8]>| {
        let Some(old) = old else {
            return match (present, create) {
                (true, true) => present_in("", true, &wanted),
                (true, false) => Err(missing(&path)),
                (false, _) => Ok(Edited {
                    msg: "file not present".to_owned(),
                    ..Edited::default()
                }),
            };
        };
        let (text, utf8) = decode(old);
        if present {
            present_in(&text, utf8, &wanted)
        } else {
            absent_from(&text, utf8, &wanted)
        }
    };
    Ok(edit::remote(call, &options, Arc::new(edit))?.work())
}

fn regex(arg: &str, pattern: &str) -> Result<PyRegex, ModuleError> {
    PyRegex::new(pattern, false, false).map_err(|message| ModuleError::arg(arg, message))
}

/// Returns the failure of a module about a file that isn't there.
pub(super) fn missing(path: &str) -> EditError {
    EditError {
        rc: Some(257),
        msg: format!("Destination {path} does not exist !"),
    }
}

fn absent_from(text: &str, utf8: bool, wanted: &Wanted) -> Result<Edited, EditError> {
    let (mut kept, mut found) = (String::new(), 0);
    for line in lines(text) {
        let matches = match &wanted.seek {
            Seek::Nothing => bare(&line) == wanted.line,
            seek => seek.finds(&line)?,
        };
        if matches {
            found += 1;
        } else {
            kept.push_str(&line);
        }
    }
    let msg = if found > 0 {
        format!("{found} line(s) removed")
    } else {
        String::new()
    };
    let mut data = Map::new();
    data.insert("found".into(), found.into());
    Ok(Edited {
        text: (found > 0).then(|| encode(&kept, utf8)),
        msg,
        data,
    })
}

fn present_in(text: &str, utf8: bool, wanted: &Wanted) -> Result<Edited, EditError> {
    let mut all = lines(text);
    let msg = place(&mut all, wanted)?;
    Ok(Edited {
        text: msg.map(|_| encode(&all.concat(), utf8)),
        msg: msg.unwrap_or_default().to_owned(),
        data: Map::new(),
    })
}

/// Puts the line among the others. Returns what was done, none when nothing.
fn place(all: &mut Vec<String>, wanted: &Wanted) -> Result<Option<&'static str>, String> {
    let ended = format!("{}\n", wanted.line);
    let mut found = None;
    for (index, line) in all.iter().enumerate() {
        if wanted.seek.finds(line)? {
            found = Some(index);
            if wanted.first {
                break;
            }
        }
    }
    if let Some(index) = found {
        let mut new = match (&wanted.seek, wanted.backrefs) {
            (Seek::Regex(regex), true) => {
                let line = all.get(index).map(String::as_str).unwrap_or_default();
                match regex.search(line)? {
                    Some(groups) => expand(&groups, &wanted.line)?,
                    None => wanted.line.clone(),
                }
            }
            _ => wanted.line.clone(),
        };
        if !new.ends_with('\n') {
            new.push('\n');
        }
        return Ok(replace(all, index, new));
    }
    let (mut exact, mut spot) = (None, None);
    for (index, line) in all.iter().enumerate() {
        if bare(line) == wanted.line {
            exact = Some(index);
            continue;
        }
        let at = match &wanted.insert {
            Insert::After(regex) if regex.matches(line)? => index + 1,
            Insert::Before(regex) if regex.matches(line)? => index,
            _ => continue,
        };
        spot = Some(at);
        if wanted.first {
            break;
        }
    }
    if let Some(index) = exact {
        return Ok(replace(all, index, ended));
    }
    if wanted.backrefs {
        return Ok(None);
    }
    match (&wanted.insert, spot) {
        (Insert::First, _) => all.insert(0, ended),
        (Insert::Last, _) | (_, None) => {
            end_last(all);
            all.push(ended);
        }
        (Insert::After(_), Some(at)) => {
            if all.get(at).is_some_and(|line| bare(line) == wanted.line) {
                return Ok(None);
            }
            // Ansible would join the two where the file ends without a newline.
            end_last(all);
            all.insert(at.min(all.len()), ended);
        }
        (Insert::Before(_), Some(at)) => all.insert(at, ended),
    }
    Ok(Some("line added"))
}

fn end_last(all: &mut [String]) {
    if let Some(last) = all.last_mut()
        && !last.ends_with(['\n', '\r'])
    {
        last.push('\n');
    }
}

fn replace(all: &mut [String], index: usize, new: String) -> Option<&'static str> {
    let line = all.get_mut(index)?;
    if *line == new {
        return None;
    }
    *line = new;
    Some("line replaced")
}
