use clap::Args;

use crate::{
    cli::{command_error::CommandError, context::Context, loaded::Loaded},
    plan::Exit,
    report::Format,
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

/// Draws the tree.
///
/// # Errors
/// When the inventory can't be loaded.
pub fn run(args: &GraphArgs, context: &Context) -> Result<Exit, CommandError> {
    if context.output.format() != Format::Table {
        return Err(CommandError::usage(
            "a tree is for people and has no other form",
            "swarmctl inventory list -o json",
        ));
    }
    let loaded = Loaded::new(context)?;
    context.output.data(&loaded.inventory.graph(args.vars));
    Ok(Exit::Done)
}
