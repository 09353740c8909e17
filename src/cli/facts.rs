use std::sync::Arc;

use clap::Args;
use serde_json::{Map, Value, json};

use super::{
    command_error::CommandError,
    context::Context,
    interrupt::block_on,
    loaded::Loaded,
    pattern::HostPattern,
    plays::{Plays, asked_to_stop},
};
use crate::{
    plan::{Exit, Failure, FailureKind, fan_out},
    play::{
        hosts::RemoteHands,
        run::{Call, Hands as _, Outcome},
        vars::World,
    },
    report::{Format, HostFacts, facts},
};

const EXAMPLES: &str = "\
Examples:
  swarmctl facts all
  swarmctl facts zap --filter 'ansible_default_ipv4' --filter '*mem*'
  swarmctl facts all -o json | jq '.hosts[].facts.ansible_kernel'";

/// Arguments of `swarmctl facts`.
#[derive(Args, Debug)]
#[command(
    about = "Show what hosts are: system, kernel, memory, addresses",
    long_about = "Show what hosts are: system, kernel, memory, addresses, and with -o json every \
        fact that plays see, by Ansible's names.\n\n\
        Costs each host one program. Any host of the inventory will do, instance or not.",
    after_long_help = EXAMPLES
)]
pub struct FactsArgs {
    /// The hosts.
    #[command(flatten)]
    pub pattern: HostPattern,

    /// Only facts whose names match, with * and ?; can be repeated
    #[arg(long, value_name = "GLOB")]
    pub filter: Vec<String>,
}

/// Gathers and shows facts.
///
/// # Errors
/// When the inventory or the pattern is invalid.
pub fn run(args: &FactsArgs, context: &Context) -> Result<Exit, CommandError> {
    let loaded = Loaded::new(context)?;
    let hosts = loaded.select(&args.pattern.pattern)?;
    loaded.refuse_invalid(&hosts)?;
    let names = hosts.clone();
    let (reach, world) = Plays::new(context, loaded)?.on_hosts(context);
    let hands = Arc::new(RemoteHands::new(reach));
    let filter = Arc::new(args.filter.clone());
    let gathered = block_on(context, async |cancel| {
        let work = fan_out(hosts, context.global.forks(), |host| {
            let (hands, world) = (Arc::clone(&hands), Arc::clone(&world));
            let filter = Arc::clone(&filter);
            async move { gather(&hands, &world, &host, &filter).await }
        });
        tokio::select! {
            gathered = work => Some(gathered),
            () = asked_to_stop(&cancel) => None,
        }
    })?;
    let Some(gathered) = gathered else {
        return Ok(Exit::Interrupted);
    };
    let (mut rows, mut failures) = (Vec::new(), Vec::new());
    for (host, result) in names.into_iter().zip(gathered) {
        let own_fault = || Err(Failure::new(FailureKind::Failed, "swarmctl itself failed"));
        match result.unwrap_or_else(own_fault) {
            Ok(facts) => rows.push(HostFacts { host, facts }),
            Err(failure) => failures.push((host, failure)),
        }
    }
    show(context, &rows, &failures, !args.filter.is_empty())
}

async fn gather(
    hands: &RemoteHands,
    world: &Arc<World>,
    host: &str,
    filter: &[String],
) -> Result<Map<String, Value>, Failure> {
    let scope = World::host_scope(world, host);
    let connection = scope.text("ansible_connection").map_err(Failure::invalid)?;
    let call = Call {
        host: host.to_owned(),
        module: "setup",
        args: Map::from_iter([("filter".to_owned(), json!(filter))]),
        check: false,
        diff: false,
        r#become: None,
        connection: connection.unwrap_or_else(|| "ssh".to_owned()),
        user: None,
        environment: Vec::new(),
        timeout: None,
        no_log: false,
        scope,
    };
    match hands.call(call).await {
        Outcome::Unreachable(why) => Err(Failure::new(FailureKind::Unreachable, why)),
        Outcome::Done(mut result) => match result.remove("ansible_facts") {
            Some(Value::Object(facts)) => Ok(facts),
            _ => {
                let why = result.get("msg").and_then(Value::as_str);
                let why = why.unwrap_or("no facts came back");
                Err(Failure::new(FailureKind::Failed, why))
            }
        },
    }
}

fn show(
    context: &Context,
    rows: &[HostFacts],
    failures: &[(String, Failure)],
    all: bool,
) -> Result<Exit, CommandError> {
    let output = &context.output;
    if output.format() == Format::Table {
        if !rows.is_empty() {
            output.data(&facts(rows, all, output.data_painter()));
        }
    } else {
        let failures: Vec<_> = failures
            .iter()
            .map(|(host, failure)| {
                json!({
                    "host": host,
                    "status": if failure.kind == FailureKind::Unreachable {
                        "unreachable"
                    } else {
                        "failed"
                    },
                    "causes": failure.causes,
                    "hint": failure.hint,
                })
            })
            .collect();
        let body = json!({ "hosts": rows, "failures": failures });
        output.document("swarmctl/facts/1", &body)?;
    }
    let mut exit = Exit::Done;
    for (host, failure) in failures {
        let failure = failure.clone().context(host.as_str());
        exit = exit.worse(CommandError::from(failure).report(context));
    }
    Ok(exit)
}
