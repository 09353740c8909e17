use clap::Args;
use serde_json::json;

use super::{
    command_error::CommandError, context::Context, guests, interrupt::block_on, loaded::Loaded,
};
use crate::{
    observe,
    plan::Exit,
    report::{self, Format},
};

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
    let output = &context.output;
    match output.format() {
        Format::Table => output.data(&report::instances(&rows, output.data_painter())),
        Format::Json | Format::Yaml => {
            output.document("swarmctl/list/1", &json!({ "instances": rows }))?;
        }
    }
    let mut exit = Exit::Done;
    for failure in failures {
        exit = exit.worse(CommandError::from(failure).report(context));
    }
    Ok(exit)
}
