//! What check mode can't know is said so: such a task is neither failed nor well.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    Hands,
    host_task::Attempt,
    play_run::PlayRun,
    promises::Judgement,
    results::{self, Fields},
};
use crate::{
    inventory::Value as Written,
    plan::Diagnostic,
    play::{
        parse::{Keyword, Task},
        vars::{depends_on, json_to_jinja, unpredictable},
    },
};

/// The name under which a result says what it depends on.
const UNPREDICTED: &str = "unpredicted";

/// The name under which a result lists its values that can't be known.
pub(super) const UNKNOWN: &str = "unknown";

/// Modules that check mode does not run.
const COMMANDS: [&str; 4] = ["command", "raw", "script", "shell"];

/// What a command that would run says only afterwards.
const SAID: [&str; 8] = [
    "delta",
    "end",
    "rc",
    "start",
    "stderr",
    "stderr_lines",
    "stdout",
    "stdout_lines",
];

/// Returns the result of a task that can't be predicted.
pub(super) fn unpredicted(what: &str) -> Fields {
    results::fields(json!({
        "changed": false,
        "skipped": true,
        "msg": format!("can't be predicted: depends on {what}"),
        UNPREDICTED: what,
    }))
}

/// Returns what a result depends on, when it can't be predicted.
pub(super) fn reason(fields: &Fields) -> Option<&str> {
    fields.get(UNPREDICTED).and_then(Value::as_str)
}

/// Carries over to a loop's result what its items could not know.
pub(super) fn joined(whole: &mut Fields) {
    let items = whole.get("results").and_then(Value::as_array);
    let items = || items.into_iter().flatten().filter_map(Value::as_object);
    let why = items().find_map(|item| item.get(UNPREDICTED)).cloned();
    let unknown = items().find_map(|item| item.get(UNKNOWN)).cloned();
    if let Some(why) = why {
        whole.insert(UNPREDICTED.to_owned(), why);
    }
    if unknown.is_some() {
        whole.insert(UNKNOWN.to_owned(), json!(["results"]));
    }
}

/// Returns a result as other tasks see it by the name that registers it.
pub(super) fn registered(name: &str, task: &Task, fields: &Fields) -> minijinja::Value {
    if reason(fields).is_some() {
        return unpredictable(&format!(
            "`{name}`, and \"{}\" does nothing in check mode",
            task.own_title()
        ));
    }
    let Some(unknown) = fields.get(UNKNOWN).and_then(Value::as_array) else {
        return json_to_jinja(&Value::Object(fields.clone()));
    };
    let known = fields
        .iter()
        .filter(|(key, _)| !unknown.iter().any(|one| one == key.as_str()))
        .map(|(key, value)| (key.clone(), json_to_jinja(value)));
    let open = unknown.iter().filter_map(Value::as_str).map(|key| {
        let what = format!(
            "`{name}.{key}`, and \"{}\" isn't done in check mode",
            task.own_title()
        );
        (key.to_owned(), unpredictable(&what))
    });
    let all: BTreeMap<String, minijinja::Value> = known.chain(open).collect();
    minijinja::Value::from(all)
}

impl<H: Hands> PlayRun<H> {
    /// Judges what a call came to, when nothing was to be changed, and notes what it
    /// would have brought to its host.
    pub fn predict(
        &self,
        task: &Task,
        at: &str,
        args: &Fields,
        user: Option<&str>,
        mut fields: Fields,
    ) -> Fields {
        let module = task.module();
        if results::flag(&fields, "unreachable") {
            return fields;
        }
        let mut run = self.engine.state();
        let promises = run.promises.entry(at.to_owned()).or_default();
        match promises.judge(module, args, &mut fields, user) {
            Judgement::Stands => {}
            Judgement::DependsOn(what) => fields = unpredicted(&what),
            Judgement::Fails(message) => {
                let mut failed = results::failed(message);
                if let Some(path) = fields.remove("path") {
                    failed.insert("path".to_owned(), path);
                }
                fields = failed;
            }
        }
        if reason(&fields).is_some() {
            promises.note(&task.own_title(), module, args, false);
            return fields;
        }
        let never = task.keywords.get(Keyword::ChangedWhen);
        let never = never.is_some_and(|node| matches!(node.value, Written::Bool(false)));
        if COMMANDS.contains(&module) && results::flag(&fields, "skipped") {
            // What runs and changes nothing brings nothing, either.
            if !never {
                promises.note(&task.own_title(), module, args, false);
                let why = "the command itself, and check mode runs none";
                fields.insert(UNPREDICTED.to_owned(), why.into());
            } else {
                let all: Vec<&str> = SAID.into_iter().chain(["changed", "skipped"]).collect();
                fields.insert(UNKNOWN.to_owned(), json!(all));
            }
        } else if results::flag(&fields, "changed") {
            promises.note(&task.own_title(), module, args, true);
            if COMMANDS.contains(&module) {
                fields.insert(UNKNOWN.to_owned(), json!(SAID));
            } else if module == "tempfile" {
                fields.insert(UNKNOWN.to_owned(), json!(["path"]));
            }
        } else if results::flag(&fields, "skipped") {
            // A module that does nothing in check mode.
            let all: Vec<&str> = SAID.into_iter().chain(["changed", "skipped"]).collect();
            fields.insert(UNKNOWN.to_owned(), json!(all));
        }
        fields
    }

    /// Returns what becomes of a task whose values failed: in check mode they may
    /// depend on what can't be known.
    pub fn undone(&self, task: &Task, host: &str, error: &Diagnostic) -> Attempt {
        let Some(what) = depends_on(error) else {
            return Attempt::of(results::diagnosed(error));
        };
        let mut run = self.engine.state();
        let promises = run.promises.entry(host.to_owned()).or_default();
        promises.note(&task.own_title(), task.module(), &Fields::new(), false);
        Attempt::of(unpredicted(what))
    }

    /// Keeps the facts that a task would have set as ones that can't be known.
    pub fn keep_unknown(&self, task: &Task, targets: &[String]) {
        if task.module() != "set_fact" {
            return;
        }
        for name in task.args.named.keys() {
            for target in targets {
                let what = format!("`{name}`, and \"{}\" can't be predicted", task.own_title());
                self.engine.world.set(target, name, unpredictable(&what));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_is_as_open_as_its_items() {
        let item = results::fields(json!({ "changed": true, UNKNOWN: ["rc"] }));
        let mut whole = results::joined(vec![item, unpredicted("`x`")]);
        joined(&mut whole);
        assert_eq!(reason(&whole), Some("`x`"));
        assert_eq!(whole[UNKNOWN], json!(["results"]));
        assert_eq!(whole["changed"], true);
    }
}
