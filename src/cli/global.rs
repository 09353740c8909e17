use std::{path::PathBuf, time::Duration};

use clap::{
    Args, ValueEnum,
    builder::{NonEmptyStringValueParser, PossibleValue},
    error::{ContextKind, ContextValue, ErrorKind},
    value_parser,
};

use crate::report::{Format, Verbosity};

/// How many instances are worked on at once unless `--forks` says otherwise, as
/// in Ansible.
const DEFAULT_FORKS: usize = 5;

/// The options that every verb has, before or after it.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Fleet directory; default: $SWARMCTL_FLEET, else found from the working directory up
    #[arg(short = 'C', long, value_name = "DIR")]
    pub fleet: Option<PathBuf>,

    /// Inventory file or directory; can be repeated, later ones win. Default: the fleet's
    /// inventory/
    #[arg(short, long, value_name = "PATH", value_parser = NonEmptyStringValueParser::new())]
    pub inventory: Vec<String>,

    /// Work only on hosts that match this pattern too; @FILE reads names from a file
    #[arg(short, long, value_name = "PATTERN")]
    pub limit: Option<String>,

    /// Variables that win over all others: NAME=VALUE, JSON or YAML, or @FILE; can be repeated
    #[arg(short, long, value_name = "VARS")]
    pub extra_vars: Vec<String>,

    /// How many instances to work on at once (default: 5)
    #[arg(short, long, value_name = "N", value_parser = value_parser!(u16).range(1..=1000))]
    pub forks: Option<u16>,

    /// Shape of the output (default: table)
    #[arg(short, long, value_name = "FORMAT")]
    pub output: Option<Format>,

    /// Do it without asking
    #[arg(short, long)]
    pub yes: bool,

    /// Say nothing but errors
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Say more: reasons, and what is waited for
    #[arg(short, long)]
    pub verbose: bool,

    /// How long to wait for an instance before giving up
    #[arg(long, value_name = "SECONDS", value_parser = value_parser!(u64).range(1..=86_400))]
    pub timeout: Option<u64>,

    /// No colour; $NO_COLOR does the same
    #[arg(long)]
    pub no_color: bool,

    /// File with the vault password, or a program that prints it; can be repeated. Default:
    /// $ANSIBLE_VAULT_PASSWORD_FILE
    #[arg(long, value_name = "FILE")]
    pub vault_password_file: Vec<PathBuf>,

    /// Vault password for one vault id: ID@FILE; can be repeated
    #[arg(long, value_name = "ID@FILE")]
    pub vault_id: Vec<String>,
}

impl Global {
    /// Returns these options with those of a deeper level added.
    ///
    /// # Errors
    /// When both give an option that can be given once: to drop one of two limits
    /// in silence could hit the wrong machines.
    pub fn merge(self, deeper: Self) -> Result<Self, clap::Error> {
        Ok(Self {
            fleet: once(self.fleet, deeper.fleet, "--fleet <DIR>")?,
            inventory: joined(self.inventory, deeper.inventory),
            limit: once(self.limit, deeper.limit, "--limit <PATTERN>")?,
            extra_vars: joined(self.extra_vars, deeper.extra_vars),
            forks: once(self.forks, deeper.forks, "--forks <N>")?,
            output: once(self.output, deeper.output, "--output <FORMAT>")?,
            yes: self.yes || deeper.yes,
            quiet: self.quiet || deeper.quiet,
            verbose: self.verbose || deeper.verbose,
            timeout: once(self.timeout, deeper.timeout, "--timeout <SECONDS>")?,
            no_color: self.no_color || deeper.no_color,
            vault_password_file: joined(self.vault_password_file, deeper.vault_password_file),
            vault_id: joined(self.vault_id, deeper.vault_id),
        })
    }

    /// Returns how many instances are worked on at once.
    pub fn forks(&self) -> usize {
        self.forks.map_or(DEFAULT_FORKS, usize::from)
    }

    /// Returns how long to wait, `default` unless the user said otherwise.
    pub fn timeout_or(&self, default: Duration) -> Duration {
        self.timeout.map_or(default, Duration::from_secs)
    }

    /// Returns how much is said.
    pub fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, true) => Verbosity::Verbose,
            (false, false) => Verbosity::Normal,
        }
    }
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Table, Self::Json, Self::Yaml]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Yaml => "yaml",
        }))
    }
}

fn joined<T>(mut first: Vec<T>, second: Vec<T>) -> Vec<T> {
    first.extend(second);
    first
}

fn once<T>(first: Option<T>, second: Option<T>, name: &str) -> Result<Option<T>, clap::Error> {
    if first.is_some() && second.is_some() {
        let name = ContextValue::String(name.to_owned());
        let mut error = clap::Error::new(ErrorKind::ArgumentConflict);
        error.insert(ContextKind::InvalidArg, name.clone());
        error.insert(ContextKind::PriorArg, name);
        return Err(error);
    }
    Ok(second.or(first))
}
