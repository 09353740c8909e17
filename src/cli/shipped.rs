//! What `install` and `customize` share: the playbook of that name, on instances.

use clap::Args;

use super::{
    command_error::CommandError,
    context::Context,
    loaded::Loaded,
    pattern::Pattern,
    plays::{self, How, Plays},
};
use crate::{
    fleet::{FleetDir, InstanceLock},
    plan::Exit,
};

/// What a verb that runs a shipped playbook takes.
#[derive(Args, Clone, Debug)]
pub struct ShippedArgs {
    /// The instances.
    #[command(flatten)]
    pub pattern: Pattern,

    /// How the playbook is run.
    #[command(flatten)]
    pub how: How,
}

/// Runs the playbook that is called as the verb: the fleet's own, else the one that the
/// binary carries.
///
/// # Errors
/// When the inventory, the pattern or the playbook is invalid.
pub fn run(
    args: &ShippedArgs,
    verb: &'static str,
    context: &Context,
) -> Result<Exit, CommandError> {
    let loaded = Loaded::new(context)?;
    let instances = loaded.instances(&args.pattern.pattern)?;
    let names: Vec<String> = instances.into_iter().map(|one| one.name).collect();
    let fleet = loaded.fleet;
    let plays = Plays::new(context, loaded)?;
    let books = plays.read_shipped(&[verb])?;
    if args.how.check {
        let limit = (Some(names.join(",")), None);
        return plays::run(context, plays, &books, &args.how, limit);
    }
    let (locks, exit) = lock(context, fleet, &names, verb);
    if locks.is_empty() {
        return Ok(exit);
    }
    let names: Vec<&str> = locks.iter().map(|(name, _)| name.as_str()).collect();
    let limit = (Some(names.join(",")), None);
    Ok(exit.worse(plays::run(context, plays, &books, &args.how, limit)?))
}

/// Locks instances, and tells of those that another run holds.
fn lock(
    context: &Context,
    fleet: &FleetDir,
    names: &[String],
    verb: &str,
) -> (Vec<(String, InstanceLock)>, Exit) {
    let (mut locks, mut exit) = (Vec::new(), Exit::Done);
    for name in names {
        match fleet.state().lock(name, &format!("swarmctl {verb}")) {
            Ok(lock) => locks.push((name.clone(), lock)),
            Err(error) => exit = exit.worse(CommandError::from(error).report(context)),
        }
    }
    (locks, exit)
}
