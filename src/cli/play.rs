use std::{collections::HashMap, path::PathBuf, sync::Arc, time::Duration};

use clap::{ArgGroup, Args};

use super::{
    command_error::CommandError, context::Context, interrupt::block_on, loaded::Loaded, vault,
};
use crate::{
    plan::{Cancel, Exit},
    play::{
        Listing, Modules,
        hosts::{Reach, RemoteHands},
        list,
        parse::{DiskFiles, Playbook, Reader, TagFilter},
        run::{Engine, RunOptions},
        vars::{Controller, World},
    },
    report::{PlayDrawer, play_exit},
    secret::Redactor,
    transport::Target,
};

/// How long a connection may take unless `--timeout` says otherwise, as with Ansible.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How often it is looked whether the user wants to stop.
const LOOK: Duration = Duration::from_millis(100);

const EXAMPLES: &str = "\
Examples:
  swarmctl play site.yml --check --diff
  swarmctl play site.yml -l web1 -e version=3
  swarmctl play site.yml --syntax-check
  swarmctl play site.yml --list-tasks --tags docker
  swarmctl play site.yml --list-hosts -l 'web*'";

/// Arguments of `swarmctl play`.
#[derive(Args, Debug)]
#[command(
    about = "Run Ansible playbooks",
    long_about = "Run Ansible playbooks over SSH, without Python on the hosts.\n\n\
        Everything is read before anything is done: playbooks, roles, imports, and the includes \
        whose names are known. Each keyword, module, argument, filter and template that isn't \
        supported is reported with its file, line and column, all at once, and nothing runs.",
    after_long_help = EXAMPLES,
    group = ArgGroup::new("what")
        .args(["syntax_check", "list_tasks", "list_hosts", "list_tags"])
        .multiple(true)
)]
pub struct PlayArgs {
    /// Playbooks, from the working directory or the fleet directory
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<String>,

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

    /// Begin with the first task of this name
    #[arg(long, value_name = "NAME")]
    pub start_at_task: Option<String>,

    /// Only read the playbooks and say what is wrong with them
    #[arg(long)]
    pub syntax_check: bool,

    /// List the tasks that would run
    #[arg(long)]
    pub list_tasks: bool,

    /// List the hosts of each play
    #[arg(long)]
    pub list_hosts: bool,

    /// List the tags
    #[arg(long)]
    pub list_tags: bool,
}

/// Runs playbooks, or lists what is in them.
///
/// # Errors
/// When there is no fleet directory, or a playbook is invalid.
pub fn run(args: &PlayArgs, context: &Context) -> Result<Exit, CommandError> {
    let loaded = Loaded::new(context)?;
    let reader = reader(context, &loaded)?;
    hide_secrets(context, &loaded, &reader);
    let books = reader.playbooks(&paths(args, context, &loaded))?;
    if args.syntax_check || args.list_tasks || args.list_hosts || args.list_tags {
        return show(args, context, &loaded, &books);
    }
    let hands = RemoteHands::new(reach(context, &loaded));
    let filter = TagFilter::new(&args.tags, &args.skip_tags);
    let world = World::new(
        loaded.inventory,
        controller(args, context, &reader, &loaded.sources),
    );
    let options = RunOptions {
        check: args.check,
        diff: args.diff,
        forks: context.global.forks(),
        tags: filter,
        limit: context.global.limit.clone(),
        start_at: args.start_at_task.clone(),
    };
    let drawer = PlayDrawer::new(Arc::clone(&context.output), args.diff);
    let engine = Arc::new(Engine::new(
        reader,
        Arc::new(world),
        Arc::new(hands),
        Arc::new(drawer),
        options,
    ));
    let finished = block_on(context, async |cancel| {
        tokio::select! {
            finished = engine.run(&books) => Some(finished),
            () = asked_to_stop(&cancel) => None,
        }
    })?;
    match finished {
        Some(finished) => Ok(play_exit(&finished?.recap, args.check)),
        None => Ok(Exit::Interrupted),
    }
}

/// Ends once the user wants to stop: what runs on a host then ends with its shell.
async fn asked_to_stop(cancel: &Cancel) {
    while !cancel.is_cancelled() {
        tokio::time::sleep(LOOK).await;
    }
}

fn show(
    args: &PlayArgs,
    context: &Context,
    loaded: &Loaded<'_>,
    books: &[Playbook],
) -> Result<Exit, CommandError> {
    let what = Listing {
        hosts: args.list_hosts,
        tasks: args.list_tasks,
        tags: args.list_tags,
        filter: TagFilter::new(&args.tags, &args.skip_tags),
        limit: context.global.limit.clone(),
    };
    let mut text = String::new();
    for (book, name) in books.iter().zip(&args.files) {
        if args.syntax_check {
            text.push_str(&format!("\nplaybook: {name}\n"));
        } else {
            text.push_str(&list(book, name, &loaded.inventory, &what)?);
        }
    }
    context.output.data(&text);
    Ok(Exit::Done)
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

fn controller(
    args: &PlayArgs,
    context: &Context,
    reader: &Reader,
    sources: &[String],
) -> Controller {
    let working = &context.environment.working_directory;
    Controller {
        environment: context.environment.variables(),
        files: Arc::clone(reader.files()),
        inventory_sources: sources.iter().map(|source| working.join(source)).collect(),
        check: args.check,
        diff: args.diff,
        verbosity: 0,
        forks: context.global.forks(),
        run_tags: args.tags.clone(),
        skip_tags: args.skip_tags.clone(),
        limit: context.global.limit.clone(),
    }
}

fn reader(context: &Context, loaded: &Loaded<'_>) -> Result<Arc<Reader>, CommandError> {
    let files = DiskFiles {
        roles_path: vec![loaded.fleet.root().join("roles")],
    };
    Ok(Arc::new(Reader::new(
        Arc::new(files),
        Arc::new(Modules),
        loaded.inventory.extra_vars().clone(),
        Arc::new(vault::passwords(context)?),
    )))
}

/// Has the output know the secrets of the inventory, and those that the reader comes
/// upon in playbooks and variables files.
fn hide_secrets(context: &Context, loaded: &Loaded<'_>, reader: &Arc<Reader>) {
    let mut redactor = Redactor::new();
    loaded.inventory.teach(&mut redactor);
    let known = Arc::clone(reader);
    context
        .output
        .redact_with(Box::new(move |text| known.redact(&redactor.redact(text))));
}

fn paths(args: &PlayArgs, context: &Context, loaded: &Loaded<'_>) -> Vec<PathBuf> {
    let (working, root) = (&context.environment.working_directory, loaded.fleet.root());
    args.files
        .iter()
        .map(|name| {
            let here = working.join(name);
            let there = root.join(name);
            if !here.exists() && there.exists() {
                there
            } else {
                here
            }
        })
        .collect()
}
