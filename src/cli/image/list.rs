use crate::{
    cli::{
        command_error::CommandError, context::Context, guests, interrupt::block_on, loaded::Loaded,
    },
    observe,
    plan::Exit,
    report,
};
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  swarmctl image list
  swarmctl image list -o json";

/// Arguments of `swarmctl image list`.
#[derive(Args, Debug)]
#[command(
    about = "List base images and who uses them",
    long_about = "List the base images of the fleet's instances: where they come from, whether they are in \
        the pool of each hypervisor, and whose inventory names them.",
    after_long_help = EXAMPLES
)]
pub struct ListArgs {}

/// Lists base images.
///
/// # Errors
/// When the inventory or the pattern is invalid.
pub fn run(_args: &ListArgs, context: &Context) -> Result<Exit, CommandError> {
    let loaded = Loaded::new(context)?;
    let instances = loaded.instances("all")?;
    let env = guests::environment(context, &loaded, "image list");
    let (rows, failures) = block_on(context, async |_cancel| {
        observe::images(&instances, &env).await
    })?;
    let names = ("swarmctl/image-list/1", "images");
    guests::show(context, &rows, failures, report::images, names)
}
