//! Lines of `authorized_keys`.

use std::fmt;

/// A key that may log in: options, type, key, comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AuthorizedKey {
    pub options: String,
    pub kind: String,
    pub blob: String,
    pub comment: String,
}

/// The types of keys, as OpenSSH's sshd(8) names them.
const KINDS: &[&str] = &[
    "ssh-ed25519",
    "ssh-rsa",
    "ssh-dss",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-ed25519-cert-v01@openssh.com",
    "ssh-rsa-cert-v01@openssh.com",
];

/// Returns the key of a line; none for comments and what is no key.
pub(super) fn parse(line: &str) -> Option<AuthorizedKey> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let words = words(line);
    let at = words.iter().position(|word| KINDS.contains(word))?;
    let blob = words.get(at + 1)?;
    let start = blob.as_ptr() as usize - line.as_ptr() as usize + blob.len();
    Some(AuthorizedKey {
        options: words.get(..at)?.join(" "),
        kind: (*words.get(at)?).to_owned(),
        blob: (*blob).to_owned(),
        comment: line.get(start..)?.trim().to_owned(),
    })
}

/// Returns the words of a line; blanks within double quotes don't cut.
fn words(line: &str) -> Vec<&str> {
    let (mut words, mut start, mut quoted, mut escaped) = (Vec::new(), None, false, false);
    for (at, c) in line.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => {
                quoted = !quoted;
                start.get_or_insert(at);
            }
            ' ' | '\t' if !quoted => {
                if let Some(from) = start.take() {
                    words.extend(line.get(from..at));
                }
            }
            _ => {
                start.get_or_insert(at);
            }
        }
    }
    words.extend(start.and_then(|from| line.get(from..)));
    words
}

impl fmt::Display for AuthorizedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.options.is_empty() {
            write!(f, "{} ", self.options)?;
        }
        write!(f, "{} {}", self.kind, self.blob)?;
        if !self.comment.is_empty() {
            write!(f, " {}", self.comment)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn options_may_hold_blanks() {
        let line = r#"from="a b",command="x \" y" ssh-ed25519 AAAA a comment"#;
        let key = parse(line).unwrap();
        assert_eq!(key.options, r#"from="a b",command="x \" y""#);
        assert_eq!(key.comment, "a comment");
        assert_eq!(key.to_string(), line);
        assert!(parse("# ssh-ed25519 AAAA").is_none());
        assert!(parse("rubbish").is_none());
    }
}
