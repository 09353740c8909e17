use clap::Args;

use super::{command_error::CommandError, context::Context, pattern::Pattern};
use crate::plan::{Exit, Failure, FailureKind};

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
pub fn run(_args: &StopArgs, _context: &Context) -> Result<Exit, CommandError> {
    Err(Failure::new(FailureKind::Failed, "this verb is not connected yet").into())
}
