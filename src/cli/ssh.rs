use std::{os::unix::process::CommandExt, time::Duration};

use clap::Args;

use super::{command_error::CommandError, context::Context, loaded::Loaded};
use crate::{
    plan::{Exit, Failure, FailureKind},
    transport::{Target, ssh_command},
};

/// How long the connection may take unless `--timeout` says otherwise, as with
/// Ansible.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

const EXAMPLES: &str = "\
Examples:
  swarmctl ssh zap
  swarmctl ssh zap --user root
  swarmctl ssh zap -- systemctl --failed";

/// Arguments of `swarmctl ssh`.
#[derive(Args, Debug)]
#[command(
    about = "Open a shell on an instance, or run a command there",
    long_about = "Open a shell on an instance, or run a command there, with the pinned host key.\n\n\
        Runs OpenSSH with the inventory's address, port, user and key; ends with its exit code.",
    after_long_help = EXAMPLES
)]
pub struct SshArgs {
    /// The instance
    #[arg(value_name = "NAME")]
    pub name: String,

    /// Log in as this user; default: ansible_user, else the first of vm_users
    #[arg(long, value_name = "USER")]
    pub user: Option<String>,

    /// The command to run there
    #[arg(value_name = "CMD", last = true)]
    pub command: Vec<String>,
}

/// Becomes the ssh process.
///
/// # Errors
/// When the inventory or the name is invalid, or OpenSSH can't be started.
pub fn run(args: &SshArgs, context: &Context) -> Result<Exit, CommandError> {
    let loaded = Loaded::new(context)?;
    let connection = loaded.instance(&args.name)?.connection;
    let target = Target {
        host: connection.host,
        port: connection.port,
        user: args.user.clone().or(connection.user),
        private_key_file: connection.private_key_file,
        agent: None,
        ssh_args: connection.ssh_args,
        known_hosts: loaded.fleet.state().known_hosts().path(),
        connect_timeout: context.global.timeout_or(CONNECT_TIMEOUT),
    };
    let terminal = context.output.terminal();
    let wants_terminal = !args.command.is_empty() && terminal.stdin && terminal.stdout;
    let error = ssh_command(&target, wants_terminal, &args.command).exec();
    Err(Failure::from_error(FailureKind::Failed, &error)
        .context("failed to start ssh")
        .hint("install the OpenSSH client (Debian, Ubuntu: openssh-client)")
        .into())
}
