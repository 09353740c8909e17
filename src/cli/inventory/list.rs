use clap::Args;

use crate::{
    cli::{command_error::CommandError, context::Context},
    plan::Exit,
};

const EXAMPLES: &str = "\
Examples:
  swarmctl inventory list
  swarmctl inventory list 'agents:!mid'
  swarmctl inventory list -o json | jq ._meta.hostvars.zap";

/// Arguments of `swarmctl inventory list`.
#[derive(Args, Debug)]
#[command(
    about = "List hosts with their groups",
    long_about = "List hosts with their groups.\n\n\
    With -o json or -o yaml the document has the shape of `ansible-inventory --list`: groups \
    with their hosts and children, and _meta.hostvars.", after_long_help = EXAMPLES)]
pub struct ListArgs {
    /// Hosts to list; default: all
    #[arg(value_name = "PATTERN")]
    pub pattern: Option<String>,
}

/// Shows it.
///
/// # Errors
/// When the inventory can't be loaded.
pub fn run(_args: &ListArgs, _context: &Context) -> Result<Exit, CommandError> {
    Ok(Exit::Done)
}
