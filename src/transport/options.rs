use std::{
    ffi::{OsStr, OsString},
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::Path,
};

use super::{Target, host_key};

/// The user's own files, where the host is not pinned: ssh's defaults (ssh_config(5)).
const USER_KNOWN_HOSTS: &str = "~/.ssh/known_hosts ~/.ssh/known_hosts2";

/// Returns the arguments for ssh that say how to reach the target and whom to
/// trust, without the destination. ssh takes the first value it sees of an option,
/// so what is listed here wins over `ssh_args` and every configuration file.
pub(super) fn options(target: &Target) -> Vec<OsString> {
    let mut args = Vec::new();
    let mut option = |value: OsString| args.extend([OsString::from("-o"), value]);

    option("StrictHostKeyChecking=yes".into());
    let mut files = OsString::from("UserKnownHostsFile=");
    files.push(quoted(&target.known_hosts));
    if host_key::is_pinned(&target.known_hosts, &target.known_hosts_name()) {
        option("GlobalKnownHostsFile=none".into());
        // Without these, a configuration file could bring in other keys.
        option("KnownHostsCommand=none".into());
        option("VerifyHostKeyDNS=no".into());
    } else {
        files.push(" ");
        files.push(USER_KNOWN_HOSTS);
    }
    option(files);
    // ssh must not write to the file of pins.
    option("UpdateHostKeys=no".into());
    option("NoHostAuthenticationForLocalhost=no".into());
    option("CheckHostIP=no".into());
    option(format!("ConnectTimeout={}", target.connect_timeout.as_secs().max(1)).into());
    if let Some(key) = &target.private_key_file {
        let mut identity = OsString::from("IdentityFile=");
        identity.push(quoted(key));
        option(identity);
        // An agent with many keys would use up the server's patience first.
        option("IdentitiesOnly=yes".into());
    }
    if let Some(port) = target.port {
        option(format!("Port={port}").into());
    }
    if let Some(user) = &target.user {
        args.extend(["-l".into(), user.into()]);
    }
    args.extend(target.ssh_args.iter().map(OsString::from));
    args
}

/// Returns a path as one word of an ssh option: quoted, and without the `%` tokens
/// that ssh would expand in it.
fn quoted(path: &Path) -> OsString {
    let mut bytes = vec![b'"'];
    for &byte in path.as_os_str().as_bytes() {
        match byte {
            b'"' | b'\\' => bytes.extend([b'\\', byte]),
            b'%' => bytes.extend(b"%%"),
            _ => bytes.push(byte),
        }
    }
    bytes.push(b'"');
    OsString::from_vec(bytes)
}

/// Returns one line for the remote shell that runs `program` with exactly `args`.
pub(super) fn shell_line<S: AsRef<str>>(program: &str, args: &[S]) -> String {
    let mut line = shell_word(program);
    for arg in args {
        line.push(' ');
        line.push_str(&shell_word(arg.as_ref()));
    }
    line
}

/// Quotes one word for a POSIX shell (XCU 2.2.2); plain words stay readable.
fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Returns the destination after `--`, so that no host name is read as an option.
pub(super) fn destination(target: &Target) -> [&OsStr; 2] {
    [OsStr::new("--"), OsStr::new(&target.host)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_one_literal_word() {
        assert_eq!(quoted(Path::new(r#"/a b/%h"c\"#)), r#""/a b/%%h\"c\\""#);
    }

    #[test]
    fn words_survive_the_shell() {
        let args = ["a b", "", "it's", "$x;`y`", "-n"];
        let line = shell_line("printf", &[&["%s|"], args.as_slice()].concat());
        let out = std::process::Command::new("sh")
            .args(["-c", &line])
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&out.stdout), "a b||it's|$x;`y`|-n|");
    }
}
