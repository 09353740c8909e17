use std::path::PathBuf;

use clap::Args;

use super::{command_error::CommandError, context::Context};
use crate::{
    fleet,
    plan::Exit,
    report::{Format, text::printable},
};

const EXAMPLES: &str = "\
Examples:
  swarmctl init ~/fleet          write a new fleet directory
  cd ~/fleet && swarmctl check   see that it is sound";

/// Arguments of `swarmctl init`.
#[derive(Args, Debug)]
#[command(
    about = "Write a new fleet directory with a commented example",
    long_about = "Write a new fleet directory with a commented example.\n\n\
        Makes inventory/, group_vars/ and host_vars/ with one instance to start from. When one of \
        the files is there already, nothing is written.",
    after_long_help = EXAMPLES
)]
pub struct InitArgs {
    /// The directory; made when it is missing
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,

    /// Overwrite the example's files where they are there already
    #[arg(long)]
    pub force: bool,
}

/// Writes the directory.
///
/// # Errors
/// When files are in the way, or can't be written.
pub fn run(args: &InitArgs, context: &Context) -> Result<Exit, CommandError> {
    let base = &context.environment.working_directory;
    let written = fleet::init(&base.join(&args.directory), args.force)?;
    let shown: Vec<String> = written
        .iter()
        .map(|path| context.bases().shown(path))
        .collect();
    match context.output.format() {
        Format::Table => {
            for name in &shown {
                context.output.data(&printable(name));
            }
            let next = format!("next: swarmctl -C {} check", args.directory.display());
            context.output.talk(&printable(&next));
        }
        Format::Json | Format::Yaml => {
            let body = serde_json::json!({ "written": shown });
            context.output.document("swarmctl/init/1", &body)?;
        }
    }
    Ok(Exit::Done)
}
