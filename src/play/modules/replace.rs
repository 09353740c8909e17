//! `replace`: replaces every match in a file.

use std::sync::Arc;

use super::{
    Arg, Call, Module, ModuleError, Work, attributes,
    edit::{self, EditError, EditOptions, Edited},
    pyregex::PyRegex,
};

/// The module.
pub static MODULE: Module = Module {
    name: "replace",
    fqcn: &["ansible.builtin.replace"],
    doc: "Replaces every match of a regular expression in a file, or in the part between two others.",
    args: &[
        &[
            Arg::path("path", "The file.")
                .required()
                .aliases(&["dest", "destfile", "name"]),
            Arg::str(
                "regexp",
                "What to replace; `^` and `$` stand at every line.",
            )
            .required(),
            Arg::str("replace", "What to put there; \\1 is the first group.").default(""),
            Arg::str("after", "Only what comes after this."),
            Arg::str("before", "Only what comes before this."),
            Arg::choice(
                "encoding",
                &["utf-8", "UTF-8", "utf8"],
                "The file's encoding.",
            )
            .default("utf-8"),
        ],
        attributes::OWN,
        attributes::WRITE,
    ],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let regex = PyRegex::new(args.text("regexp"), true, false)
        .map_err(|message| ModuleError::arg("regexp", message))?;
    let section = match (args.str("after"), args.str("before")) {
        (Some(after), Some(before)) => Some(format!("{after}(?P<subsection>.*?){before}")),
        (Some(after), None) => Some(format!("{after}(?P<subsection>.*)")),
        (None, Some(before)) => Some(format!("(?P<subsection>.*){before}")),
        (None, None) => None,
    };
    let section = match section {
        Some(pattern) => {
            let regex = PyRegex::new(&pattern, false, true)
                .map_err(|message| ModuleError::arg("after", message))?;
            Some((regex, pattern))
        }
        None => None,
    };
    let with = args.text("replace").to_owned();
    let path = args.text("path").to_owned();
    let options = EditOptions::new(args.text("path"), false);
    let edit = move |old: Option<&[u8]>| {
        let Some(old) = old else {
            return Err(EditError {
                rc: Some(257),
                msg: format!("Path {path} does not exist !"),
            });
        };
        let Ok(text) = std::str::from_utf8(old) else {
            return Err(EditError::from(format!("{path} is not UTF-8")));
        };
        let (mut start, mut end) = (0, text.len());
        if let Some((section, pattern)) = &section {
            let found = section.search(text)?;
            let Some(part) = found.as_ref().and_then(|groups| groups.name("subsection")) else {
                return Ok(Edited {
                    msg: format!(
                        "Pattern for before/after params did not match the given file: {pattern}"
                    ),
                    ..Edited::default()
                });
            };
            (start, end) = (part.start(), part.end());
        }
        let part = text.get(start..end).unwrap_or_default();
        let (new, count) = regex.replace_all(part, &with)?;
        if count == 0 || new == part {
            return Ok(Edited::default());
        }
        let whole = [
            text.get(..start).unwrap_or_default(),
            &new,
            text.get(end..).unwrap_or_default(),
        ]
        .concat();
        Ok(Edited {
            text: Some(whole.into_bytes()),
            msg: format!("{count} replacements made"),
            ..Edited::default()
        })
    };
    Ok(edit::remote(call, &options, Arc::new(edit))?.work())
}
