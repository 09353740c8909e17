use std::path::PathBuf;

use clap::Args;

use crate::{
    cli::{command_error::CommandError, context::Context},
    plan::{Exit, Failure, FailureKind},
};

const EXAMPLES: &str = "\
Examples:
  sudo swarmctl image build
  sudo swarmctl image build /srv/images/noble.qcow2";

/// Arguments of `swarmctl image build`.
#[derive(Args, Debug)]
#[command(
    about = "Build an image from the distribution's own packages",
    long_about = "Build a Secure Boot image from the distribution's own packages, for machines that can't \
        download one. Needs root, debootstrap and the distribution's package archive.",
    after_long_help = EXAMPLES
)]
pub struct BuildArgs {
    /// Where to write it; default: the cache of the fleet directory
    #[arg(value_name = "OUT")]
    pub out: Option<PathBuf>,
}

/// Builds an image.
///
/// # Errors
/// When the inventory or the pattern is invalid.
pub fn run(_args: &BuildArgs, _context: &Context) -> Result<Exit, CommandError> {
    Err(Failure::new(FailureKind::Failed, "this verb is not connected yet").into())
}
