use clap::Args;

use crate::{
    cli::{command_error::CommandError, context::Context},
    plan::{Exit, Failure, FailureKind},
};

const EXAMPLES: &str = "\
Examples:
  swarmctl image list
  swarmctl image list -o json";

/// Arguments of `swarmctl image list`.
#[derive(Args, Debug)]
#[command(
    about = "List base images and who uses them",
    long_about = "List base images in the pools of the fleet's hypervisors, and who uses them.",
    after_long_help = EXAMPLES
)]
pub struct ListArgs {}

/// Lists base images.
///
/// # Errors
/// When the inventory or the pattern is invalid.
pub fn run(_args: &ListArgs, _context: &Context) -> Result<Exit, CommandError> {
    Err(Failure::new(FailureKind::Failed, "this verb is not connected yet").into())
}
