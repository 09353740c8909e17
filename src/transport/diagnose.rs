use super::{Target, TransportError, host_key};

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
        let pins = host_key::pinned(&target.known_hosts, &target.known_hosts_name());
        let changed = has("REMOTE HOST IDENTIFICATION HAS CHANGED") || !pins.is_empty();
        return if changed {
            TransportError::HostKeyChanged {
                host,
                expected: (!pins.is_empty()).then(|| pins.join(" or ")),
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
