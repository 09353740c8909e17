use clap::{ArgGroup, Args};

use super::{
    command_error::CommandError,
    context::Context,
    loaded::Loaded,
    plays::{self, How, Plays},
};
use crate::{
    plan::Exit,
    play::{Listing, list, parse::Playbook},
};

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

    /// How they are run.
    #[command(flatten)]
    pub how: How,

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
    let fleet = loaded.fleet;
    let paths = args.files.iter();
    let paths: Vec<_> = paths
        .map(|name| plays::path(name, context, fleet))
        .collect();
    let plays = Plays::new(context, loaded)?;
    let books = plays.read(&paths)?;
    if args.syntax_check || args.list_tasks || args.list_hosts || args.list_tags {
        return show(args, context, &plays, &books);
    }
    let narrowed = (context.global.limit.clone(), args.start_at_task.clone());
    plays::run(context, plays, &books, &args.how, narrowed)
}

fn show(
    args: &PlayArgs,
    context: &Context,
    plays: &Plays,
    books: &[Playbook],
) -> Result<Exit, CommandError> {
    let what = Listing {
        hosts: args.list_hosts,
        tasks: args.list_tasks,
        tags: args.list_tags,
        filter: args.how.filter(),
        limit: context.global.limit.clone(),
    };
    let mut text = String::new();
    for (book, name) in books.iter().zip(&args.files) {
        if args.syntax_check {
            text.push_str(&format!("\nplaybook: {name}\n"));
        } else {
            text.push_str(&list(book, name, plays.inventory(), &what)?);
        }
    }
    context.output.data(&text);
    Ok(Exit::Done)
}
