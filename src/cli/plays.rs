//! What the verbs that run playbooks share: read them, reach hosts, run, report.

use std::{collections::HashMap, path::PathBuf, sync::Arc, time::Duration};

use clap::Args;

use super::{
    command_error::CommandError, context::Context, interrupt::block_on, loaded::Loaded,
    play_files::FleetFiles, vault,
};
use crate::{
    fleet::FleetDir,
    inventory::Inventory,
    plan::{Cancel, Exit},
    play::{
        Modules,
        hosts::{Reach, RemoteHands},
        parse::{Playbook, Reader, TagFilter},
        run::{Engine, EventSink, RunOptions},
        vars::{Controller, World},
    },
    report::{PlayDrawer, play_exit},
    secret::Redactor,
    transport::Target,
};

/// How long a connection may take unless `--timeout` says otherwise, as with Ansible.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How often it is looked whether the user wants to stop.
const LOOK: Duration = Duration::from_millis(100);

/// How playbooks are run.
#[derive(Args, Clone, Debug, Default)]
pub struct How {
    /// Only tasks with one of these tags; comma-separated, can be repeated
    #[arg(short, long, value_name = "TAGS")]
    pub tags: Vec<String>,

    /// No tasks with one of these tags; comma-separated, can be repeated
    #[arg(long, value_name = "TAGS")]
    pub skip_tags: Vec<String>,

    /// Change nothing, and say what would be changed; exits 5 if anything
    #[arg(long)]
    pub check: bool,

    /// Show the differences in files
    #[arg(long)]
    pub diff: bool,
}

impl How {
    /// Returns which tasks run.
    pub fn filter(&self) -> TagFilter {
        TagFilter::new(&self.tags, &self.skip_tags)
    }
}

/// What reads playbooks, and what is known for running them.
pub struct Plays {
    reader: Arc<Reader>,
    reach: Reach,
    inventory: Inventory,
    sources: Vec<PathBuf>,
    root: PathBuf,
}

/// What runs playbooks.
pub type Runner = Arc<Engine<RemoteHands>>;

impl Plays {
    /// Returns what plays of a fleet need. From now on the output keeps back the
    /// secrets of the inventory, and those that are come upon in playbooks and
    /// variables files.
    ///
    /// # Errors
    /// When a vault password can't be read.
    pub fn new(context: &Context, loaded: Loaded<'_>) -> Result<Self, CommandError> {
        let reader = Arc::new(reader(context, &loaded)?);
        let mut redactor = Redactor::new();
        loaded.inventory.teach(&mut redactor);
        let known = Arc::clone(&reader);
        context
            .output
            .redact_with(Box::new(move |text| known.redact(&redactor.redact(text))));
        let working = &context.environment.working_directory;
        let sources = loaded.sources.iter().map(|source| working.join(source));
        Ok(Self {
            reader,
            reach: reach(context, &loaded),
            sources: sources.collect(),
            root: loaded.fleet.root().to_owned(),
            inventory: loaded.inventory,
        })
    }

    /// Reads playbooks.
    ///
    /// # Errors
    /// All that is wrong with them, and with all that they name.
    pub fn read(&self, paths: &[PathBuf]) -> Result<Vec<Playbook>, CommandError> {
        Ok(self.reader.playbooks(paths)?)
    }

    /// Reads playbooks of the fleet or of the binary by their names: `install`.
    ///
    /// # Errors
    /// All that is wrong with them, and with all that they name.
    pub fn read_shipped(&self, names: &[&str]) -> Result<Vec<Playbook>, CommandError> {
        let path = |name: &&str| self.root.join(format!("playbooks/{name}.yml"));
        self.read(&names.iter().map(path).collect::<Vec<_>>())
    }

    /// Returns the inventory.
    pub fn inventory(&self) -> &Inventory {
        &self.inventory
    }

    /// Returns how to reach the hosts, and all that is known of them.
    pub fn on_hosts(self, context: &Context) -> (Reach, Arc<World>) {
        let controller = self.controller(context, &How::default(), None);
        (self.reach, Arc::new(World::new(self.inventory, controller)))
    }

    /// Returns what runs playbooks on the hosts that `limit` names.
    pub fn runner(
        self,
        context: &Context,
        how: &How,
        limit: Option<String>,
        start_at: Option<String>,
        sink: Arc<dyn EventSink>,
    ) -> Runner {
        let controller = self.controller(context, how, limit.clone());
        let options = RunOptions {
            check: how.check,
            diff: how.diff,
            forks: context.global.forks(),
            tags: how.filter(),
            limit,
            start_at,
        };
        Arc::new(Engine::new(
            self.reader,
            Arc::new(World::new(self.inventory, controller)),
            Arc::new(RemoteHands::new(self.reach)),
            sink,
            options,
        ))
    }

    fn controller(&self, context: &Context, how: &How, limit: Option<String>) -> Controller {
        Controller {
            environment: context.environment.variables(),
            files: Arc::clone(self.reader.files()),
            inventory_sources: self.sources.clone(),
            check: how.check,
            diff: how.diff,
            verbosity: 0,
            forks: context.global.forks(),
            run_tags: how.tags.clone(),
            skip_tags: how.skip_tags.clone(),
            limit,
        }
    }
}

/// Runs playbooks, shows what happens as Ansible does, and returns the exit code.
///
/// # Errors
/// When a play can't begin.
pub fn run(
    context: &Context,
    plays: Plays,
    books: &[Playbook],
    how: &How,
    (limit, start_at): (Option<String>, Option<String>),
) -> Result<Exit, CommandError> {
    let drawer = Arc::new(PlayDrawer::new(Arc::clone(&context.output), how.diff));
    let runner = plays.runner(context, how, limit, start_at, drawer);
    let finished = block_on(context, async |cancel| {
        tokio::select! {
            finished = runner.run(books) => Some(finished),
            () = asked_to_stop(&cancel) => None,
        }
    })?;
    match finished {
        Some(finished) => Ok(play_exit(&finished?.recap, how.check)),
        None => Ok(Exit::Interrupted),
    }
}

/// Ends once the user wants to stop: what runs on a host then ends with its shell.
pub async fn asked_to_stop(cancel: &Cancel) {
    while !cancel.is_cancelled() {
        tokio::time::sleep(LOOK).await;
    }
}

/// Returns what reads the playbooks of a fleet.
///
/// # Errors
/// When a vault password can't be read.
fn reader(context: &Context, loaded: &Loaded<'_>) -> Result<Reader, CommandError> {
    Ok(Reader::new(
        Arc::new(FleetFiles::new(loaded.fleet)),
        Arc::new(Modules),
        loaded.inventory.extra_vars().clone(),
        Arc::new(vault::passwords(context)?),
    ))
}

/// Returns where a playbook is that the user names: in the working directory, else in
/// the fleet directory or the binary.
pub fn path(name: &str, context: &Context, fleet: &FleetDir) -> PathBuf {
    let here = context.environment.working_directory.join(name);
    let there = fleet.root().join(name);
    if !here.exists() && (there.exists() || fleet.carried(&there).is_some()) {
        there
    } else {
        here
    }
}

/// Returns the playbooks of a fleet: its own, and those that only the binary has.
pub fn all(fleet: &FleetDir) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let folder = fleet.root().join("playbooks");
    let names = fleet.names(&folder).into_iter();
    names
        .filter(|name| name.ends_with(".yml") || name.ends_with(".yaml"))
        .map(|name| folder.join(name))
        .partition(|path| path.exists())
}

/// How the hosts of the inventory are reached; instances have their connection typed.
fn reach(context: &Context, loaded: &Loaded<'_>) -> Reach {
    let known_hosts = loaded.fleet.state().known_hosts().path();
    let connect_timeout = context.global.timeout_or(CONNECT_TIMEOUT);
    let agent = context.environment.ssh_agent.clone();
    let mut instances = HashMap::new();
    for host in loaded.inventory.hosts() {
        // One that is no instance, or no valid one, is reached by its variables.
        let Some(connection) = loaded.connection(host) else {
            continue;
        };
        let target = Target {
            host: connection.host,
            port: connection.port,
            user: connection.user,
            private_key_file: connection.private_key_file,
            agent: agent.clone(),
            ssh_args: connection.ssh_args,
            known_hosts: known_hosts.clone(),
            connect_timeout,
        };
        instances.insert(host.to_owned(), target);
    }
    Reach {
        instances,
        known_hosts,
        agent,
        connect_timeout,
        root: loaded.fleet.root().to_owned(),
        home: context.environment.home.clone(),
    }
}
