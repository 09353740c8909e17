use clap::Args;

use crate::{
    cli::{command_error::CommandError, context::Context},
    inventory,
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

/// Prints it, as JSON unless `-o yaml` is given.
///
/// # Errors
/// When it can't be written in that form.
pub fn run(_args: &SchemaArgs, context: &Context) -> Result<Exit, CommandError> {
    context.output.value(&inventory::schema())?;
    Ok(Exit::Done)
}
