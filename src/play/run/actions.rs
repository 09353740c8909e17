//! Modules that change what the run knows, and touch no host.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::{
    Hands,
    host_task::Attempt,
    play_run::PlayRun,
    results::{self, Fields},
};
use crate::{
    inventory::{Map, node_to_json},
    plan::Diagnostic,
    play::{
        parse::Task,
        vars::{Scope, Values, json_to_jinja},
    },
};

/// A pause is no longer than this, in seconds: a day.
const LONGEST: f64 = 86_400.0;

impl<H: Hands> PlayRun<H> {
    /// Does what a module of this kind says; `None` for all others.
    pub async fn action(
        &self,
        task: &Task,
        host: &str,
        scope: &Scope,
        args: &Fields,
    ) -> Option<Result<Attempt, Diagnostic>> {
        Some(match task.module() {
            "add_host" => Ok(Attempt::of(self.add_host(args))),
            "group_by" => Ok(Attempt::of(self.group_by(host, args))),
            "include_vars" => self.include_vars(task, scope, args),
            "pause" => Ok(Attempt::of(pause(args).await)),
            _ => return None,
        })
    }

    fn add_host(&self, args: &Fields) -> Fields {
        let mut name = None;
        let mut groups = Vec::new();
        let mut vars = Values::new();
        for (key, value) in args {
            match key.as_str() {
                "name" | "hostname" | "host" => name = value.as_str().map(str::to_owned),
                "groups" | "groupname" | "group" => groups = texts(value),
                _ => {
                    vars.insert(key.clone(), json_to_jinja(value));
                }
            }
        }
        let Some(name) = name else {
            return results::failed("name, host or hostname needs to be provided");
        };
        // `name:port` is a host that listens elsewhere.
        let name = match name.rsplit_once(':') {
            Some((host, port)) if port.parse::<u16>().is_ok() && !host.contains(':') => {
                vars.insert(
                    "ansible_port".to_owned(),
                    port.parse::<u16>().unwrap_or(22).into(),
                );
                host.to_owned()
            }
            _ => name,
        };
        let changed = self.engine.world.add_host(&name, &groups, vars);
        results::fields(json!({
            "changed": changed,
            "add_host": { "host_name": name, "groups": groups },
        }))
    }

    fn group_by(&self, host: &str, args: &Fields) -> Fields {
        let Some(key) = args.get("key").and_then(Value::as_str) else {
            return results::failed("the 'key' param is required when using group_by");
        };
        let name = key.replace(' ', "-");
        let parents = args.get("parents").map_or_else(Vec::new, texts);
        let world = &self.engine.world;
        let mut changed = world.add_to_group(&name, host);
        for parent in &parents {
            changed |= world.add_to_group(&parent.replace(' ', "-"), host);
        }
        results::fields(json!({
            "changed": changed,
            "add_group": name,
            "parent_groups": parents,
        }))
    }

    fn include_vars(
        &self,
        task: &Task,
        scope: &Scope,
        args: &Fields,
    ) -> Result<Attempt, Diagnostic> {
        let get = |name: &str| args.get(name).and_then(Value::as_str);
        let mut vars = Map::new();
        let mut read = Vec::new();
        if let Some(directory) = get("dir") {
            let Some(path) = scope.find_file(directory, "vars") else {
                let message = format!("there is no directory {directory:?}");
                return Ok(Attempt::of(results::failed(message)));
            };
            for name in self.engine.reader.files().names(&path) {
                let known = [".yml", ".yaml", ".json"]
                    .iter()
                    .any(|ending| name.ends_with(ending));
                if known {
                    read.push(path.join(name));
                }
            }
        } else {
            let Some(name) = get("file").or_else(|| get("_raw_params")) else {
                return Ok(Attempt::of(results::failed("`include_vars` names no file")));
            };
            let Some(path) = scope.find_file(name, "vars") else {
                let message = format!("there is no variables file {name:?}");
                return Ok(Attempt::of(results::failed(message)));
            };
            read.push(path);
        }
        for path in &read {
            match self.engine.variables_file(path) {
                Ok(found) => vars.extend(found.unwrap_or_default()),
                Err(errors) => return Ok(Attempt::of(results::failed(errors.to_string()))),
            }
        }
        if let Some(name) = get("name") {
            let place = task.place.clone();
            let node =
                crate::inventory::Node::new(crate::inventory::Value::Map(vars), place.clone());
            let entry = crate::inventory::Entry {
                key_place: place,
                node,
            };
            vars = Map::from([(name.to_owned(), entry)]);
        }
        let shown: Fields = vars
            .iter()
            .map(|(name, entry)| (name.clone(), node_to_json(&entry.node)))
            .collect();
        let files: Vec<String> = read.iter().map(|path| path.display().to_string()).collect();
        let fields = results::fields(json!({
            "changed": false,
            "included_vars": shown,
            "ansible_included_var_files": files,
        }));
        Ok(Attempt {
            included: Some(Arc::new(vars)),
            ..Attempt::of(fields)
        })
    }
}

async fn pause(args: &Fields) -> Fields {
    let number = |name: &str| match args.get(name) {
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.trim().parse::<f64>().ok(),
        _ => None,
    };
    let seconds = match (number("minutes"), number("seconds")) {
        (Some(minutes), _) => minutes * 60.0,
        (None, Some(seconds)) => seconds,
        (None, None) => 0.0,
    };
    let seconds = seconds.clamp(0.0, LONGEST);
    tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
    results::fields(json!({
        "changed": false,
        "delta": seconds,
        "stdout": format!("Paused for {seconds} seconds"),
        "stderr": "",
        "rc": 0,
    }))
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items
            .iter()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect(),
        Value::String(text) => text
            .split(',')
            .map(|one| one.trim().to_owned())
            .filter(|one| !one.is_empty())
            .collect(),
        _ => Vec::new(),
    }
}
