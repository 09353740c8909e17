use clap::Args;

use super::{command_error::CommandError, context::Context, shipped};
use crate::plan::Exit;

const EXAMPLES: &str = "\
Examples:
  swarmctl install zap --check --diff   what would be changed; exits 5 if anything
  swarmctl install all -f 10            ten at a time
  swarmctl install zap -e openclaw_version=2026.9.6
  swarmctl install zap --tags gateway";

/// Arguments of `swarmctl install`.
#[derive(Args, Debug)]
#[command(
    about = "Install OpenClaw on instances",
    long_about = "Install OpenClaw on instances that run, and see it ready.\n\n\
        Runs playbooks/install.yml: the fleet's own where it has one, else the built-in one. The \
        same holds for each file of the roles and templates that it uses. A second run changes \
        nothing.",
    after_long_help = EXAMPLES
)]
pub struct InstallArgs {
    /// What to install on, and how.
    #[command(flatten)]
    pub shipped: shipped::ShippedArgs,
}

/// Runs `playbooks/install.yml`.
///
/// # Errors
/// When the inventory, the pattern or the playbook is invalid.
pub fn run(args: &InstallArgs, context: &Context) -> Result<Exit, CommandError> {
    shipped::run(&args.shipped, "install", context)
}
