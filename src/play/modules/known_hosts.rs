//! `known_hosts`: keeps the keys of other hosts.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::{
    Arg, Call, Module, ModuleError, Work,
    edit::{self, EditOptions, Edited},
};

/// The module.
pub static MODULE: Module = Module {
    name: "known_hosts",
    fqcn: &["ansible.builtin.known_hosts"],
    doc: "Sees to it that a host's key is known, or that none of its keys is.",
    args: &[&[
        Arg::str(
            "name",
            "The host, as ssh is told it: `host` or `[host]:port`.",
        )
        .required()
        .aliases(&["host"]),
        Arg::str("key", "The line: host, type, key."),
        Arg::path("path", "The file.").default("~/.ssh/known_hosts"),
        Arg::flag("hash_host", "Refused: a hashed name differs on every run."),
        Arg::choice("state", &["absent", "present"], "Whether it is known.").default("present"),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let present = args.text("state") == "present";
    let name = args.text("name").to_lowercase();
    if args.flag("hash_host") {
        return Err(ModuleError::arg(
            "hash_host",
            "swarmctl writes hosts' names as they are",
        ));
    }
    let keys: Vec<String> = args
        .text("key")
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect();
    if present && keys.is_empty() {
        return Err(ModuleError::arg("key", "`state: present` needs `key`"));
    }
    for key in &keys {
        let words: Vec<&str> = key.split_whitespace().collect();
        let hosts = words.iter().find(|word| !word.starts_with('@'));
        if words.len() < 3 || !hosts.is_some_and(|hosts| names(hosts, &name)) {
            return Err(ModuleError::arg(
                "key",
                format!(
                    "host parameter does not match hashed host field in supplied key: it must begin with `{name}`"
                ),
            ));
        }
    }
    let options = EditOptions {
        setup: include_str!("sh/known_hosts.sh"),
        ..EditOptions::new(args.text("path"), true)
    };
    let edit = move |old: Option<&[u8]>| {
        let old = String::from_utf8_lossy(old.unwrap_or_default()).into_owned();
        let new = edited(&old, &name, &keys, present);
        Ok(Edited {
            text: (new != old).then(|| new.into_bytes()),
            ..Edited::default()
        })
    };
    let remote = edit::remote(call, &options, Arc::new(edit))?;
    Ok(remote.with("name", args.text("name")).work())
}

/// Returns the new text: a key replaces the ones of its host and type.
fn edited(old: &str, name: &str, keys: &[String], present: bool) -> String {
    let mut lines: Vec<String> = old.lines().map(str::to_owned).collect();
    let split = |line: &str| -> Option<(String, String, String)> {
        let mut words = line
            .split_whitespace()
            .filter(|word| !word.starts_with('@'));
        Some((
            words.next()?.to_owned(),
            words.next()?.to_owned(),
            words.next()?.to_owned(),
        ))
    };
    let mine = |line: &str| {
        !line.trim_start().starts_with('#')
            && split(line).is_some_and(|(hosts, ..)| names(&hosts, name))
    };
    if !present {
        lines.retain(|line| {
            !mine(line)
                || !(keys.is_empty()
                    || keys.iter().any(|key| {
                        split(key).map(|key| (key.1, key.2))
                            == split(line).map(|line| (line.1, line.2))
                    }))
        });
    }
    for key in keys.iter().filter(|_| present) {
        let Some((_, kind, blob)) = split(key) else {
            continue;
        };
        let same = |line: &String| {
            mine(line) && split(line).is_some_and(|(_, k, b)| k == kind && b == blob)
        };
        if lines.iter().any(same) {
            continue;
        }
        let stale = |line: &String| mine(line) && split(line).is_some_and(|(_, k, _)| k == kind);
        lines.retain(|line| !stale(line));
        lines.push(key.clone());
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

/// Returns true when the first field of a line names a host, plainly or hashed
/// (`|1|salt|HMAC-SHA1`, sshd(8)).
fn names(field: &str, name: &str) -> bool {
    if let Some(hashed) = field.strip_prefix("|1|") {
        let Some((salt, hash)) = hashed.split_once('|') else {
            return false;
        };
        let (Ok(salt), Ok(hash)) = (STANDARD.decode(salt), STANDARD.decode(hash)) else {
            return false;
        };
        let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(&salt) else {
            return false;
        };
        mac.update(name.as_bytes());
        return mac.verify_slice(&hash).is_ok();
    }
    field.split(',').any(|one| one.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_replace_those_of_their_type() {
        let old = "# c\nother ssh-rsa AAA\nhost,10.0.0.1 ssh-ed25519 OLD\nhost ssh-rsa KEEP\n";
        let key = ["host ssh-ed25519 NEW".to_owned()];
        let new = edited(old, "host", &key, true);
        assert_eq!(
            new,
            "# c\nother ssh-rsa AAA\nhost ssh-rsa KEEP\nhost ssh-ed25519 NEW\n"
        );
        assert_eq!(edited(&new, "host", &key, true), new);
        assert_eq!(edited(&new, "host", &[], false), "# c\nother ssh-rsa AAA\n");
    }

    #[test]
    fn hashed_names_are_known() {
        // Made by `ssh-keygen -H` for the host `example`.
        let mut mac = Hmac::<Sha1>::new_from_slice(b"01234567890123456789").unwrap();
        mac.update(b"example");
        let field = format!(
            "|1|{}|{}",
            STANDARD.encode(b"01234567890123456789"),
            STANDARD.encode(mac.finalize().into_bytes())
        );
        assert!(names(&field, "example"));
        assert!(!names(&field, "other"));
    }
}
