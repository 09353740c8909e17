use std::time::Duration;

use crate::{inventory::Instance, plan::Failure, transport::Target};

use super::env::GuestEnv;

/// Returns how to reach the guest over SSH, with its pinned host key.
///
/// # Errors
/// When the fleet's state directory can't be made.
pub fn target(
    instance: &Instance,
    env: &GuestEnv,
    connect_timeout: Duration,
) -> Result<Target, Failure> {
    let connection = &instance.connection;
    Ok(Target {
        host: connection.host.clone(),
        port: connection.port,
        user: connection.user.clone(),
        private_key_file: connection.private_key_file.clone(),
        agent: env.ssh_agent.clone(),
        ssh_args: connection.ssh_args.clone(),
        known_hosts: env.fleet.state().known_hosts().path(),
        connect_timeout,
    })
}
