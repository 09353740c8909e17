use std::{io, path::PathBuf, time::Duration};

use super::BecomeProblem;

/// Why a machine could not be reached, or a program not be run there.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The name has no address.
    #[error("find an address for {host}")]
    NameNotFound {
        /// The name.
        host: String,
    },
    /// Nothing listens there.
    #[error("connect to {host}: the connection was refused")]
    Refused {
        /// The host, with the port when it is not the default.
        host: String,
    },
    /// No way leads there.
    #[error("connect to {host}: {reason}")]
    NoRoute {
        /// The host.
        host: String,
        /// What the kernel said.
        reason: String,
    },
    /// No answer in time.
    #[error("connect to {host}: no answer within {} s", waited.as_secs())]
    TimedOut {
        /// The host.
        host: String,
        /// How long was waited.
        waited: Duration,
    },
    /// The host shows another key than the pinned one.
    #[error(
        "trust {host}: it shows the key {}, pinned is {}",
        shown(found.as_ref()),
        shown(expected.as_ref())
    )]
    HostKeyChanged {
        /// The host.
        host: String,
        /// The fingerprint that was pinned.
        expected: Option<String>,
        /// The fingerprint of the key that the host showed.
        found: Option<String>,
    },
    /// No key is known for the host.
    #[error("trust {host}: no key is pinned for it, it shows {}", shown(found.as_ref()))]
    HostKeyUnknown {
        /// The host.
        host: String,
        /// The fingerprint of the key that the host showed.
        found: Option<String>,
    },
    /// The host accepts none of our keys.
    #[error("log in to {host}: it accepted no key{}", offered(tried))]
    NoKeyAccepted {
        /// The host.
        host: String,
        /// The keys that were offered: file and fingerprint.
        tried: Vec<String>,
    },
    /// The private key can't be used.
    #[error("use the private key {}: {reason}", path.display())]
    PrivateKey {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The other side ended the connection.
    #[error("stay connected to {host}: the connection was closed")]
    Closed {
        /// The host.
        host: String,
    },
    /// A program did not end in time. It may still be running.
    #[error("run `{program}` on {host} within {} s", limit.as_secs())]
    RunTimedOut {
        /// The host.
        host: String,
        /// The program.
        program: String,
        /// How long it was given.
        limit: Duration,
    },
    /// A program was ended by a signal.
    #[error("run `{program}` on {host}: a signal ended it")]
    Signalled {
        /// The host.
        host: String,
        /// The program.
        program: String,
    },
    /// A program wrote more than is kept.
    #[error("run `{program}` on {host}: it wrote more than {limit} bytes")]
    TooMuchOutput {
        /// The host.
        host: String,
        /// The program.
        program: String,
        /// How much is kept.
        limit: u64,
    },
    /// A program for a shell holds a NUL byte, which no shell can read.
    #[error("run a program on {host}: it holds a NUL byte")]
    NulByte {
        /// The host.
        host: String,
    },
    /// A shell could not be had as another user.
    #[error("become {user} on {host}: {problem}")]
    Become {
        /// The host.
        host: String,
        /// The user that was to be.
        user: String,
        /// What went wrong.
        problem: BecomeProblem,
    },
    /// The login works, but there is no shell behind it.
    #[error("start a shell on {host}: {message}")]
    NoShell {
        /// The host.
        host: String,
        /// What was said instead.
        message: String,
    },
    /// There is no room over there for what a program reads and writes.
    #[error(
        "keep a program's input and output on {host}: no space is left, or nothing is writable"
    )]
    NoSpace {
        /// The host.
        host: String,
    },
    /// What a program reads or writes could not be read or written here.
    #[error("hand on here what {host} sends or is sent")]
    Local {
        /// The host.
        host: String,
        /// Why.
        source: io::Error,
    },
    /// ssh itself can't be run here.
    #[error("run ssh on this machine")]
    NoSsh(#[source] io::Error),
    /// Anything else, in ssh's own words.
    #[error("reach {host}: {message}")]
    Other {
        /// The host.
        host: String,
        /// What ssh said.
        message: String,
    },
}

impl TransportError {
    /// Returns what to do next, where that is known.
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::NameNotFound { host } => format!(
                "set ansible_host or vm_ip, or make {host} known to DNS, /etc/hosts or ~/.ssh/config"
            ),
            Self::Refused { .. } => {
                "nothing listens on that port: `swarmctl list` tells whether the guest runs, \
                 `swarmctl console NAME` shows how far it is; or a firewall refuses"
                    .to_owned()
            }
            Self::NoRoute { .. } => {
                "`ip route` shows the ways out of this machine; for a guest of another \
                 hypervisor set ansible_ssh_common_args to `-o ProxyJump=HYPERVISOR`"
                    .to_owned()
            }
            Self::TimedOut { .. } => {
                "`swarmctl list` tells whether the guest runs, `swarmctl console NAME` shows \
                 how far it is; a firewall may drop the packets; --timeout waits longer"
                    .to_owned()
            }
            Self::HostKeyChanged { .. } => {
                "this may be another machine, or someone in between. If the guest was made \
                 anew outside of swarmctl, `swarmctl provision NAME --check` shows what \
                 would pin its key again"
                    .to_owned()
            }
            Self::HostKeyUnknown { .. } => {
                "swarmctl trusts no key on first use: `swarmctl provision NAME` pins it; for a \
                 machine that is no instance, compare the fingerprint with the machine's own \
                 (`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` there), then add the key \
                 to ~/.ssh/known_hosts"
                    .to_owned()
            }
            Self::NoKeyAccepted { .. } => {
                "set vm_ssh_keys to your public key and ansible_ssh_private_key_file to the \
                 private one; `ssh-add -l` lists the agent's keys. A new guest refuses all keys \
                 until cloud-init has made its users"
                    .to_owned()
            }
            Self::PrivateKey { path, .. } => format!(
                "ansible_ssh_private_key_file names it; it must exist, be yours and have mode \
                 0600: `chmod 600 {}`",
                path.display()
            ),
            Self::Closed { .. } => {
                "the machine may be restarting; run the command again".to_owned()
            }
            Self::RunTimedOut { .. } => {
                "it may still be running there; --timeout waits longer".to_owned()
            }
            Self::NoSsh(_) => "install OpenSSH's client: `apt install openssh-client`".to_owned(),
            Self::Become { problem, .. } => return become_hint(problem),
            Self::NoShell { .. } => {
                "the login user needs a POSIX shell with `head`, `cat`, `mkdir` and `rm`: \
                 `getent passwd USER` there names its shell"
                    .to_owned()
            }
            Self::NoSpace { .. } => {
                "`df -h /dev/shm /tmp /var/tmp` there shows what is full or read-only".to_owned()
            }
            Self::Signalled { .. }
            | Self::TooMuchOutput { .. }
            | Self::NulByte { .. }
            | Self::Local { .. }
            | Self::Other { .. } => {
                return None;
            }
        };
        Some(text)
    }

    /// Returns whether the same attempt may well work a moment later, as it does
    /// while a machine starts.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Refused { .. }
                | Self::NoRoute { .. }
                | Self::TimedOut { .. }
                | Self::Closed { .. }
                | Self::NoKeyAccepted { .. }
        )
    }
}

fn become_hint(problem: &BecomeProblem) -> Option<String> {
    let text = match problem {
        BecomeProblem::PasswordWanted("sudo") => {
            "set ansible_become_password (from a vault), or give the login user NOPASSWD in \
             /etc/sudoers.d"
        }
        BecomeProblem::PasswordWanted("doas") => {
            "doas reads a password from a terminal alone: use `permit nopass` in doas.conf"
        }
        BecomeProblem::PasswordWanted(_) | BecomeProblem::PasswordWrong(_) => {
            "set ansible_become_password (from a vault)"
        }
        BecomeProblem::NotAllowed(_) => {
            "log in as another user (ansible_user), or allow it over there: `sudo -l` shows what \
             is allowed"
        }
        BecomeProblem::TerminalWanted(_) => "take `requiretty` out of the sudoers file there",
        BecomeProblem::NotInstalled(_) => "set ansible_become_method to what is installed there",
        BecomeProblem::NoSuchUser | BecomeProblem::Other(_) => return None,
    };
    Some(text.to_owned())
}

fn shown(fingerprint: Option<&String>) -> &str {
    fingerprint.map_or("(fingerprint unknown)", String::as_str)
}

fn offered(tried: &[String]) -> String {
    if tried.is_empty() {
        "; none was offered".to_owned()
    } else {
        format!(" of {}", tried.join(", "))
    }
}
