use clap::Args;
use serde_json::{Value, json};

use crate::{
    cli::{command_error::CommandError, context::Context, loaded::Loaded},
    plan::{Exit, Failure, FailureKind, Place},
    report::{Align, Format, Table},
};

/// What stands for a vaulted value.
const MASK: &str = "********";

const EXAMPLES: &str = "\
Examples:
  swarmctl inventory show zap
  swarmctl inventory show zap -o json";

/// Arguments of `swarmctl inventory show`.
#[derive(Args, Debug)]
#[command(
    about = "Show a host's variables, and where each value was written",
    long_about = "Show a host's variables after merging, each with the file, line and column that set it.\n\n\
    Vaulted values are masked.", after_long_help = EXAMPLES)]
pub struct ShowArgs {
    /// The host
    #[arg(value_name = "HOST")]
    pub host: String,
}

/// Shows the host.
///
/// # Errors
/// When the inventory can't be loaded, or has no such host.
pub fn run(args: &ShowArgs, context: &Context) -> Result<Exit, CommandError> {
    let loaded = Loaded::new(context)?;
    let inventory = &loaded.inventory;
    let Some(values) = inventory.host_json(&args.host) else {
        // A pattern's error suggests a similar name.
        loaded.select(&args.host)?;
        let message = format!("{:?} is no host", args.host);
        let hint = "name one host; `swarmctl inventory list` shows them";
        return Err(Failure::new(FailureKind::Invalid, message)
            .hint(hint)
            .into());
    };
    let vars = inventory.vars(&args.host);
    let rows: Vec<Row> = vars
        .iter()
        .map(|(name, entry)| Row {
            name: name.clone(),
            value: masked(values.get(name).unwrap_or(&Value::Null)),
            place: entry.node.place.clone(),
        })
        .collect();
    let output = &context.output;
    if output.format() == Format::Table {
        let mut table = Table::new(&[
            ("variable", Align::Left),
            ("value", Align::Left),
            ("written at", Align::Left),
        ]);
        for row in rows {
            let value = match &row.value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            table.row([row.name, value, context.shown(&row.place)]);
        }
        output.data(&table.render(output.data_painter()));
    } else {
        let vars: Vec<Value> = rows
            .iter()
            .map(|row| {
                json!({
                    "name": row.name,
                    "value": row.value,
                    "file": context.bases().shown(&row.place.file),
                    "line": row.place.line,
                    "column": row.place.column,
                })
            })
            .collect();
        let groups = inventory.groups_of(&args.host);
        let body = json!({ "host": args.host, "groups": groups, "variables": vars });
        output.document("swarmctl/host/1", &body)?;
    }
    Ok(Exit::Done)
}

struct Row {
    name: String,
    value: Value,
    place: Place,
}

/// Returns a value with its vaulted parts masked.
fn masked(value: &Value) -> Value {
    match value {
        Value::Object(entries) if entries.contains_key("__ansible_vault") => {
            Value::String(MASK.to_owned())
        }
        Value::Object(entries) => entries
            .iter()
            .map(|(name, value)| (name.clone(), masked(value)))
            .collect(),
        Value::Array(items) => items.iter().map(masked).collect(),
        other => other.clone(),
    }
}
