//! `swarmctl image`: base images.

mod build;
mod list;
mod pull;

use clap::Subcommand;

use super::{command_error::CommandError, context::Context};
use crate::plan::Exit;

/// The verbs of `swarmctl image`.
#[derive(Debug, Subcommand)]
pub enum ImageVerb {
    List(list::ListArgs),
    Pull(pull::PullArgs),
    Build(build::BuildArgs),
}

/// Runs one of them.
///
/// # Errors
/// When the inventory or the arguments are invalid.
pub fn run(verb: ImageVerb, context: &Context) -> Result<Exit, CommandError> {
    match verb {
        ImageVerb::List(args) => list::run(&args, context),
        ImageVerb::Pull(args) => pull::run(&args, context),
        ImageVerb::Build(args) => build::run(&args, context),
    }
}
