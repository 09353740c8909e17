use clap::Args;

use super::{command_error::CommandError, context::Context, guests, pattern::Pattern};
use crate::{guest::Power, plan::Exit};

const EXAMPLES: &str = "\
Examples:
  swarmctl restart zap
  swarmctl restart all -f 1        one after the other";

/// Arguments of `swarmctl restart`.
#[derive(Args, Debug)]
#[command(
    about = "Stop instances and start them again",
    long_about = "Stop instances as `swarmctl stop` does, start them again, and wait until they answer.\n\n\
        Changes of the domain that waited for a restart take effect.",
    after_long_help = EXAMPLES
)]
pub struct RestartArgs {
    /// The instances.
    #[command(flatten)]
    pub pattern: Pattern,
}

/// Restarts instances.
///
/// # Errors
/// When the inventory or the pattern is invalid.
pub fn run(args: &RestartArgs, context: &Context) -> Result<Exit, CommandError> {
    guests::power(&args.pattern.pattern, Power::Restart, "restart", context)
}
