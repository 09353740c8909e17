use clap::Args;

use super::{command_error::CommandError, context::Context};
use crate::plan::{Exit, Failure, FailureKind};

const EXAMPLES: &str = "\
Examples:
  swarmctl console zap";

/// Arguments of `swarmctl console`.
#[derive(Args, Debug)]
#[command(
    about = "Attach to an instance's serial console",
    long_about = "Attach to an instance's serial console. Leave with Ctrl-].\n\n\
        Works while the guest boots, and when SSH does not answer.",
    after_long_help = EXAMPLES
)]
pub struct ConsoleArgs {
    /// The instance
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// Attaches to the console.
///
/// # Errors
/// When the inventory or the pattern is invalid.
pub fn run(_args: &ConsoleArgs, _context: &Context) -> Result<Exit, CommandError> {
    Err(Failure::new(FailureKind::Failed, "this verb is not connected yet").into())
}
