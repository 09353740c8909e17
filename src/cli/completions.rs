use clap::Args;
use clap_complete::Shell;

use super::{args, command_error::CommandError, context::Context};
use crate::plan::{Exit, Failure, FailureKind};

const EXAMPLES: &str = "\
Examples:
  swarmctl completions bash > ~/.local/share/bash-completion/completions/swarmctl
  swarmctl completions zsh > ~/.zfunc/_swarmctl
  swarmctl completions fish > ~/.config/fish/completions/swarmctl.fish";

/// Arguments of `swarmctl completions`.
#[derive(Args, Debug)]
#[command(
    about = "Print a completion script for a shell",
    after_long_help = EXAMPLES)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: Shell,
}

/// Prints the script.
///
/// # Errors
/// When the generator writes something that is no text.
pub fn run(args: &CompletionsArgs, context: &Context) -> Result<Exit, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut args::command(), "swarmctl", &mut script);
    let script = String::from_utf8(script)
        .map_err(|error| Failure::from_error(FailureKind::Failed, &error))?;
    context.output.raw(&script);
    Ok(Exit::Done)
}
