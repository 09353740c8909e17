use std::{fs, path::PathBuf};

/// Who runs this, as ssh finds it: from the user database, not from the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LocalUser {
    pub name: String,
    pub home: PathBuf,
}

impl LocalUser {
    /// Returns `None` for a user that is not in `/etc/passwd`, which is left to ssh.
    pub(super) fn find() -> Option<Self> {
        let id = rustix::process::getuid().as_raw().to_string();
        let users = fs::read_to_string("/etc/passwd").ok()?;
        users.lines().find_map(|line| {
            // name, password, uid, gid, comment, home, shell (passwd(5)).
            let fields: Vec<&str> = line.split(':').collect();
            match fields[..] {
                [name, _, uid, _, _, home, ..] if uid == id => Some(Self {
                    name: name.to_owned(),
                    home: PathBuf::from(home),
                }),
                _ => None,
            }
        })
    }
}
