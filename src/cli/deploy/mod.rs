mod apply;
mod check;
mod longer;

use std::{sync::Arc, time::Duration};

use clap::Args;

use super::{
    command_error::CommandError,
    context::Context,
    guests::{environment, refuse_collisions},
    interrupt::block_on,
    loaded::Loaded,
    pattern::Pattern,
    plays::{How, Plays, asked_to_stop},
};
use crate::{
    fleet::FleetDir,
    guest::{GuestEnv, ProvisionOptions, Purpose},
    plan::{Cancel, Exit},
    play::parse::Playbook,
    report::{Stage, Stages},
};

const EXAMPLES: &str = "\
Examples:
  swarmctl deploy zap --check          everything that would be done; exits 5 if anything
  swarmctl deploy zap
  swarmctl deploy all -f 10            ten at a time
  swarmctl deploy zap --rebuild        a new disk from the base image; asks first";

/// What follows provisioning, in order: the playbook of the same name is run.
const STAGES: [Stage; 2] = [
    Stage {
        name: "install",
        what: "install OpenClaw and see it ready (playbooks/install.yml)",
    },
    Stage {
        name: "customize",
        what: "apply the fleet's settings (playbooks/customize.yml)",
    },
];

/// Arguments of `swarmctl deploy`.
#[derive(Args, Debug)]
#[command(
    about = "Provision, install and customize instances",
    long_about = "Provision, install and customize instances: from nothing to an agent that is \
        ready, in one go.\n\n\
        Only what differs is done; a second run changes nothing. An instance that fails goes no \
        further, the others go on. Run it again after an interruption and it goes on.\n\n\
        With --check, guests that run are asked what the playbooks would change; of the others \
        it is known only that they will be installed.",
    after_long_help = EXAMPLES
)]
pub struct DeployArgs {
    /// The instances.
    #[command(flatten)]
    pub pattern: Pattern,

    /// Show what would be done, and do nothing; exits 5 when there is anything
    #[arg(long)]
    pub check: bool,

    /// Show the changed parts of documents and files
    #[arg(long)]
    pub diff: bool,

    /// Restart a running instance where a change needs it
    #[arg(long)]
    pub restart: bool,

    /// Make the disk anew from the base image; what is on it is lost
    #[arg(long)]
    pub rebuild: bool,
}

/// What a deployment works with.
struct Deploy<'a> {
    context: &'a Context,
    fleet: &'a FleetDir,
    purpose: Purpose,
    how: How,
    env: Arc<GuestEnv>,
    books: Vec<Playbook>,
}

/// How often it is told how long a task takes.
const TICK: Duration = Duration::from_secs(5);

/// Waits for a run of a playbook; `None` when the user wants to stop.
async fn watched<T>(work: impl Future<Output = T>, stages: &Stages, cancel: &Cancel) -> Option<T> {
    tokio::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return Some(done),
            () = asked_to_stop(cancel) => return None,
            () = tokio::time::sleep(TICK) => stages.tick(),
        }
    }
}

/// Deploys instances.
///
/// # Errors
/// When the inventory, the pattern or a playbook is invalid, or the user declines.
pub fn run(args: &DeployArgs, context: &Context) -> Result<Exit, CommandError> {
    let loaded = Loaded::new(context)?;
    let instances = loaded.instances(&args.pattern.pattern)?;
    refuse_collisions(&loaded, &instances)?;
    let env = environment(context, &loaded, "deploy");
    let fleet = loaded.fleet;
    let plays = Plays::new(context, loaded)?;
    let names: Vec<&str> = STAGES.iter().map(|stage| stage.name).collect();
    let deploy = Deploy {
        context,
        fleet,
        purpose: Purpose::Provision(ProvisionOptions {
            rebuild: args.rebuild,
            restart: args.restart,
        }),
        how: How {
            check: args.check,
            diff: args.diff,
            ..How::default()
        },
        env,
        books: plays.read_shipped(&names)?,
    };
    block_on(context, async |cancel| {
        if args.check {
            deploy.check(instances, plays, &cancel).await
        } else {
            deploy.apply(instances, plays, &cancel).await
        }
    })?
}
