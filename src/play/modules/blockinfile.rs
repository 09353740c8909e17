//! `blockinfile`: sees to it that marked lines are in a file, or aren't.

use std::sync::Arc;

use super::{
    Arg, Call, Module, ModuleError, Work, attributes,
    edit::{self, EditError, EditOptions, Edited},
    lines::{decode, encode, lines},
    pyregex::PyRegex,
};

/// The module.
pub static MODULE: Module = Module {
    name: "blockinfile",
    fqcn: &["ansible.builtin.blockinfile"],
    doc: "Sees to it that lines between two marks are in a file, or aren't.",
    args: &[
        &[
            Arg::path("path", "The file.")
                .required()
                .aliases(&["dest", "destfile", "name"]),
            Arg::choice(
                "state",
                &["absent", "present"],
                "Whether the block is there.",
            )
            .default("present"),
            Arg::str("marker", "The mark's line; `{mark}` becomes the two below.")
                .default("# {mark} ANSIBLE MANAGED BLOCK"),
            Arg::str("marker_begin", "What `{mark}` becomes before the block.").default("BEGIN"),
            Arg::str("marker_end", "What `{mark}` becomes after the block.").default("END"),
            Arg::str("block", "The lines; none removes the block.")
                .default("")
                .aliases(&["content"]),
            Arg::str("insertafter", "`EOF`, or what to put the block after."),
            Arg::str("insertbefore", "`BOF`, or what to put the block before."),
            Arg::flag("create", "Make the file when it isn't there."),
            Arg::flag("append_newline", "An empty line after the block."),
            Arg::flag("prepend_newline", "An empty line before the block."),
        ],
        attributes::OWN,
        attributes::WRITE,
    ],
    free_form: false,
    compile,
};

struct Wanted {
    present: bool,
    block: Vec<String>,
    begin: String,
    end: String,
    /// Where to put it: the pattern, whether it spans lines, whether after.
    near: Option<(PyRegex, bool)>,
    after: bool,
    append: bool,
    prepend: bool,
}

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let (after, before) = (args.str("insertafter"), args.str("insertbefore"));
    if after.is_some() && before.is_some() {
        return Err(ModuleError::arg(
            "insertbefore",
            "`insertafter` and `insertbefore` exclude each other",
        ));
    }
    let near = match (after, before) {
        (Some("EOF") | None, None) | (None, Some("BOF")) => None,
        (Some(pattern), _) => Some(("insertafter", pattern)),
        (None, Some(pattern)) => Some(("insertbefore", pattern)),
    };
    let near = match near {
        Some((arg, pattern)) => {
            let regex = PyRegex::new(pattern, false, false)
                .map_err(|message| ModuleError::arg(arg, message))?;
            Some((regex, spans(pattern)))
        }
        None => None,
    };
    let mark = |word: &str| {
        format!(
            "{}\n",
            args.text("marker").replace("{mark}", args.text(word))
        )
    };
    let present = args.text("state") == "present";
    let mut block = args.text("block").to_owned();
    let (begin, end) = (mark("marker_begin"), mark("marker_end"));
    let mut whole = Vec::new();
    if present && !block.is_empty() {
        if !block.ends_with('\n') {
            block.push('\n');
        }
        whole.push(begin.clone());
        whole.extend(lines(&block));
        whole.push(end.clone());
    }
    let wanted = Wanted {
        present,
        block: whole,
        begin,
        end,
        near,
        after: before.is_none(),
        append: args.flag("append_newline"),
        prepend: args.flag("prepend_newline"),
    };
    let path = args.text("path").to_owned();
    let create = args.flag("create");
    let options = EditOptions::new(args.text("path"), create);
    let edit = move |old: Option<&[u8]>| {
        if old.is_none() && !create {
            return Err(EditError {
                rc: Some(257),
                msg: format!("Path {path} does not exist !"),
            });
        }
        if old.is_none() && !present {
            return Ok(Edited {
                msg: format!("File {path} not present"),
                ..Edited::default()
            });
        }
        let (text, utf8) = decode(old.unwrap_or_default());
        let new = encode(&place(&text, &wanted)?, utf8);
        let msg = match old {
            Some(old) if old == new => "",
            None => "File created",
            Some(_) if wanted.block.is_empty() => "Block removed",
            Some(_) => "Block inserted",
        };
        Ok(Edited {
            text: Some(new),
            msg: msg.to_owned(),
            ..Edited::default()
        })
    };
    Ok(edit::remote(call, &options, Arc::new(edit))?.work())
}

/// Returns true when a pattern begins with flags that have it look at all lines at once.
fn spans(pattern: &str) -> bool {
    pattern
        .strip_prefix("(?")
        .and_then(|rest| rest.split_once(')'))
        .is_some_and(|(flags, _)| {
            flags.contains('m') && flags.chars().all(|c| "aimsxu".contains(c))
        })
}

fn place(text: &str, wanted: &Wanted) -> Result<String, String> {
    let mut all = lines(text);
    let last = |mark: &str| all.iter().rposition(|line| line == mark);
    let mut at = match (last(&wanted.begin), last(&wanted.end)) {
        (Some(begin), Some(end)) => {
            let (from, to) = (begin.min(end), begin.max(end));
            all.drain(from..=to);
            from
        }
        _ => spot(&all, text, wanted)?,
    };
    if let Some(before) = at.checked_sub(1).and_then(|index| all.get_mut(index))
        && !before.ends_with('\n')
    {
        before.push('\n');
    }
    if wanted.prepend
        && wanted.present
        && at
            .checked_sub(1)
            .and_then(|index| all.get(index))
            .is_some_and(|line| line != "\n")
    {
        all.insert(at, "\n".to_owned());
        at += 1;
    }
    let behind = at + wanted.block.len();
    all.splice(at..at, wanted.block.iter().cloned());
    if wanted.append && wanted.present && all.get(behind).is_some_and(|line| line != "\n") {
        all.insert(behind, "\n".to_owned());
    }
    Ok(all.concat())
}

/// Returns the index of the line that a new block goes before.
fn spot(all: &[String], text: &str, wanted: &Wanted) -> Result<usize, String> {
    let Some((regex, spans)) = &wanted.near else {
        return Ok(if wanted.after { all.len() } else { 0 });
    };
    let mut found = None;
    if *spans {
        if let Some(whole) = regex
            .search(text)?
            .as_ref()
            .and_then(|groups| groups.get(0))
        {
            let upto = if wanted.after {
                whole.end()
            } else {
                whole.start()
            };
            found = Some(text.get(..upto).unwrap_or_default().matches('\n').count());
        }
    } else {
        for (index, line) in all.iter().enumerate() {
            if regex.matches(line)? {
                found = Some(index);
            }
        }
    }
    Ok(match found {
        None => all.len(),
        Some(index) if wanted.after => (index + 1).min(all.len()),
        Some(index) => index,
    })
}
