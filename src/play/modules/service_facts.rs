//! `service_facts`: lists the host's services.

use serde_json::{Map, Value, json};

use super::{Call, Module, ModuleError, Program, Remote, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "service_facts",
    fqcn: &["ansible.builtin.service_facts"],
    doc: "Lists the host's services as the fact `services`.",
    args: &[],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let mut program = Program::new(call);
    program.script(include_str!("sh/service_facts.sh"));
    Ok(Remote::new(call, &program)
        .post(|result, part| {
            let mut services: Map<String, Value> = Map::new();
            // unit, load, active, sub, description
            for line in part("units").unwrap_or_default().lines() {
                let words: Vec<&str> = line
                    .trim_start_matches(['*', '●', ' '])
                    .split_whitespace()
                    .collect();
                let [name, load, active, sub, ..] = words.as_slice() else {
                    continue;
                };
                if !name.ends_with(".service") {
                    continue;
                }
                let state = match (*active, *sub) {
                    (_, "running") => "running",
                    ("failed", _) => "failed",
                    _ => "stopped",
                };
                let status = if *load == "not-found" {
                    "not-found"
                } else {
                    "unknown"
                };
                services.insert(
                    (*name).into(),
                    json!({"name": name, "state": state, "status": status, "source": "systemd"}),
                );
            }
            // unit, state, preset
            for line in part("files").unwrap_or_default().lines() {
                let mut words = line.split_whitespace();
                let (Some(name), Some(status)) = (words.next(), words.next()) else {
                    continue;
                };
                let service = services.entry(name).or_insert_with(
                    || json!({"name": name, "state": "inactive", "source": "systemd"}),
                );
                if let Value::Object(service) = service {
                    service.insert("status".into(), status.into());
                }
            }
            for line in part("scripts").unwrap_or_default().lines() {
                services.entry(line).or_insert_with(|| {
                    json!({"name": line, "state": "unknown", "status": "unknown", "source": "sysv"})
                });
            }
            result.facts.insert("services".into(), services.into());
        })
        .work())
}
