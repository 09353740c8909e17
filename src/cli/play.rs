use std::{path::PathBuf, sync::Arc};

use clap::{ArgGroup, Args};

use super::{command_error::CommandError, context::Context, loaded::Loaded, vault};
use crate::{
    plan::Exit,
    play::{
        Listing, list,
        parse::{DiskFiles, Playbook, Reader, SomeModules, TagFilter},
    },
    secret::Redactor,
};

const EXAMPLES: &str = "\
Examples:
  swarmctl play site.yml --syntax-check
  swarmctl play site.yml --list-tasks --tags docker
  swarmctl play site.yml --list-hosts -l 'web*'";

/// Arguments of `swarmctl play`.
#[derive(Args, Debug)]
#[command(
    about = "Read Ansible playbooks",
    long_about = "Read Ansible playbooks.\n\n\
        Everything is read before anything is shown: playbooks, roles, imports, and the includes \
        whose names are known. Each keyword, module, argument, filter and template that isn't \
        supported is reported with its file, line and column, all at once.",
    after_long_help = EXAMPLES,
    group = ArgGroup::new("what")
        .args(["syntax_check", "list_tasks", "list_hosts", "list_tags"])
        .required(true)
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

/// Reads playbooks and lists what is in them.
///
/// # Errors
/// When there is no fleet directory, or a playbook is invalid.
pub fn run(args: &PlayArgs, context: &Context) -> Result<Exit, CommandError> {
    let loaded = Loaded::new(context)?;
    let books = read(args, context, &loaded)?;
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

fn read(
    args: &PlayArgs,
    context: &Context,
    loaded: &Loaded<'_>,
) -> Result<Vec<Playbook>, CommandError> {
    let root = loaded.fleet.root();
    let files = DiskFiles {
        roles_path: vec![root.join("roles")],
    };
    let reader = Arc::new(Reader::new(
        Arc::new(files),
        Arc::new(SomeModules),
        loaded.inventory.extra_vars().clone(),
        Arc::new(vault::passwords(context)?),
    ));
    let mut redactor = Redactor::new();
    loaded.inventory.teach(&mut redactor);
    let known = Arc::clone(&reader);
    context
        .output
        .redact_with(Box::new(move |text| known.redact(&redactor.redact(text))));
    let working = &context.environment.working_directory;
    let paths: Vec<PathBuf> = args
        .files
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
        .collect();
    Ok(reader.playbooks(&paths)?)
}
