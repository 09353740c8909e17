use clap::Args;

use super::{command_error::CommandError, context::Context, guests, pattern::Pattern};
use crate::{guest::Power, plan::Exit};

const EXAMPLES: &str = "\
Examples:
  swarmctl stop zap
  swarmctl stop all --timeout 30";

/// Arguments of `swarmctl stop`.
#[derive(Args, Debug)]
#[command(
    about = "Stop instances: orderly, then by force",
    long_about = "Stop instances.\n\n\
        Asks the guest to shut down, waits --timeout seconds (default: 120), then turns it off by \
        force and says so.",
    after_long_help = EXAMPLES
)]
pub struct StopArgs {
    /// The instances.
    #[command(flatten)]
    pub pattern: Pattern,
}

/// Stops instances.
///
/// # Errors
/// When the inventory or the pattern is invalid.
pub fn run(args: &StopArgs, context: &Context) -> Result<Exit, CommandError> {
    guests::power(&args.pattern.pattern, Power::Stop, "stop", context)
}
