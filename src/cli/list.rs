use super::{
    command_error::CommandError, context::Context, guests, interrupt::block_on, loaded::Loaded,
};
use crate::{observe, plan::Exit, report};
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  swarmctl list
  swarmctl list 'agents:!mid'
  swarmctl list -o json | jq '.instances[] | select(.state != \"running\")'";

/// Arguments of `swarmctl list`.
#[derive(Args, Debug)]
#[command(
    about = "List instances with their state on the hypervisor",
    long_about = "List instances with their state on the hypervisor: name, domain, state, IP, vCPUs, \
        memory, disk, autostart, uptime, and what has drifted from the inventory.\n\n\
        A hypervisor that can't be reached is named, the others are listed, and the exit code is 4.",
    after_long_help = EXAMPLES
)]
pub struct ListArgs {
    /// Instances to list; default: all
    #[arg(value_name = "PATTERN")]
    pub pattern: Option<String>,
}

/// Lists instances.
///
/// # Errors
/// When the inventory or the pattern is invalid.
pub fn run(args: &ListArgs, context: &Context) -> Result<Exit, CommandError> {
    let loaded = Loaded::new(context)?;
    let pattern = args.pattern.as_deref().unwrap_or("all");
    let instances = loaded.instances(pattern)?;
    let env = guests::environment(context, &loaded, "list");
    let (rows, failures) = block_on(context, async |_cancel| {
        observe::instances(&instances, &env).await
    })?;
    let names = ("swarmctl/list/1", "instances");
    guests::show(context, &rows, failures, report::instances, names)
}
