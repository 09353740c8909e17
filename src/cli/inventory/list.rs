use std::collections::HashSet;

use clap::Args;
use serde_json::Value;

use crate::{
    cli::{command_error::CommandError, context::Context, loaded::Loaded},
    plan::Exit,
    report::{Align, Format, Table},
};

const EXAMPLES: &str = "\
Examples:
  swarmctl inventory list
  swarmctl inventory list 'agents:!mid'
  swarmctl inventory list -o json | jq ._meta.hostvars.zap";

/// Arguments of `swarmctl inventory list`.
#[derive(Args, Debug)]
#[command(
    about = "List hosts with their groups",
    long_about = "List hosts with their groups.\n\n\
    With -o json or -o yaml the document has the shape of `ansible-inventory --list`: groups \
    with their hosts and children, and _meta.hostvars.", after_long_help = EXAMPLES)]
pub struct ListArgs {
    /// Hosts to list; default: all
    #[arg(value_name = "PATTERN")]
    pub pattern: Option<String>,
}

/// Lists hosts.
///
/// # Errors
/// When the inventory can't be loaded, or the pattern names nothing.
pub fn run(args: &ListArgs, context: &Context) -> Result<Exit, CommandError> {
    let loaded = Loaded::new(context)?;
    let narrowed = args.pattern.is_some() || context.global.limit.is_some();
    let hosts = if narrowed {
        loaded.select(args.pattern.as_deref().unwrap_or("all"))?
    } else {
        loaded.inventory.hosts().map(str::to_owned).collect()
    };
    let output = &context.output;
    if output.format() == Format::Table {
        let mut table = Table::new(&[
            ("host", Align::Left),
            ("groups", Align::Left),
            ("written at", Align::Left),
        ]);
        for host in &hosts {
            let place = loaded.inventory.host_place(host);
            table.row([
                host.clone(),
                loaded.inventory.groups_of(host).join(", "),
                place.map(|place| context.shown(place)).unwrap_or_default(),
            ]);
        }
        output.data(&table.render(output.data_painter()));
    } else {
        let mut list = loaded.inventory.list_json();
        if narrowed {
            keep_only(&mut list, &hosts.iter().map(String::as_str).collect());
        }
        output.value(&list)?;
    }
    Ok(Exit::Done)
}

/// Leaves only these hosts in a document, and no group that is empty then, as
/// `ansible-inventory --list --limit` does.
fn keep_only(list: &mut Value, hosts: &HashSet<&str>) {
    let Some(groups) = list.as_object_mut() else {
        return;
    };
    groups.retain(|name, group| {
        if name == "_meta" {
            if let Some(vars) = group.get_mut("hostvars").and_then(Value::as_object_mut) {
                vars.retain(|host, _| hosts.contains(host.as_str()));
            }
            return true;
        }
        let Some(group) = group.as_object_mut() else {
            return true;
        };
        if let Some(members) = group.get_mut("hosts").and_then(Value::as_array_mut) {
            members.retain(|host| host.as_str().is_some_and(|host| hosts.contains(host)));
            if members.is_empty() {
                group.remove("hosts");
            }
        }
        name == "all" || !group.is_empty()
    });
}
