//! `ini_file`: sees to it that an option is in a section of a file, or isn't.

use std::sync::Arc;

use super::{
    Arg, ArgKind, Call, Module, ModuleError, Work, attributes,
    edit::{self, EditError, EditOptions, Edited},
    lines::{decode, encode},
};

/// The module.
pub static MODULE: Module = Module {
    name: "ini_file",
    fqcn: &["community.general.ini_file"],
    doc: "Sees to it that an option is in a section of an INI file, or isn't.",
    args: &[
        &[
            Arg::path("path", "The file.").required().aliases(&["dest"]),
            Arg::str("section", "The section; none means before the first.").default(""),
            Arg::str("option", "The option; without it the whole section."),
            Arg::str("value", "Its value."),
            Arg::list("values", "Its values, on a line each."),
            Arg::choice("state", &["absent", "present"], "Whether it is there.").default("present"),
            Arg::new("exclusive", ArgKind::Bool, "No other values of the option.").default("true"),
            Arg::flag("no_extra_spaces", "No blanks around the equals sign."),
            Arg::flag("ignore_spaces", "Blanks around it are no difference."),
            Arg::flag("allow_no_value", "An option may have no value."),
            Arg::new(
                "modify_inactive_option",
                ArgKind::Bool,
                "An option that is a comment is put in use.",
            )
            .default("true"),
            Arg::new(
                "create",
                ArgKind::Bool,
                "Make the file when it isn't there.",
            )
            .default("true"),
            Arg::flag(
                "follow",
                "Work on what a link points to, which holds anyway.",
            ),
            Arg::flag("backup", "Keep a copy of the old file beside it."),
        ],
        attributes::OWN,
    ],
    free_form: false,
    compile,
};

/// What the file shall hold.
struct Wanted {
    section: String,
    option: Option<String>,
    values: Vec<Option<String>>,
    present: bool,
    exclusive: bool,
    equals: &'static str,
    ignore_spaces: bool,
    inactive: bool,
}

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let option = args.str("option").map(str::to_owned);
    let present = args.text("state") == "present";
    let values: Vec<Option<String>> = match (args.list("values"), args.str("value")) {
        (Some(_), Some(_)) => {
            return Err(ModuleError::arg(
                "values",
                "`value` and `values` exclude each other",
            ));
        }
        (Some(values), None) => values
            .into_iter()
            .map(|value| Some(value.to_owned()))
            .collect(),
        (None, Some(value)) => vec![Some(value.to_owned())],
        (None, None) if args.flag("allow_no_value") && option.is_some() => vec![None],
        (None, None) => Vec::new(),
    };
    if present && option.is_some() && values.is_empty() {
        return Err(ModuleError::args(
            "`option` needs `value`, `values` or `allow_no_value`",
        ));
    }
    let wanted = Wanted {
        section: args.text("section").to_owned(),
        option,
        values,
        present,
        exclusive: args.bool("exclusive") != Some(false),
        equals: if args.flag("no_extra_spaces") {
            "="
        } else {
            " = "
        },
        ignore_spaces: args.flag("ignore_spaces"),
        inactive: args.bool("modify_inactive_option") != Some(false),
    };
    let create = args.bool("create") != Some(false);
    let path = args.text("path").to_owned();
    let options = EditOptions::new(args.text("path"), create);
    let edit = move |old: Option<&[u8]>| {
        if old.is_none() && !create {
            return Err(EditError {
                msg: format!("Destination {path} does not exist!"),
                rc: Some(257),
            });
        }
        let (text, utf8) = decode(old.unwrap_or_default());
        // As in Ansible, a file that is empty or not there counts as an empty line.
        let text = if text.is_empty() {
            "\n".to_owned()
        } else {
            text
        };
        let new = edited(&text, &wanted);
        if new == text {
            return Ok(Edited {
                msg: "OK".to_owned(),
                ..Edited::default()
            });
        }
        let msg = if wanted.present {
            "option added"
        } else {
            "option changed"
        };
        Ok(Edited {
            text: Some(encode(&new, utf8)),
            msg: msg.to_owned(),
            ..Edited::default()
        })
    };
    Ok(edit::remote(call, &options, Arc::new(edit))?.work())
}

impl Wanted {
    fn line(&self, value: Option<&str>) -> String {
        let option = self.option.as_deref().unwrap_or_default();
        match value {
            Some(value) => format!("{option}{}{value}", self.equals),
            None => option.to_owned(),
        }
    }

    /// Returns the value of a line that sets the option, and whether it is in use.
    fn value(&self, line: &str) -> Option<(Option<String>, bool)> {
        let trimmed = line.trim();
        let (text, active) = match trimmed.strip_prefix(['#', ';']) {
            Some(rest) => (rest.trim_start(), false),
            None => (trimmed, true),
        };
        let option = self.option.as_deref()?;
        let rest = text.strip_prefix(option)?;
        let rest = rest.trim_start();
        match rest.strip_prefix('=') {
            Some(value) => Some((Some(value.trim().to_owned()), active)),
            None if rest.is_empty() && active => Some((None, true)),
            None => None,
        }
    }
}

fn edited(text: &str, wanted: &Wanted) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let heading = |line: &str| {
        line.trim()
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'))
            .map(|(name, _)| name.to_owned())
    };
    let start = if wanted.section.is_empty() {
        Some(0)
    } else {
        lines
            .iter()
            .position(|line| heading(line).as_deref() == Some(wanted.section.as_str()))
            .map(|at| at + 1)
    };
    let Some(start) = start else {
        if wanted.present {
            lines.push(format!("[{}]", wanted.section));
            if wanted.option.is_some() {
                lines.extend(
                    wanted
                        .values
                        .iter()
                        .map(|value| wanted.line(value.as_deref())),
                );
            }
        }
        return ended(&lines);
    };
    let end = lines
        .iter()
        .skip(start)
        .position(|line| heading(line).is_some())
        .map_or(lines.len(), |length| start + length);
    let mut body: Vec<String> = lines.get(start..end).unwrap_or_default().to_vec();
    match (&wanted.option, wanted.present) {
        (None, true) => {}
        (None, false) => {
            lines.drain(start.saturating_sub(1)..end);
            return ended(&lines);
        }
        (Some(_), true) => set(&mut body, wanted),
        (Some(_), false) => body.retain(|line| match wanted.value(line) {
            Some((value, true)) => !(wanted.exclusive || wanted.values.contains(&value)),
            _ => true,
        }),
    }
    lines.splice(start..end, body);
    ended(&lines)
}

/// Gives the option its values: lines that have one stay, then lines of the option are
/// used for the others, then new ones are put at the end of the section.
fn set(body: &mut Vec<String>, wanted: &Wanted) {
    let mut missing: Vec<Option<String>> = wanted.values.clone();
    let mut done = vec![false; body.len()];
    for active_first in [true, false] {
        for (line, done) in body.iter_mut().zip(&mut done) {
            let Some((value, active)) = wanted.value(line) else {
                continue;
            };
            if *done || active != active_first || !(active || wanted.inactive) {
                continue;
            }
            if let Some(at) = missing.iter().position(|one| *one == value) {
                missing.remove(at);
                if !(active && wanted.ignore_spaces) {
                    *line = wanted.line(value.as_deref());
                }
                *done = true;
            }
        }
    }
    if wanted.exclusive {
        let mut kept = Vec::new();
        for (line, done) in body.drain(..).zip(done) {
            match wanted.value(&line) {
                Some((_, active))
                    if !done && !missing.is_empty() && (active || wanted.inactive) =>
                {
                    let value = missing.remove(0);
                    kept.push(wanted.line(value.as_deref()));
                }
                Some((_, true)) if !done => {}
                _ => kept.push(line),
            }
        }
        *body = kept;
    }
    let blank = body
        .iter()
        .rev()
        .take_while(|line| line.trim().is_empty())
        .count();
    let at = body.len() - blank;
    body.splice(
        at..at,
        missing.iter().map(|value| wanted.line(value.as_deref())),
    );
}

fn ended(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(section: &str, option: &str, value: &str, present: bool) -> Wanted {
        Wanted {
            section: section.to_owned(),
            option: Some(option.to_owned()),
            values: vec![Some(value.to_owned())],
            present,
            exclusive: true,
            equals: " = ",
            ignore_spaces: false,
            inactive: true,
        }
    }

    #[test]
    fn options_are_set_added_and_removed() {
        let text = "top = 1\n[a]\n# x = 0\ny = 2\n\n[b]\nx = 3\n";
        assert_eq!(
            edited(text, &wanted("a", "x", "5", true)),
            "top = 1\n[a]\nx = 5\ny = 2\n\n[b]\nx = 3\n"
        );
        assert_eq!(
            edited(text, &wanted("a", "z", "5", true)),
            "top = 1\n[a]\n# x = 0\ny = 2\nz = 5\n\n[b]\nx = 3\n"
        );
        assert_eq!(edited(text, &wanted("", "top", "1", true)), text);
        assert_eq!(
            edited(text, &wanted("c", "x", "1", true)),
            format!("{text}[c]\nx = 1\n")
        );
        assert_eq!(
            edited(text, &wanted("b", "x", "", false)),
            "top = 1\n[a]\n# x = 0\ny = 2\n\n[b]\n"
        );
    }
}
