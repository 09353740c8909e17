use clap::Args;

use super::{command_error::CommandError, context::Context, guests, pattern::Pattern};
use crate::{guest::Power, plan::Exit};

const EXAMPLES: &str = "\
Examples:
  swarmctl start zap
  swarmctl start all --timeout 600";

/// Arguments of `swarmctl start`.
#[derive(Args, Debug)]
#[command(
    about = "Start instances and wait until they answer",
    long_about = "Start instances and wait until SSH answers with the pinned key.\n\n\
        An instance that runs is left alone. Waits --timeout seconds (default: 600).",
    after_long_help = EXAMPLES
)]
pub struct StartArgs {
    /// The instances.
    #[command(flatten)]
    pub pattern: Pattern,
}

/// Starts instances.
///
/// # Errors
/// When the inventory or the pattern is invalid.
pub fn run(args: &StartArgs, context: &Context) -> Result<Exit, CommandError> {
    guests::power(&args.pattern.pattern, Power::Start, "start", context)
}
