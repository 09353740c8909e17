use std::ffi::OsString;

use clap::{Arg, ArgMatches, Args as _, ColorChoice, Command, FromArgMatches, Subcommand};

use super::global::Global;
use super::{check, completions, customize, exec, facts, init, install, inventory, man, play, ssh};
#[cfg(feature = "libvirt")]
use super::{console, deploy, destroy, image, list, provision, restart, start, stop};

/// Shown below the reference of every verb; docs/exit-codes.md has the same table.
const EXIT_CODES: &str = "\
Exit codes:
    0  done, or nothing to do
    1  failed on at least one instance
    2  the command line is wrong
    3  the inventory or the configuration is invalid
    4  an instance or a hypervisor can't be reached
    5  --check found changes
    6  refused or declined
   75  locked by another run
  130  interrupted";

/// A parsed command line.
pub struct Cli {
    /// The options that every verb has.
    pub global: Global,
    /// What to do.
    pub verb: Verb,
}

/// What to do. Each verb's file says what it is about.
#[derive(Subcommand)]
pub enum Verb {
    Init(init::InitArgs),
    Check(check::CheckArgs),
    /// Show what the inventory says
    #[command(subcommand)]
    Inventory(inventory::InventoryVerb),
    #[cfg(feature = "libvirt")]
    List(list::ListArgs),
    #[cfg(feature = "libvirt")]
    Provision(provision::ProvisionArgs),
    #[cfg(feature = "libvirt")]
    Start(start::StartArgs),
    #[cfg(feature = "libvirt")]
    Stop(stop::StopArgs),
    #[cfg(feature = "libvirt")]
    Restart(restart::RestartArgs),
    #[cfg(feature = "libvirt")]
    Destroy(destroy::DestroyArgs),
    #[cfg(feature = "libvirt")]
    Deploy(deploy::DeployArgs),
    Install(install::InstallArgs),
    Customize(customize::CustomizeArgs),
    Play(play::PlayArgs),
    Exec(exec::ExecArgs),
    Facts(facts::FactsArgs),
    Ssh(ssh::SshArgs),
    #[cfg(feature = "libvirt")]
    Console(console::ConsoleArgs),
    /// Look after base images
    #[cfg(feature = "libvirt")]
    #[command(subcommand)]
    Image(image::ImageVerb),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

impl Cli {
    /// Parses `args`, the program's name first.
    ///
    /// # Errors
    /// A usage error, or help and version to be printed.
    pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let args: Vec<OsString> = args.into_iter().collect();
        let mut command = command();
        // clap writes its own errors before the options are known.
        if args.iter().any(|arg| arg == "--no-color") {
            command = command.color(ColorChoice::Never);
        }
        let matches = command.try_get_matches_from_mut(args)?;
        let global = globals(&matches).map_err(|error| error.format(&mut command))?;
        let verb = Verb::from_arg_matches(&matches)?;
        Ok(Self { global, verb })
    }
}

/// Returns the whole command line: every verb, every option.
pub fn command() -> Command {
    Verb::augment_subcommands(Command::new("swarmctl"))
        .args(global_args())
        .mut_subcommands(with_globals)
        .version(env!("CARGO_PKG_VERSION"))
        .about("Runs fleets of OpenClaw agents on plain libvirt/KVM")
        .long_about(
            "Runs fleets of OpenClaw agents on plain libvirt/KVM.\n\n\
             What should be stands in an Ansible-style inventory; each command reads it, looks \
             at what is, and closes the difference. Changes can be seen first with --check. \
             The fleet directory is found by walking up from the working directory.",
        )
        .after_help(EXIT_CODES)
        .max_term_width(100)
        .subcommand_required(true)
        .arg_required_else_help(true)
}

/// Adds the global options to a verb and its verbs. clap's own `global` would drop
/// `-e a=1` of `swarmctl -e a=1 check -e b=2`, so each level has its own and
/// [`globals`] merges them.
fn with_globals(command: Command) -> Command {
    command
        .args(global_args().map(|arg| arg.hide_short_help(true)))
        .mut_subcommands(with_globals)
}

/// Returns the global options alone: `augment_args` on a verb would replace what
/// the verb says about itself.
fn global_args() -> impl Iterator<Item = Arg> {
    let holder = Global::augment_args(Command::new("global"));
    let args: Vec<Arg> = holder.get_arguments().cloned().collect();
    args.into_iter()
}

/// Returns the global options of all levels, merged.
fn globals(matches: &ArgMatches) -> Result<Global, clap::Error> {
    let mut global = Global::from_arg_matches(matches)?;
    let mut level = matches.subcommand();
    while let Some((_, matches)) = level {
        global = global.merge(Global::from_arg_matches(matches)?)?;
        level = matches.subcommand();
    }
    Ok(global)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::parse(line.split(' ').map(OsString::from))
    }

    #[test]
    fn the_definition_holds_together() {
        command().debug_assert();
    }

    #[test]
    fn global_options_of_all_levels_add_up() {
        let line = "swarmctl -e a=1 -i x inventory -q -e b=2 list -e c=3 -i y -C /fleet";
        let global = parse(line).unwrap().global;
        assert_eq!(global.extra_vars, ["a=1", "b=2", "c=3"]);
        assert_eq!(global.inventory, ["x", "y"]);
        assert!(global.quiet && !global.verbose);
        assert_eq!(global.fleet.unwrap().to_str(), Some("/fleet"));
    }

    #[test]
    fn a_limit_given_twice_is_refused_not_dropped() {
        for line in [
            "swarmctl -l a check -l b",
            "swarmctl check -l a -l b",
            "swarmctl -l a -l b check",
        ] {
            let Err(error) = parse(line) else {
                panic!("{line} was accepted")
            };
            assert!(error.to_string().contains("--limit"), "{error}");
            assert_eq!(error.exit_code(), 2);
        }
    }

    #[test]
    fn usage_errors_exit_2() {
        for line in [
            "swarmctl",
            "swarmctl frobnicate",
            "swarmctl check --frobnicate",
            "swarmctl check -f 0",
            "swarmctl check --timeout soon",
            "swarmctl check -o xml",
            "swarmctl check -q -v",
        ] {
            let Err(error) = parse(line) else {
                panic!("{line} was accepted")
            };
            assert_eq!(error.exit_code(), 2, "{line}");
        }
    }
}
