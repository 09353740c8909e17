use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::transport::{file_cache::FileCache, pattern::list_holds};

/// How deep files include each other; ssh itself gives up at 16.
const DEPTH: usize = 4;

/// Options that say nothing about how a session is carried: what swarmctl sets
/// itself, what is for people, for forwarding, for masters, and for hosts that are
/// not known. Login by GSSAPI or a password adds no more than a try where the key
/// decides.
pub(super) const HARMLESS: [&str; 37] = [
    "addkeystoagent",
    "batchmode",
    "challengeresponseauthentication",
    "checkhostip",
    "clearallforwardings",
    "connecttimeout",
    "controlmaster",
    "controlpath",
    "controlpersist",
    "escapechar",
    "exitonforwardfailure",
    "fingerprinthash",
    "forkafterauthentication",
    "forwardagent",
    "forwardx11",
    "forwardx11timeout",
    "forwardx11trusted",
    "gatewayports",
    "gssapiauthentication",
    "gssapidelegatecredentials",
    "hashknownhosts",
    "kbdinteractiveauthentication",
    "loglevel",
    "nohostauthenticationforlocalhost",
    "numberofpasswordprompts",
    "passwordauthentication",
    "permitlocalcommand",
    "requesttty",
    "sendenv",
    "serveralivecountmax",
    "serveraliveinterval",
    "stricthostkeychecking",
    "tcpkeepalive",
    "updatehostkeys",
    "userknownhostsfile",
    "visualhostkey",
    "xauthlocation",
];

/// What configuration says about a host, as far as it matters here; ssh takes the
/// first value of each, and all identity files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Configuration {
    pub host_name: Option<String>,
    pub port: Option<u16>,
    pub user: Option<String>,
    pub identity_files: Vec<PathBuf>,
    pub identities_only: Option<bool>,
    /// In seconds; of the arguments alone, as with OpenSSH's carrier.
    pub alive_interval: Option<u64>,
    pub alive_count: Option<usize>,
}

impl Configuration {
    /// Takes one option's words. Returns `None` where only ssh knows what it means.
    pub(super) fn take(&mut self, name: &str, words: &[String], home: &Path) -> Option<()> {
        let [value] = words else { return None };
        // Tokens and variables (ssh_config(5), TOKENS).
        if value.contains(['%', '$']) {
            return None;
        }
        match name {
            "hostname" => drop(self.host_name.get_or_insert_with(|| value.clone())),
            "port" => drop(self.port.get_or_insert(value.parse().ok()?)),
            "user" => drop(self.user.get_or_insert_with(|| value.clone())),
            "identityfile" => {
                let path = match value.strip_prefix("~/") {
                    Some(rest) => home.join(rest),
                    None if value.starts_with('/') => PathBuf::from(value),
                    None => return None,
                };
                self.identity_files.push(path);
            }
            "identitiesonly" => {
                let only = match value.as_str() {
                    "yes" | "true" => true,
                    "no" | "false" => false,
                    _ => return None,
                };
                self.identities_only.get_or_insert(only);
            }
            _ => return None,
        }
        Some(())
    }
}

/// One line.
struct Line {
    /// In lower case.
    name: String,
    /// `None`: with quotes or the like.
    words: Option<Vec<String>>,
}

/// Takes what a file says about `host`. Returns `None` where only ssh knows.
pub(super) fn read(
    file: &Path,
    host: &str,
    home: &Path,
    depth: usize,
    configuration: &mut Configuration,
) -> Option<()> {
    static READ: FileCache<Vec<Line>> = FileCache::new();
    let lines = READ.get(file, |text| text.lines().filter_map(line).collect())?;
    let mut applies = true;
    for Line { name, words } in lines.iter() {
        match name.as_str() {
            "host" => {
                let words = words.as_ref()?;
                applies = list_holds(words.iter().map(String::as_str), host);
            }
            "match" => return None,
            _ if !applies || HARMLESS.contains(&name.as_str()) => {}
            "include" => {
                for pattern in words.as_ref()? {
                    for file in included(pattern, file.parent()?, home)? {
                        let deeper = depth.checked_add(1).filter(|depth| *depth <= DEPTH)?;
                        read(&file, host, home, deeper, configuration)?;
                    }
                }
            }
            name => configuration.take(name, words.as_ref()?, home)?,
        }
    }
    Some(())
}

/// Takes a line apart (ssh_config(5): words may follow `=`); `None` for a blank or a
/// comment.
fn line(text: &str) -> Option<Line> {
    let text = text.trim();
    if text.is_empty() || text.starts_with('#') {
        return None;
    }
    let end = text.find(|c: char| c.is_whitespace() || c == '=');
    let (name, rest) = text.split_at(end.unwrap_or(text.len()));
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('=').unwrap_or(rest);
    let plain = !rest.contains(['"', '\'', '\\', '#']);
    Some(Line {
        name: name.to_ascii_lowercase(),
        words: plain.then(|| rest.split_whitespace().map(str::to_owned).collect()),
    })
}

/// Returns the files that an `Include` names: one file, or the files of one directory.
fn included(pattern: &str, directory: &Path, home: &Path) -> Option<Vec<PathBuf>> {
    let path = match pattern.strip_prefix("~/") {
        Some(rest) => home.join(rest),
        // A relative one is below ~/.ssh or /etc/ssh, wherever its file is.
        None if pattern.starts_with('/') => PathBuf::from(pattern),
        None if directory == Path::new("/etc/ssh") || directory == home.join(".ssh") => {
            directory.join(pattern)
        }
        None => return None,
    };
    let (directory, last) = (path.parent()?, path.file_name()?.to_str()?);
    if directory.to_str()?.contains(['*', '?', '[']) || last.contains(['[', '{']) {
        return None;
    }
    if !last.contains(['*', '?']) {
        return Some(vec![path]);
    }
    let Ok(entries) = fs::read_dir(directory) else {
        return Some(Vec::new());
    };
    let mut files = Vec::new();
    for entry in entries {
        let name = entry.ok()?.file_name();
        let name = name.to_str()?;
        if !name.starts_with('.') && list_holds([last].into_iter(), name) {
            files.push(directory.join(name));
        }
    }
    // In the order of glob(7).
    files.sort();
    Some(files)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn reads(text: &str, host: &str) -> Option<Configuration> {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("config");
        fs::write(&file, text).unwrap();
        let mut configuration = Configuration::default();
        let home = Path::new("/home/x");
        read(&file, host, home, 0, &mut configuration).map(|()| configuration)
    }

    #[test]
    fn blocks_apply_to_their_hosts() {
        let text = "# x\nUser first\nHost a* !ab\n HostName = 10.0.0.1\n\tPort=3\n\
                    Host b\nPort 4\nIdentityFile ~/.ssh/b\nIdentityFile /k\nIdentitiesOnly yes\n\
                    ProxyJump gate\nHost *\nUser last\nPort 5\nSendEnv LANG LC_*\n";
        let a = reads(text, "aa").unwrap();
        let host_name = Some("10.0.0.1".to_owned());
        assert_eq!((a.host_name, a.port), (host_name, Some(3)));
        assert_eq!(a.user.as_deref(), Some("first"));
        assert_eq!(reads(text, "ab").unwrap().port, Some(5));
        assert_eq!(reads(text, "b"), None, "ProxyJump");
        let b = reads(&text.replace("ProxyJump gate\n", ""), "b").unwrap();
        let keys = ["/home/x/.ssh/b", "/k"].map(PathBuf::from).to_vec();
        assert_eq!((b.identity_files, b.identities_only), (keys, Some(true)));
    }

    #[test]
    fn what_is_not_understood_is_left_to_ssh() {
        for line in [
            "Match all",
            "Host \"a\"",
            "HostName %h.lan",
            "IdentityFile ~x/key",
            "IdentityFile ${HOME}/key",
            "IdentityFile key",
            "User \"a b\"",
            "Port x",
            "Port",
            "Compression yes",
            "Ciphers aes128-ctr",
            "HostKeyAlias x",
            "nonsense",
        ] {
            assert_eq!(reads(&format!("{line}\n"), "a"), None, "{line}");
        }
    }

    #[test]
    fn includes_are_followed() {
        let directory = tempfile::tempdir().unwrap();
        let home = directory.path();
        let ssh = home.join(".ssh");
        fs::create_dir_all(ssh.join("d")).unwrap();
        let main = ssh.join("config");
        let write = |name: &str, text: &str| fs::write(ssh.join(name), text).unwrap();
        write(
            "config",
            "Include d/*.conf\nHost zap\nInclude ~/.ssh/one\nHost *\nPort 9\n",
        );
        write("d/b.conf", "User b\nHost other\nCompression yes\n");
        write("d/a.conf", "User a\n");
        write("d/skipped", "User none\n");
        write("one", "Port 1\nHost never\nPort 2\n");
        let get = |host: &str| {
            let mut configuration = Configuration::default();
            read(&main, host, home, 0, &mut configuration)?;
            Some((configuration.user, configuration.port))
        };
        assert_eq!(get("zap"), Some((Some("a".to_owned()), Some(1))));
        assert_eq!(get("zip"), Some((Some("a".to_owned()), Some(9))));
        assert_eq!(get("other"), None);
        write("d/a.conf", "Include ~/.ssh/config\n");
        assert_eq!(get("zap"), None, "a circle");
    }

    /// What is read here is what ssh reads.
    #[test]
    fn ssh_agrees() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("config");
        let blocks = [
            "Host *",
            "Host zap",
            "Host z?p zip",
            "Host * !zap",
            "Host !zap *",
        ];
        let options = [
            "Port 7",
            "Port 8",
            "User a",
            "User=b",
            "HostName 10.1.1.1",
            "\thostname zip",
        ];
        let mut state = 1_u32;
        let mut random = |size: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as usize % size
        };
        for _ in 0..40 {
            let mut text = String::new();
            for _ in 0..6 {
                let line = match random(3) {
                    0 => blocks[random(blocks.len())],
                    _ => options[random(options.len())],
                };
                text.push_str(&format!("{line}\n"));
            }
            fs::write(&file, &text).unwrap();
            let mut ssh = Command::new("ssh");
            let Ok(output) = ssh.args(["-G", "-F"]).arg(&file).arg("zap").output() else {
                return;
            };
            let ours = reads(&text, "zap").unwrap();
            let theirs = String::from_utf8(output.stdout).unwrap();
            let has = |line: String| theirs.lines().any(|l| l == line);
            assert!(has(format!("port {}", ours.port.unwrap_or(22))), "{text}");
            let name = ours.host_name.unwrap_or("zap".to_owned());
            assert!(has(format!("hostname {name}")), "{text}");
            assert!(
                ours.user.is_none_or(|user| has(format!("user {user}"))),
                "{text}"
            );
        }
    }
}
