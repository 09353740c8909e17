use std::path::PathBuf;

use clap::Args;

use super::{args, command_error::CommandError, context::Context};
use crate::plan::{Exit, Failure, FailureKind};

const EXAMPLES: &str = "\
Examples:
  swarmctl man | man -l -                         read it
  swarmctl man ~/.local/share/man/man1            write a page for each verb";

/// Arguments of `swarmctl man`.
#[derive(Args, Debug)]
#[command(
    about = "Print the manual page",
    long_about = "Print the manual page, or write one page for each verb into a directory.",
    after_long_help = EXAMPLES
)]
pub struct ManArgs {
    /// Write swarmctl.1, swarmctl-check.1 and so on here
    #[arg(value_name = "DIR")]
    pub directory: Option<PathBuf>,
}

/// Prints the page, or writes all of them.
///
/// # Errors
/// When a file can't be written.
pub fn run(args: &ManArgs, context: &Context) -> Result<Exit, CommandError> {
    if let Some(directory) = &args.directory {
        std::fs::create_dir_all(directory)
            .and_then(|()| clap_mangen::generate_to(args::command(), directory))
            .map_err(|error| {
                Failure::from_error(FailureKind::Failed, &error).context(format!(
                    "failed to write manual pages to {}",
                    directory.display()
                ))
            })?;
        return Ok(Exit::Done);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(args::command())
        .render(&mut page)
        .map_err(|error| Failure::from_error(FailureKind::Failed, &error))?;
    context.output.raw(&String::from_utf8_lossy(&page));
    Ok(Exit::Done)
}
