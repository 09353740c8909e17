use super::{Target, TransportError, host_key, local_user::LocalUser};

/// Turns what `ssh -v` wrote before it gave up into an error that explains.
/// The wording is OpenSSH's (8.4 to 10), in the C locale.
pub(super) fn diagnose(target: &Target, log: &str) -> TransportError {
    let host = target.to_string();
    let has = |text: &str| log.contains(text);
    let found = after(log, "debug1: Server host key: ")
        .or_else(|| log.lines().find(|line| line.starts_with("SHA256:")))
        .and_then(|line| {
            line.split_whitespace()
                .find(|word| word.starts_with("SHA256:"))
        })
        .map(|word| word.trim_end_matches('.').to_owned());
    if has("has changed and you have requested strict checking")
        || has("host key is known for")
        || has("Host key verification failed")
    {
        let name = target.known_hosts_name();
        let known = host_key::known(target, LocalUser::find().as_ref(), &name);
        let known = host_key::fingerprints(&known.keys);
        // A jump host's key is none of these.
        let expected = match (offending(log), known) {
            (Some(key), Some(known)) if known.contains(&key) => Some(known),
            (Some(key), _) => Some(key),
            (None, known) => known,
        };
        let changed = has("REMOTE HOST IDENTIFICATION HAS CHANGED") || expected.is_some();
        return if changed {
            TransportError::HostKeyChanged {
                host,
                expected,
                found,
            }
        } else {
            TransportError::HostKeyUnknown { host, found }
        };
    }
    if has("Could not resolve hostname") {
        return TransportError::NameNotFound {
            host: target.host.clone(),
        };
    }
    if has("UNPROTECTED PRIVATE KEY FILE")
        && let Some(path) = &target.private_key_file
    {
        return TransportError::PrivateKey {
            path: path.clone(),
            reason: "others can read it, so ssh ignores it".to_owned(),
        };
    }
    if has(": Permission denied (") || has("Too many authentication failures") {
        return TransportError::NoKeyAccepted {
            host,
            tried: tried(log),
        };
    }
    if has("timed out") {
        return TransportError::TimedOut {
            host,
            waited: target.connect_timeout,
        };
    }
    if has("Connection refused") {
        return TransportError::Refused { host };
    }
    for reason in ["No route to host", "Network is unreachable"] {
        if has(reason) {
            return TransportError::NoRoute {
                host,
                reason: reason.to_lowercase(),
            };
        }
    }
    if ["Connection closed by", "Connection reset by", "Broken pipe"]
        .into_iter()
        .any(has)
    {
        return TransportError::Closed { host };
    }
    TransportError::Other {
        host,
        message: own_words(log),
    }
}

/// Returns the rest of the first line that begins with `start`.
fn after<'a>(log: &'a str, start: &str) -> Option<&'a str> {
    log.lines().find_map(|line| line.strip_prefix(start))
}

/// Returns the fingerprint of the key in the line that ssh complains about, which it
/// may have found under a name of its own: `Offending ED25519 key in FILE:LINE`.
fn offending(log: &str) -> Option<String> {
    let line = log.lines().find(|line| line.contains("ffending "))?;
    let (_, place) = line.split_once(" key in ")?;
    let (file, number) = place.trim_end().rsplit_once(':')?;
    let text = std::fs::read_to_string(file).ok()?;
    let line = text
        .lines()
        .nth(number.parse::<usize>().ok()?.checked_sub(1)?)?;
    // Its last words are the key and a comment; a marker and names come before.
    let words: Vec<&str> = line.split_whitespace().collect();
    let at = if line.starts_with('@') { 2 } else { 1 };
    let key = format!("{} {}", words.get(at)?, words.get(at + 1)?);
    host_key::fingerprints(&[key])
}

/// Returns the keys that ssh offered, as `file SHA256:…`.
fn tried(log: &str) -> Vec<String> {
    log.lines()
        .filter_map(|line| line.strip_prefix("debug1: Offering public key: "))
        .map(|line| {
            // file, type, fingerprint, and where it came from; a file may have spaces.
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.iter().position(|word| word.starts_with("SHA256:")) {
                Some(at) if at >= 2 => format!("{} ({})", words[..at - 1].join(" "), words[at]),
                _ => line.to_owned(),
            }
        })
        .collect()
}

/// Returns what is meant for people: the log without debugging lines, one line.
fn own_words(log: &str) -> String {
    let lines: Vec<&str> = log
        .lines()
        .map(str::trim)
        .filter(|line| {
            !line.is_empty()
                && !line.starts_with("debug")
                && !line.starts_with("OpenSSH_")
                && !line.starts_with("Authenticated to ")
                && !line.starts_with("Warning: Permanently added")
        })
        .collect();
    if lines.is_empty() {
        "ssh ended without a word".to_owned()
    } else {
        lines.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_is_shown_in_sshs_own_words() {
        let log = "OpenSSH_9.2p1\ndebug1: x\nssh: a strange thing\r\n\nand another\n";
        assert_eq!(own_words(log), "ssh: a strange thing; and another");
        assert_eq!(own_words("debug1: x"), "ssh ended without a word");
    }

    #[test]
    fn offered_keys_are_listed() {
        let log = "debug1: Offering public key: /a b/id ED25519 SHA256:xyz explicit\n";
        assert_eq!(tried(log), ["/a b/id (SHA256:xyz)"]);
    }
}
