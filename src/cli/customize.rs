use clap::Args;

use super::{command_error::CommandError, context::Context, shipped};
use crate::plan::Exit;

const EXAMPLES: &str = "\
Examples:
  swarmctl customize zap --check --diff   what would be changed; exits 5 if anything
  swarmctl customize all
  swarmctl customize zap -e timezone=Europe/Berlin";

/// Arguments of `swarmctl customize`.
#[derive(Args, Debug)]
#[command(
    about = "Apply the fleet's settings to instances",
    long_about = "Apply the fleet's settings to instances that run: kernel settings, mounts of \
        shares, timezone and the like.\n\n\
        Runs playbooks/customize.yml: the fleet's own where it has one, else the built-in one. \
        The same holds for each file of the roles and templates that it uses. A second run \
        changes nothing.",
    after_long_help = EXAMPLES
)]
pub struct CustomizeArgs {
    /// What to customize, and how.
    #[command(flatten)]
    pub shipped: shipped::ShippedArgs,
}

/// Runs `playbooks/customize.yml`.
///
/// # Errors
/// When the inventory, the pattern or the playbook is invalid.
pub fn run(args: &CustomizeArgs, context: &Context) -> Result<Exit, CommandError> {
    shipped::run(&args.shipped, "customize", context)
}
