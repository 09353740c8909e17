use std::path::Path;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ssh_key::PublicKey;

use super::{Problem, image::reason, path, scalar};
use crate::inventory::{Node, Value};

/// Returns the public keys of a list or a string, each a key or the path of a
/// `.pub` file.
pub fn public_keys(
    node: &Node,
    fleet_root: &Path,
    home: Option<&Path>,
) -> Result<Vec<String>, Vec<Problem>> {
    let items: Vec<&Node> = match &node.value {
        Value::Seq(items) => items.iter().collect(),
        _ => vec![node],
    };
    let mut keys: Vec<String> = Vec::new();
    let mut problems = Vec::new();
    for item in items {
        let found = scalar::text(item).and_then(|text| {
            if is_key(&text) {
                return lines(&text);
            }
            let file = path::local(text.trim(), fleet_root, home)?;
            keys_in_file(&file)
        });
        match found {
            // The same key twice, in a group and a host, is no mistake.
            Ok(found) => {
                for key in found {
                    if !keys.contains(&key) {
                        keys.push(key);
                    }
                }
            }
            Err(problem) => problems.push(problem.at(&item.place)),
        }
    }
    if problems.is_empty() {
        Ok(keys)
    } else {
        Err(problems)
    }
}

/// Returns the keys of a `.pub` file.
pub fn keys_in_file(file: &Path) -> Result<Vec<String>, Problem> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| {
        let private = shown.to_string();
        let private = private.strip_suffix(".pub").unwrap_or(&private);
        let problem = Problem::new(format!(
            "the public key {shown} can't be read: {}",
            reason(&error)
        ));
        match error.kind() {
            std::io::ErrorKind::NotFound => problem.hint(format!(
                "make a key pair: ssh-keygen -t ed25519 -f {private}"
            )),
            _ => problem.hint("name a .pub file that this user can read"),
        }
    })?;
    if text.contains("PRIVATE KEY") {
        return Err(Problem::new(format!("{shown} is a private key"))
            .hint(format!("name the public one: {shown}.pub")));
    }
    lines(&text).map_err(|problem| Problem {
        message: format!("{shown}: {}", problem.message),
        ..problem
    })
}

/// Returns whether a text is a key instead of a path.
fn is_key(text: &str) -> bool {
    const KINDS: [&str; 4] = ["ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-"];
    let text = text.trim_start();
    KINDS.iter().any(|kind| text.starts_with(kind)) && text.contains(char::is_whitespace)
}

/// Returns the keys of a text, one on each line, checked.
fn lines(text: &str) -> Result<Vec<String>, Problem> {
    let keys: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    if keys.is_empty() {
        return Err(Problem::new("there is no key in it")
            .hint("write a key, or name a .pub file that has one"));
    }
    keys.into_iter().map(check_public_key).collect()
}

/// Returns the key with single spaces between its parts.
pub fn check_public_key(line: &str) -> Result<String, Problem> {
    let wrong = || {
        let start: String = line.chars().take(24).collect();
        Problem::new(format!("`{start}…` is no public key"))
            .hint("write the whole line of the .pub file: ssh-ed25519 AAAA… comment")
    };
    let mut parts = line.split_whitespace();
    let (kind, data) = parts.next().zip(parts.next()).ok_or_else(wrong)?;
    let blob = BASE64_STANDARD.decode(data).map_err(|_| wrong())?;
    // The blob begins with its own type's name (RFC 4253, section 6.6).
    let named = blob
        .first_chunk::<4>()
        .and_then(|length| usize::try_from(u32::from_be_bytes(*length)).ok())
        .and_then(|length| blob.get(4..4usize.checked_add(length)?));
    if named != Some(kind.as_bytes()) {
        return Err(wrong());
    }
    // The crate reads ECDSA keys only with a feature that brings their arithmetic,
    // which nothing here needs: the check above must do for them.
    if !kind.contains("ecdsa") && PublicKey::from_openssh(line.trim()).is_err() {
        return Err(wrong());
    }
    let comment: Vec<&str> = parts.collect();
    let mut key = format!("{kind} {data}");
    if !comment.is_empty() {
        key.push(' ');
        key.push_str(&comment.join(" "));
    }
    Ok(key)
}
