//! `swarmctl inventory`: what the inventory says, in four forms.

mod graph;
mod list;
mod schema;
mod show;

use clap::Subcommand;

use super::{command_error::CommandError, context::Context};
use crate::plan::Exit;

/// The verbs of `swarmctl inventory`.
#[derive(Debug, Subcommand)]
pub enum InventoryVerb {
    List(list::ListArgs),
    Graph(graph::GraphArgs),
    Show(show::ShowArgs),
    Schema(schema::SchemaArgs),
}

/// Runs one of them.
///
/// # Errors
/// When the inventory can't be loaded.
pub fn run(verb: InventoryVerb, context: &Context) -> Result<Exit, CommandError> {
    match verb {
        InventoryVerb::List(args) => list::run(&args, context),
        InventoryVerb::Graph(args) => graph::run(&args, context),
        InventoryVerb::Show(args) => show::run(&args, context),
        InventoryVerb::Schema(args) => schema::run(&args, context),
    }
}
