use clap::Args;

use crate::{
    cli::{command_error::CommandError, context::Context},
    plan::{Exit, Failure, FailureKind},
};

const EXAMPLES: &str = "\
Examples:
  swarmctl image pull              the images of all instances
  swarmctl image pull zap          those of one instance
  swarmctl image pull https://cloud-images.ubuntu.com/noble/current/noble-server-cloudimg-amd64.img";

/// Arguments of `swarmctl image pull`.
#[derive(Args, Debug)]
#[command(
    about = "Fetch base images into the pools",
    long_about = "Fetch base images into the pools, so that provisioning need not.\n\n\
        Each is checked against its checksum before it counts; an interrupted download never does.",
    after_long_help = EXAMPLES
)]
pub struct PullArgs {
    /// Image URLs, or patterns of instances whose images are meant; default: all instances
    #[arg(value_name = "URL|PATTERN")]
    pub what: Vec<String>,
}

/// Fetches base images.
///
/// # Errors
/// When the inventory or the pattern is invalid.
pub fn run(_args: &PullArgs, _context: &Context) -> Result<Exit, CommandError> {
    Err(Failure::new(FailureKind::Failed, "this verb is not connected yet").into())
}
