//! `authorized_key`: sees to it that SSH keys may log in as a user, or may not.

use std::sync::Arc;

use super::{
    Arg, ArgKind, Call, Module, ModuleError, Work,
    edit::{self, EditOptions, Edited},
    ssh_keys::{AuthorizedKey, parse},
};

/// The module.
pub static MODULE: Module = Module {
    name: "authorized_key",
    fqcn: &["ansible.posix.authorized_key"],
    doc: "Sees to it that SSH keys may log in as a user, or may not.",
    args: &[&[
        Arg::str("user", "The user.").required(),
        Arg::str("key", "The public keys, one on each line.").required(),
        Arg::choice("state", &["absent", "present"], "Whether they may log in.").default("present"),
        Arg::path("path", "The file, when not ~/.ssh/authorized_keys."),
        Arg::new(
            "manage_dir",
            ArgKind::Bool,
            "Make and attribute the directory.",
        )
        .default("true"),
        Arg::str("key_options", "Options before the key."),
        Arg::str("comment", "The comment after the key."),
        Arg::flag("exclusive", "No other keys may log in."),
        Arg::flag(
            "follow",
            "Work on what a link points to, which holds anyway.",
        ),
        Arg::new(
            "validate_certs",
            ArgKind::Bool,
            "Of no use here: keys aren't fetched.",
        )
        .default("true"),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    super::user::check_name("user", args.text("user"))?;
    if args.text("key").starts_with("http") {
        return Err(ModuleError::arg(
            "key",
            "`key` must be the key itself: put fetched keys into a file of the fleet, where they can be reviewed",
        ));
    }
    let mut new = Vec::new();
    for line in args.text("key").lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut key = parse(line)
            .ok_or_else(|| ModuleError::arg("key", format!("invalid key specified: {line}")))?;
        if let Some(options) = args.str("key_options") {
            options.clone_into(&mut key.options);
        }
        if let Some(comment) = args.str("comment") {
            comment.clone_into(&mut key.comment);
        }
        new.push(key);
    }
    if new.is_empty() {
        return Err(ModuleError::arg("key", "`key` holds no key"));
    }
    let options = EditOptions {
        parents: args.flag("manage_dir"),
        result: "keyfile",
        setup: include_str!("sh/authorized_key.sh"),
        ..EditOptions::new(args.text("path"), true)
    };
    let mut program = edit::start(args, call, &options)?;
    program
        .set("un", args.text("user"))
        .flag("md", args.flag("manage_dir"));
    let present = args.text("state") == "present";
    let exclusive = args.flag("exclusive");
    let edit = move |old: Option<&[u8]>| {
        let old = String::from_utf8_lossy(old.unwrap_or_default()).into_owned();
        let text = edited(&old, &new, present, exclusive);
        Ok(Edited {
            text: text.map(String::into_bytes),
            ..Edited::default()
        })
    };
    let state = args.text("state").to_owned();
    let remote = edit::remote_of(call, &program, &options, Arc::new(edit))?
        .with("user", args.text("user"))
        .with("key", args.text("key"))
        // The key's, not the file's.
        .post(move |result, _| {
            result.data.insert("state".into(), state.clone().into());
        });
    Ok(remote.work())
}

/// Returns the new text, none when the old one will do.
fn edited(old: &str, new: &[AuthorizedKey], present: bool, exclusive: bool) -> Option<String> {
    let mut lines: Vec<(String, Option<AuthorizedKey>)> = old
        .lines()
        .map(|line| (line.to_owned(), parse(line)))
        .collect();
    let mut changed = false;
    for key in new {
        let known = lines
            .iter()
            .position(|(_, line)| line.as_ref().is_some_and(|line| line.blob == key.blob));
        match known {
            Some(at) if !present => {
                lines.remove(at);
                changed = true;
            }
            // Anything else than the blob may have changed too.
            Some(at)
                if lines
                    .get(at)
                    .is_some_and(|(_, line)| line.as_ref() != Some(key)) =>
            {
                lines.remove(at);
                lines.push((key.to_string(), Some(key.clone())));
                changed = true;
            }
            None if present => {
                lines.push((key.to_string(), Some(key.clone())));
                changed = true;
            }
            _ => {}
        }
    }
    if present && exclusive {
        let count = lines.len();
        lines.retain(|(_, line)| {
            line.as_ref()
                .is_none_or(|line| new.iter().any(|key| key.blob == line.blob))
        });
        changed |= count != lines.len();
    }
    changed.then(|| lines.into_iter().map(|(line, _)| line + "\n").collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_by_their_blob() {
        let key = |line: &str| parse(line).unwrap();
        let old = "# mine\nssh-ed25519 AAAA me@here\n";
        let same = [key("ssh-ed25519 AAAA me@here")];
        assert_eq!(edited(old, &same, true, false), None);
        let renamed = [key("ssh-ed25519 AAAA other")];
        assert_eq!(
            edited(old, &renamed, true, false).as_deref(),
            Some("# mine\nssh-ed25519 AAAA other\n")
        );
        let other = [key("ssh-rsa BBBB")];
        assert_eq!(
            edited(old, &other, true, true).as_deref(),
            Some("# mine\nssh-rsa BBBB\n")
        );
        assert_eq!(
            edited(old, &same, false, false).as_deref(),
            Some("# mine\n")
        );
    }
}
