use clap::Args;

use crate::{
    cli::{command_error::CommandError, context::Context},
    plan::Exit,
};

const EXAMPLES: &str = "\
Examples:
  swarmctl inventory graph
  swarmctl inventory graph --vars";

/// Arguments of `swarmctl inventory graph`.
#[derive(Args, Debug)]
#[command(
    about = "Draw groups and hosts as a tree",
    long_about = "Draw groups and hosts as a tree.", after_long_help = EXAMPLES)]
pub struct GraphArgs {
    /// Show the variables of groups and hosts too
    #[arg(long)]
    pub vars: bool,
}

/// Shows it.
///
/// # Errors
/// When the inventory can't be loaded.
pub fn run(_args: &GraphArgs, _context: &Context) -> Result<Exit, CommandError> {
    Ok(Exit::Done)
}
