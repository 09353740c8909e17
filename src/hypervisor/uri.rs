//! What a libvirt URI tells without a connection.
//! <https://libvirt.org/uri.html>

/// Returns the authority of `driver[+transport]://[user@][host][:port]/…`.
fn authority(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?']).next()?;
    (!authority.is_empty()).then_some(authority)
}

/// Returns whether the URI names the machine that this program runs on.
pub(super) fn is_local(uri: &str) -> bool {
    authority(uri).is_none()
}

/// Returns ssh's arguments, `[-p port] [user@]host`, when libvirt goes there by ssh.
pub(super) fn ssh_arguments(uri: &str) -> Option<String> {
    let (scheme, _) = uri.split_once("://")?;
    let (_, transport) = scheme.split_once('+')?;
    if !matches!(transport, "ssh" | "libssh" | "libssh2") {
        return None;
    }
    let authority = authority(uri)?;
    // A colon inside brackets belongs to an IPv6 address.
    Some(match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => format!("-p {port} {host}"),
        _ => authority.to_owned(),
    })
}

/// Returns the URI to open: over ssh, one that keeps ssh from asking for a password on
/// the terminal, where nobody may be. <https://libvirt.org/uri.html#ssh-transport>
pub(super) fn without_prompt(uri: &str) -> String {
    let (before, query) = match uri.split_once('?') {
        Some((before, query)) => (before, Some(query)),
        None => (uri, None),
    };
    if ssh_arguments(uri).is_none()
        || query.is_some_and(|query| query.split('&').any(|part| part.starts_with("no_tty=")))
    {
        return uri.to_owned();
    }
    match query {
        Some(query) if !query.is_empty() => format!("{before}?{query}&no_tty=1"),
        _ => format!("{before}?no_tty=1"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_uri_without_host_is_local() {
        for uri in [
            "qemu:///system",
            "test:///default",
            "qemu+unix:///system?socket=/x",
        ] {
            assert!(is_local(uri), "{uri}");
            assert_eq!(ssh_arguments(uri), None);
        }
        assert!(!is_local("qemu+ssh://far/system"));
        let ssh = |uri| ssh_arguments(uri).unwrap();
        assert_eq!(ssh("qemu+ssh://u@far:2222/system"), "-p 2222 u@far");
        assert_eq!(ssh("qemu+ssh://[::1]/system"), "[::1]");
        assert_eq!(ssh_arguments("qemu+tls://far/system"), None);
    }

    #[test]
    fn only_ssh_is_kept_from_prompting_and_a_choice_is_kept() {
        for (uri, opened) in [
            ("qemu:///system", "qemu:///system"),
            ("qemu+ssh://far/system", "qemu+ssh://far/system?no_tty=1"),
            (
                "qemu+ssh://far/system?keyfile=/k",
                "qemu+ssh://far/system?keyfile=/k&no_tty=1",
            ),
            (
                "qemu+ssh://far/system?no_tty=0",
                "qemu+ssh://far/system?no_tty=0",
            ),
        ] {
            assert_eq!(without_prompt(uri), opened);
        }
    }
}
