//! Arguments only, one file per verb: arguments to one call into the library to a report.
//!
//! The only room that reads the environment, the working directory and the
//! terminal. It must not know how anything works.

mod args;
mod check;
mod command_error;
mod completions;
mod context;
mod customize;
mod environment;
mod exec;
mod facts;
mod global;
#[cfg(feature = "libvirt")]
mod guests;
mod init;
mod install;
mod inventory;
mod loaded;
mod man;
mod pattern;
mod play;
mod play_files;
mod plays;
mod shipped;
mod ssh;
mod vault;

#[cfg(feature = "libvirt")]
mod console;
#[cfg(feature = "libvirt")]
mod deploy;
#[cfg(feature = "libvirt")]
mod destroy;
#[cfg(feature = "libvirt")]
mod image;
mod interrupt;
#[cfg(feature = "libvirt")]
mod list;
#[cfg(feature = "libvirt")]
mod plans;
#[cfg(feature = "libvirt")]
mod provision;
#[cfg(feature = "libvirt")]
mod restart;
#[cfg(feature = "libvirt")]
mod start;
#[cfg(feature = "libvirt")]
mod stop;

use std::process::ExitCode;

use crate::plan::{Exit, Failure, FailureKind};

use self::{
    args::{Cli, Verb},
    command_error::CommandError,
    context::Context,
    environment::Environment,
};

/// Runs the command line and returns the exit code.
pub fn main() -> ExitCode {
    let environment = Environment::read();
    let cli = match Cli::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => {
            // Printing help to a reader that left is no failure.
            drop(error.print());
            return ExitCode::from(if error.use_stderr() {
                Exit::Usage.code()
            } else {
                Exit::Done.code()
            });
        }
    };
    let context = Context::new(cli.global, environment);
    let exit = match run(cli.verb, &context) {
        Ok(exit) => exit,
        Err(error) => error.report(&context),
    };
    let exit = match context.output.finish() {
        Ok(()) => exit,
        Err(error) => {
            let failure = Failure::from_error(FailureKind::Failed, &error)
                .context("failed to write to standard output");
            exit.worse(CommandError::from(failure).report(&context))
        }
    };
    ExitCode::from(exit.code())
}

fn run(verb: Verb, context: &Context) -> Result<Exit, CommandError> {
    match verb {
        Verb::Init(args) => init::run(&args, context),
        Verb::Check(args) => check::run(&args, context),
        Verb::Inventory(verb) => inventory::run(verb, context),
        #[cfg(feature = "libvirt")]
        Verb::List(args) => list::run(&args, context),
        #[cfg(feature = "libvirt")]
        Verb::Provision(args) => provision::run(&args, context),
        #[cfg(feature = "libvirt")]
        Verb::Start(args) => start::run(&args, context),
        #[cfg(feature = "libvirt")]
        Verb::Stop(args) => stop::run(&args, context),
        #[cfg(feature = "libvirt")]
        Verb::Restart(args) => restart::run(&args, context),
        #[cfg(feature = "libvirt")]
        Verb::Destroy(args) => destroy::run(&args, context),
        #[cfg(feature = "libvirt")]
        Verb::Deploy(args) => deploy::run(&args, context),
        Verb::Install(args) => install::run(&args, context),
        Verb::Customize(args) => customize::run(&args, context),
        Verb::Play(args) => play::run(&args, context),
        Verb::Exec(args) => exec::run(&args, context),
        Verb::Facts(args) => facts::run(&args, context),
        Verb::Ssh(args) => ssh::run(&args, context),
        #[cfg(feature = "libvirt")]
        Verb::Console(args) => console::run(&args, context),
        #[cfg(feature = "libvirt")]
        Verb::Image(verb) => image::run(verb, context),
        Verb::Completions(args) => completions::run(&args, context),
        Verb::Man(args) => man::run(&args, context),
    }
}
