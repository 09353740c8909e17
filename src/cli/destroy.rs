use clap::Args;

use super::{
    command_error::CommandError,
    context::Context,
    guests::{self, Task},
    pattern::Pattern,
};
use crate::{guest::Purpose, plan::Exit};

const EXAMPLES: &str = "\
Examples:
  swarmctl destroy zap
  swarmctl destroy zap --keep-disk     keep the overlay, for the next provision
  swarmctl destroy 'test*' --yes";

/// Arguments of `swarmctl destroy`.
#[derive(Args, Debug)]
#[command(
    about = "Remove instances with everything that was made for them",
    long_about = "Remove instances with everything that was made for them: domain, NVRAM, TPM state, \
        overlay, seed, lease, pinned host key. Never the base image.\n\n\
        Asks for the instance's name first; without a terminal --yes is needed. Instances with \
        vm_protected are refused, and so is a domain that swarmctl did not make.",
    after_long_help = EXAMPLES
)]
pub struct DestroyArgs {
    /// The instances.
    #[command(flatten)]
    pub pattern: Pattern,

    /// Keep the overlay; the next provision takes it up again
    #[arg(long)]
    pub keep_disk: bool,
}

/// Destroys instances.
///
/// # Errors
/// When the inventory or the pattern is invalid.
pub fn run(args: &DestroyArgs, context: &Context) -> Result<Exit, CommandError> {
    let task = Task {
        pattern: &args.pattern.pattern,
        purpose: Purpose::Destroy {
            keep_disk: args.keep_disk,
        },
        check: false,
        diff: false,
        verb: "destroy",
        question: ("Destroy these instances?", true),
    };
    guests::run(&task, context)
}
