use std::{
    collections::BTreeMap,
    env,
    ffi::OsString,
    io::{self, IsTerminal},
    path::PathBuf,
};

use crate::report::Terminal;

/// What the process was given: directories, variables, terminal. Read once, here.
pub struct Environment {
    /// The user's home directory.
    pub home: Option<PathBuf>,
    /// The working directory; `.` when it is gone.
    pub working_directory: PathBuf,
    /// Where caches go: `$XDG_CACHE_HOME`, else `~/.cache`, else a folder of its own below
    /// the system's temporary one.
    #[cfg(feature = "libvirt")]
    pub cache: PathBuf,
    /// `$SWARMCTL_FLEET`.
    pub fleet: Option<PathBuf>,
    /// `$ANSIBLE_VAULT_PASSWORD_FILE`.
    pub vault_password_file: Option<PathBuf>,
    /// `$SSH_AUTH_SOCK`.
    pub ssh_agent: Option<PathBuf>,
    /// The terminal.
    pub terminal: Terminal,
}

impl Environment {
    /// Reads the environment of this process.
    pub fn read() -> Self {
        let stderr = io::stderr();
        // https://no-color.org: any value that is not empty.
        let plain =
            set("NO_COLOR").is_some() || set("TERM").is_some_and(|terminal| terminal == "dumb");
        Self {
            home: set("HOME").map(PathBuf::from),
            working_directory: env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
            #[cfg(feature = "libvirt")]
            cache: set("XDG_CACHE_HOME")
                .map(PathBuf::from)
                .or_else(|| set("HOME").map(|home| PathBuf::from(home).join(".cache")))
                .unwrap_or_else(|| env::temp_dir().join("swarmctl-cache")),
            fleet: set("SWARMCTL_FLEET").map(PathBuf::from),
            vault_password_file: set("ANSIBLE_VAULT_PASSWORD_FILE").map(PathBuf::from),
            ssh_agent: set("SSH_AUTH_SOCK").map(PathBuf::from),
            terminal: Terminal {
                stdin: io::stdin().is_terminal(),
                stdout: io::stdout().is_terminal(),
                stderr: stderr.is_terminal(),
                width: rustix::termios::tcgetwinsize(&stderr)
                    .ok()
                    .map(|size| size.ws_col)
                    .filter(|columns| *columns > 0),
                colour: !plain,
            },
        }
    }
}

impl Environment {
    /// Returns all variables of this process, for plays that look them up.
    pub fn variables(&self) -> BTreeMap<String, String> {
        env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }
}

/// Returns a variable that is set and not empty.
fn set(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}
