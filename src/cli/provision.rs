use clap::Args;

use super::{
    command_error::CommandError,
    context::Context,
    guests::{self, Task},
    pattern::Pattern,
};
use crate::{
    guest::{ProvisionOptions, Purpose},
    plan::Exit,
};

const EXAMPLES: &str = "\
Examples:
  swarmctl provision zap --check          what would be done, and why; exits 5 if anything
  swarmctl provision zap --check --diff   with the changed parts of documents
  swarmctl provision all -f 10            ten at a time
  swarmctl provision zap --restart        also what needs a restart
  swarmctl provision zap --rebuild        a new disk from the base image; asks first";

/// Arguments of `swarmctl provision`.
#[derive(Args, Debug)]
#[command(
    about = "Make instances what the inventory says",
    long_about = "Make instances what the inventory says.\n\n\
        For each instance: base image, overlay, cloud-init seed, domain, lease, start, wait until \
        SSH answers with the pinned key and cloud-init has ended. Only what differs is done; a \
        second run has no steps. Run it again after an interruption and it goes on. What a \
        running guest can't take on waits for --restart or --rebuild.",
    after_long_help = EXAMPLES
)]
pub struct ProvisionArgs {
    /// The instances.
    #[command(flatten)]
    pub pattern: Pattern,

    /// Show the steps with their reasons and do nothing; exits 5 when there are any
    #[arg(long)]
    pub check: bool,

    /// Show the changed parts of domain and cloud-init documents
    #[arg(long)]
    pub diff: bool,

    /// Restart a running instance where a change needs it
    #[arg(long)]
    pub restart: bool,

    /// Make the disk anew from the base image; what is on it is lost
    #[arg(long)]
    pub rebuild: bool,
}

/// Provisions instances.
///
/// # Errors
/// When the inventory or the pattern is invalid.
pub fn run(args: &ProvisionArgs, context: &Context) -> Result<Exit, CommandError> {
    let task = Task {
        pattern: &args.pattern.pattern,
        purpose: Purpose::Provision(ProvisionOptions {
            rebuild: args.rebuild,
            restart: args.restart,
        }),
        check: args.check,
        diff: args.diff,
        verb: "provision",
        question: ("Delete these disks and make them anew?", false),
    };
    guests::run(&task, context)
}
