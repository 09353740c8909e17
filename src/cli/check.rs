use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{
    command_error::CommandError,
    context::Context,
    loaded::Loaded,
    plays::{self, Plays},
    vault,
};
use crate::{
    check::{self, Subject},
    plan::{Diagnostics, Exit},
    report::{Format, diagnostic_json, summary, text::counted},
};

const EXAMPLES: &str = "\
Examples:
  swarmctl check                 the whole fleet
  swarmctl check -l 'web*'       only these instances' variables and templates
  swarmctl check -o json         for an editor or a pipeline";

/// Arguments of `swarmctl check`.
#[derive(Args, Debug)]
#[command(
    about = "Check everything that can be known without touching a host",
    long_about = "Check everything that can be known without touching a host.\n\n\
        Reads the inventory, types every instance, renders every template and cloud-init \
        document, reads every playbook of playbooks/ and the built-in ones as \
        `play --syntax-check` does, and looks for collisions (MAC, IP, domain, disk, hostname), \
        for shares that would show a guest the fleet's own files, for files with secrets that \
        others can read, and for variable files that belong to no group and no host. Exits 3 \
        when there are errors, 0 when there are only warnings.",
    after_long_help = EXAMPLES
)]
pub struct CheckArgs {}

/// Checks the fleet.
///
/// # Errors
/// When there is no fleet directory, or the limit names nothing.
pub fn run(_args: &CheckArgs, context: &Context) -> Result<Exit, CommandError> {
    let loaded = match Loaded::without_warnings(context) {
        Ok(loaded) => loaded,
        Err(CommandError::Invalid(findings)) => return show(context, &findings, &[], &[]),
        Err(error) => return Err(error),
    };
    let hosts = if context.global.limit.is_some() {
        loaded.select("all")?
    } else {
        loaded.inventory.hosts().map(str::to_owned).collect()
    };
    let mut report = check::check(&Subject {
        inventory: &loaded.inventory,
        fleet: loaded.fleet,
        variable_roots: &loaded.variable_roots(),
        password_files: &vault::files(context)?,
        home: context.environment.home.as_deref(),
        hosts: &hosts,
    });
    let names: Vec<&str> = report
        .instances
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    let (own, carried) = plays::all(loaded.fleet);
    let every: Vec<_> = own.iter().chain(&carried).cloned().collect();
    match Plays::new(context, loaded)?.read(&every) {
        Ok(_) => {}
        Err(CommandError::Invalid(found)) => report.findings.0.extend(found.0),
        Err(error) => return Err(error),
    }
    show(context, &report.findings, &names, &own)
}

fn show(
    context: &Context,
    findings: &Diagnostics,
    instances: &[&str],
    playbooks: &[PathBuf],
) -> Result<Exit, CommandError> {
    let output = &context.output;
    let failed = findings.has_errors();
    if output.format() == Format::Table {
        output.findings(findings, context.bases());
        if !failed {
            let mut what = counted(instances.len(), "instance");
            if !playbooks.is_empty() {
                what.push_str(&format!(" and {}", counted(playbooks.len(), "playbook")));
            }
            output.talk(&format!("{what} checked, {}", summary(findings)));
        }
    } else {
        let bases = context.bases();
        let body = json!({
            "valid": !failed,
            "instances": instances,
            "playbooks": playbooks.iter().map(|path| bases.shown(path)).collect::<Vec<_>>(),
            "findings": findings
                .0
                .iter()
                .map(|finding| diagnostic_json(finding, &bases))
                .collect::<Vec<_>>(),
        });
        output.document("swarmctl/check/1", &body)?;
    }
    Ok(if failed { Exit::Invalid } else { Exit::Done })
}
