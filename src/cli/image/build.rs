use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

use clap::Args;

use crate::{
    cli::{command_error::CommandError, context::Context},
    plan::{Exit, Failure, FailureKind},
};

/// The recipe, which is also run by itself as `scripts/build-image`.
const RECIPE: &str = include_str!("../../../scripts/build-image");

const EXAMPLES: &str = "\
Examples:
  sudo swarmctl image build /srv/images/guest.qcow2
  sudo swarmctl image build /srv/images/noble.qcow2 --suite noble
Then: vm_image: /srv/images/guest.qcow2";

/// Arguments of `swarmctl image build`.
#[derive(Args, Debug)]
#[command(
    about = "Build an image from the distribution's own packages",
    long_about = "Build a Secure Boot image from the distribution's own packages, for machines that can't \
        download one. Needs root, mmdebstrap and the distribution's package archive; takes a minute \
        or two. The file appears whole or not at all.",
    after_long_help = EXAMPLES
)]
pub struct BuildArgs {
    /// Where to write it (qcow2)
    #[arg(value_name = "OUT")]
    pub out: PathBuf,

    /// The release to build; default: this machine's own
    #[arg(long, value_name = "NAME")]
    pub suite: Option<String>,

    /// Put this machine's extra CA certificates into the image
    #[arg(long)]
    pub host_cas: bool,
}

/// Builds an image.
///
/// # Errors
/// When the recipe can't be run or fails.
pub fn run(args: &BuildArgs, context: &Context) -> Result<Exit, CommandError> {
    let out = context.environment.working_directory.join(&args.out);
    let failed = |error: &std::io::Error| {
        Failure::from_error(FailureKind::Failed, error)
            .context("failed to run the recipe with bash")
            .hint("install bash, and see that the temporary folder can be written")
    };
    let mut recipe = tempfile::NamedTempFile::new().map_err(|e| failed(&e))?;
    recipe
        .write_all(RECIPE.as_bytes())
        .map_err(|e| failed(&e))?;
    let mut command = Command::new("bash");
    command.arg(recipe.path()).arg(&out).stdin(Stdio::null());
    if let Some(suite) = &args.suite {
        command.args(["--suite", suite]);
    }
    if args.host_cas {
        command.arg("--host-cas");
    }
    // Its talk is progress, and standard output is for the result.
    command.stdout(Stdio::null());
    let status = command.status().map_err(|e| failed(&e))?;
    if !status.success() {
        return Err(Failure::new(
            FailureKind::Failed,
            format!("the image could not be built: the recipe ended with {status}"),
        )
        .hint("what it said last stands above; it needs root and mmdebstrap, mtools, gdisk, qemu-utils")
        .into());
    }
    context.output.data(&out.display().to_string());
    Ok(Exit::Done)
}
