use std::{collections::HashMap, path::PathBuf, time::Duration};

use crate::{inventory::split_words, plan::Diagnostic, play::vars::Scope, transport::Target};

/// How the hosts of a run are reached.
#[derive(Clone, Debug)]
pub struct Reach {
    /// Instances, by inventory name: their connection is typed already.
    pub instances: HashMap<String, Target>,
    /// The pinned host keys.
    pub known_hosts: PathBuf,
    /// The socket of the SSH agent.
    pub agent: Option<PathBuf>,
    /// How long one connection may take.
    pub connect_timeout: Duration,
    /// What relative key paths are relative to.
    pub root: PathBuf,
    /// What `~` stands for in key paths.
    pub home: Option<PathBuf>,
}

impl Reach {
    /// Returns how to reach `host`: as an instance, else by its `ansible_*` variables.
    ///
    /// # Errors
    /// When a variable can't be rendered or isn't what it should be.
    pub fn target(
        &self,
        host: &str,
        user: Option<&str>,
        scope: &Scope,
    ) -> Result<Target, Diagnostic> {
        let mut target = match self.instances.get(host) {
            Some(target) => target.clone(),
            None => self.by_variables(host, scope)?,
        };
        if let Some(user) = user {
            target.user = Some(user.to_owned());
        }
        Ok(target)
    }

    fn by_variables(&self, host: &str, scope: &Scope) -> Result<Target, Diagnostic> {
        let port = match scope.text("ansible_port")? {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| {
                Diagnostic::error(
                    None,
                    format!("{host}: ansible_port is {text:?}, not a port"),
                )
                .hint("write a number from 1 to 65535")
            })?),
        };
        let mut ssh_args = Vec::new();
        for name in ["ansible_ssh_common_args", "ansible_ssh_extra_args"] {
            if let Some(text) = scope.text(name)? {
                ssh_args.extend(split_words(&text).ok_or_else(|| {
                    Diagnostic::error(None, format!("{host}: {name} has an open quote"))
                        .hint("close the quote")
                })?);
            }
        }
        let key = scope.text("ansible_ssh_private_key_file")?;
        Ok(Target {
            host: scope
                .text("ansible_host")?
                .unwrap_or_else(|| host.to_owned()),
            port,
            user: scope.text("ansible_user")?,
            private_key_file: key.map(|key| self.path(&key)),
            agent: self.agent.clone(),
            ssh_args,
            known_hosts: self.known_hosts.clone(),
            connect_timeout: self.connect_timeout,
        })
    }

    fn path(&self, text: &str) -> PathBuf {
        match (text.strip_prefix("~/"), &self.home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => self.root.join(text),
        }
    }
}
