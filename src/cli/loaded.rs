use std::path::{Path, PathBuf};

use super::{command_error::CommandError, context::Context, vault};
use crate::{
    fleet::FleetDir,
    inventory::{Connection, Instance, Inventory, LoadOptions, is_instance},
    plan::{Diagnostics, Failure, FailureKind, Severity},
    secret::Redactor,
    select::{self, SelectError},
};

/// A fleet directory with its inventory.
pub struct Loaded<'c> {
    context: &'c Context,
    /// The directory.
    pub fleet: &'c FleetDir,
    /// The inventory.
    pub inventory: Inventory,
    /// Where it was read from, as named.
    pub sources: Vec<String>,
}

impl<'c> Loaded<'c> {
    /// Finds the fleet directory, loads its inventory, and warns of what is odd.
    ///
    /// # Errors
    /// When there is no fleet directory, or anything in its files is invalid.
    pub fn new(context: &'c Context) -> Result<Self, CommandError> {
        let loaded = Self::without_warnings(context)?;
        let warnings = Diagnostics(loaded.inventory.warnings().to_vec());
        context.output.diagnostics(&warnings, context.bases());
        Ok(loaded)
    }

    /// Does the same without a word, for a verb that shows the warnings itself.
    ///
    /// # Errors
    /// As [`Loaded::new`].
    pub fn without_warnings(context: &'c Context) -> Result<Self, CommandError> {
        let fleet = context.fleet()?;
        let passwords = vault::passwords(context)?;
        let mut sources = context.global.inventory.clone();
        if sources.is_empty() {
            let own = fleet.default_inventory_sources();
            sources.extend(own.iter().map(|path| path.display().to_string()));
        }
        let inventory = Inventory::load(&LoadOptions {
            sources: &sources,
            fleet_root: Some(fleet.root()),
            extra_vars: &context.global.extra_vars,
            vault: &passwords,
        })?;
        let mut redactor = Redactor::new();
        inventory.teach(&mut redactor);
        let redact = move |text: &str| redactor.redact(text).into_owned();
        context.output.redact_with(Box::new(redact));
        Ok(Self {
            context,
            fleet,
            inventory,
            sources,
        })
    }

    /// Returns the hosts that `pattern` and `--limit` name.
    ///
    /// # Errors
    /// When one of them is empty or names nothing.
    pub fn select(&self, pattern: &str) -> Result<Vec<String>, CommandError> {
        let base = &self.context.environment.working_directory;
        let limit = self.context.global.limit.as_deref();
        // To Ansible these mean all hosts; here they are more likely a shell variable
        // that is not set, and `destroy` must not take that for everything.
        if pattern.trim().is_empty() || limit.is_some_and(|limit| limit.trim().is_empty()) {
            return Err(CommandError::usage(
                "a pattern is empty",
                "name instances or groups; `all` means every one",
            ));
        }
        let limit = limit
            .map(|limit| {
                select::expand_limit(limit, |path| std::fs::read_to_string(base.join(path)))
            })
            .transpose()?;
        let hosts = select::select(pattern, limit.as_deref(), &self.inventory)?;
        if hosts.is_empty() {
            let message = match &self.context.global.limit {
                Some(limit) => format!("no host matches {pattern:?} and --limit {limit:?}"),
                None => format!("no host matches {pattern:?}"),
            };
            let hint = "`swarmctl inventory list` shows hosts and groups";
            return Err(Failure::new(FailureKind::Invalid, message)
                .hint(hint)
                .into());
        }
        Ok(hosts)
    }

    /// Returns the instances that `pattern` and `--limit` name. Hosts that are no
    /// instances are left out of groups and globs.
    ///
    /// # Errors
    /// When one of them is invalid, or none is left.
    pub fn instances(&self, pattern: &str) -> Result<Vec<Instance>, CommandError> {
        self.typed(&self.select(pattern)?, pattern)
    }

    /// Returns the one instance called `name`.
    ///
    /// # Errors
    /// When there is no such host, when it is no instance, or when it is invalid.
    pub fn instance(&self, name: &str) -> Result<Instance, CommandError> {
        let mut instances = self.instances(name)?;
        match (instances.pop(), instances.is_empty()) {
            (Some(instance), true) => Ok(instance),
            _ => Err(CommandError::usage(
                format!("{name:?} names several instances"),
                "name one",
            )),
        }
    }

    /// Refuses hosts that are instances but invalid ones: how to reach them can't be known.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn refuse_invalid(&self, hosts: &[String]) -> Result<(), CommandError> {
        let is_one = |host: &&String| is_instance(&self.inventory.vars(host));
        let instances: Vec<String> = hosts.iter().filter(is_one).cloned().collect();
        if !instances.is_empty() {
            self.typed(&instances, "all")?;
        }
        Ok(())
    }

    /// Returns every instance of the fleet, for what must be unique in it.
    ///
    /// # Errors
    /// When one of them is invalid.
    #[cfg(feature = "libvirt")]
    pub fn all_instances(&self) -> Result<Vec<Instance>, CommandError> {
        let hosts: Vec<String> = self.inventory.hosts().map(str::to_owned).collect();
        self.typed(&hosts, "all")
    }

    /// Returns how an instance is reached, where `host` is one and is valid.
    pub fn connection(&self, host: &str) -> Option<Connection> {
        let vars = self.inventory.vars(host);
        if !is_instance(&vars) {
            return None;
        }
        let groups = self.inventory.groups_of(host);
        let home = self.context.environment.home.as_deref();
        let typed = Instance::from_vars(host, &groups, vars, self.fleet.root(), home);
        typed.ok().map(|(instance, _)| instance.connection)
    }

    /// Returns the directories that may hold `group_vars/` and `host_vars/`: next to
    /// each source, and the fleet's root.
    pub fn variable_roots(&self) -> Vec<PathBuf> {
        let base = &self.context.environment.working_directory;
        let mut roots = vec![self.fleet.root().to_owned()];
        for source in &self.sources {
            let path = base.join(source);
            let root = if path.is_dir() {
                Some(path.as_path())
            } else {
                path.parent()
            };
            if let Some(root) = root.map(Path::to_owned)
                && !roots.contains(&root)
            {
                roots.push(root);
            }
        }
        roots
    }

    fn typed(&self, hosts: &[String], pattern: &str) -> Result<Vec<Instance>, CommandError> {
        let home = self.context.environment.home.as_deref();
        let (mut instances, mut found) = (Vec::new(), Diagnostics::default());
        for host in hosts {
            let vars = self.inventory.vars(host);
            if !is_instance(&vars) {
                continue;
            }
            let groups = self.inventory.groups_of(host);
            match Instance::from_vars(host, &groups, vars, self.fleet.root(), home) {
                Ok((instance, warnings)) => {
                    found.0.extend(warnings);
                    instances.push(instance);
                }
                Err(errors) => found.0.extend(errors.0),
            }
        }
        if found.has_errors() {
            found.0.retain(|one| one.severity == Severity::Error);
            return Err(found.into());
        }
        if instances.is_empty() {
            let message =
                format!("{pattern:?} names no instance: none of the hosts has vm_* variables");
            let hint = "`swarmctl inventory schema` describes them";
            return Err(Failure::new(FailureKind::Invalid, message)
                .hint(hint)
                .into());
        }
        self.context
            .output
            .diagnostics(&found, self.context.bases());
        Ok(instances)
    }
}

impl From<SelectError> for CommandError {
    fn from(error: SelectError) -> Self {
        let failure = Failure::from_error(FailureKind::Invalid, &error);
        let failure = Failure {
            causes: vec![format!("failed to {failure}")],
            ..failure
        };
        match error {
            SelectError::Regex { .. } => {
                Self::Usage(failure.hint("the pattern is a regular expression because of its ~"))
            }
            _ => failure
                .hint("`swarmctl inventory list` shows hosts and groups")
                .into(),
        }
    }
}
