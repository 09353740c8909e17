use secrecy::SecretString;

use super::options::shell_line;

/// The program that changes the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BecomeMethod {
    /// sudo; `-n`, or with a password `-S`.
    Sudo,
    /// su; it asks for the other user's password, unless root runs it.
    Su,
    /// doas; only without a password, since it reads one from a terminal alone.
    Doas,
}

impl BecomeMethod {
    /// Returns the program's name.
    pub fn program(self) -> &'static str {
        match self {
            Self::Sudo => "sudo",
            Self::Su => "su",
            Self::Doas => "doas",
        }
    }
}

/// Another user that a shell is to run as.
#[derive(Clone, Debug)]
pub struct Become {
    /// How.
    pub method: BecomeMethod,
    /// Who.
    pub user: String,
    /// The password that the method asks for.
    pub password: Option<SecretString>,
}

/// Why a user could not be changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BecomeProblem {
    /// A password is wanted and none was given, or it can't be given.
    #[error("{0} wants a password")]
    PasswordWanted(&'static str),
    /// The password was not accepted.
    #[error("{0} did not accept the password")]
    PasswordWrong(&'static str),
    /// Policy forbids it.
    #[error("the login user may not use {0}")]
    NotAllowed(&'static str),
    /// A terminal is wanted.
    #[error("{0} wants a terminal")]
    TerminalWanted(&'static str),
    /// There is no such user.
    #[error("there is no such user")]
    NoSuchUser,
    /// The program is not installed.
    #[error("{0} is not installed")]
    NotInstalled(&'static str),
    /// Anything else, in the program's own words.
    #[error("{0}")]
    Other(String),
}

impl Become {
    /// Returns the line that starts `sh -s` as the other user. Where the method may
    /// ask for a password, the shell first prints `hello`, and a prompt has `prompt`
    /// in it where the method can do that.
    pub(super) fn line(&self, hello: &str, prompt: &str) -> String {
        let greet = format!("echo {hello}; exec sh -s");
        let words: Vec<&str> = match (self.method, self.asks()) {
            (BecomeMethod::Sudo, true) => {
                vec![
                    "-S", "-p", prompt, "-H", "-u", &self.user, "--", "sh", "-c", &greet,
                ]
            }
            (BecomeMethod::Sudo, false) => vec!["-n", "-H", "-u", &self.user, "--", "sh", "-s"],
            (BecomeMethod::Su, _) => vec!["-s", "/bin/sh", "-c", &greet, "--", &self.user],
            (BecomeMethod::Doas, _) => vec!["-n", "-u", &self.user, "--", "sh", "-s"],
        };
        format!("exec {}", shell_line(self.method.program(), &words))
    }

    /// Returns whether the method may ask for a password: then nothing may be sent
    /// before the shell runs, lest it be read as one.
    pub(super) fn asks(&self) -> bool {
        match self.method {
            BecomeMethod::Sudo => self.password.is_some(),
            BecomeMethod::Su => true,
            BecomeMethod::Doas => false,
        }
    }

    /// Returns what `said`, written before the method gave up, means. The wording is
    /// sudo's (1.9), util-linux's, shadow's and busybox's su, and opendoas's.
    pub(super) fn problem(&self, said: &str) -> BecomeProblem {
        let method = self.method.program();
        let text = said.to_ascii_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if has(&["try again", "incorrect", "authentication failure"]) {
            BecomeProblem::PasswordWrong(method)
        } else if has(&[
            "a password is required",
            "a terminal is required",
            "authentication required",
            "authorization required",
            "authentication failed",
        ]) {
            BecomeProblem::PasswordWanted(method)
        } else if has(&["you must have a tty", "must be run from a terminal"]) {
            BecomeProblem::TerminalWanted(method)
        } else if has(&["unknown user", "does not exist", "no passwd entry"]) {
            BecomeProblem::NoSuchUser
        } else if has(&[
            "sudoers file",
            "not allowed to",
            "may not run",
            "operation not permitted",
            "permission denied",
        ]) {
            BecomeProblem::NotAllowed(method)
        } else if has(&["not found", "no such file"]) {
            BecomeProblem::NotInstalled(method)
        } else {
            let lines: Vec<&str> = said
                .lines()
                .map(str::trim)
                .filter(|l| !l.is_empty())
                .collect();
            BecomeProblem::Other(if lines.is_empty() {
                format!("{method} ended without a word")
            } else {
                lines.join("; ")
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_apart() {
        let sudo = Become {
            method: BecomeMethod::Sudo,
            user: "root".to_owned(),
            password: None,
        };
        for (said, problem) in [
            (
                "sudo: a password is required",
                BecomeProblem::PasswordWanted("sudo"),
            ),
            (
                "Sorry, try again.\nsudo: 1 incorrect password attempt",
                BecomeProblem::PasswordWrong("sudo"),
            ),
            (
                "zap is not in the sudoers file.",
                BecomeProblem::NotAllowed("sudo"),
            ),
            ("sudo: unknown user nobody2", BecomeProblem::NoSuchUser),
            (
                "sh: 1: exec: sudo: not found",
                BecomeProblem::NotInstalled("sudo"),
            ),
            ("sudo: odd\n", BecomeProblem::Other("sudo: odd".to_owned())),
        ] {
            assert_eq!(sudo.problem(said), problem);
        }
    }
}
