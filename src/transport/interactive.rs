use std::process::Command;

use super::{Target, options};

/// Returns the ssh command of a person's own session, which checks the host key as
/// [`Session`](super::Session) does, but may ask for a passphrase. `tty` asks for a
/// terminal even where a command is run.
///
/// A single word of `command` is a line for the remote shell, as with ssh itself;
/// several words are run as exactly these words.
pub fn ssh_command(target: &Target, tty: bool, command: &[String]) -> Command {
    let mut ssh = Command::new("ssh");
    // A master of the user's own may have been opened without our checks.
    ssh.args(["-o", "ControlPath=none"]);
    ssh.args(options::options(target));
    if tty {
        ssh.arg("-t");
    }
    ssh.args(options::destination(target));
    match command {
        [] => {}
        [line] => {
            ssh.arg(line);
        }
        [program, args @ ..] => {
            ssh.arg(options::shell_line(program, args));
        }
    }
    ssh
}
