//! Results as `register` keeps them.

use serde_json::{Map, Value, json};

use super::Status;
use crate::plan::Diagnostic;

/// A result under Ansible's names.
pub(super) type Fields = Map<String, Value>;

pub(super) fn fields(value: Value) -> Fields {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Returns the result of a task that isn't for a host.
pub(super) fn skipped(unmet: Value) -> Fields {
    fields(json!({
        "changed": false,
        "skipped": true,
        "skip_reason": "Conditional result was False",
        "false_condition": unmet,
    }))
}

/// Returns the result of a task that failed before it was done.
pub(super) fn failed(message: impl Into<String>) -> Fields {
    fields(json!({ "changed": false, "failed": true, "msg": message.into() }))
}

/// Returns the result of a task whose values can't be known.
pub(super) fn diagnosed(error: &Diagnostic) -> Fields {
    let mut result = failed(error.to_string());
    if let Some(hint) = &error.hint {
        result.insert("hint".to_owned(), hint.as_str().into());
    }
    result
}

/// Returns a flag of a result.
pub(super) fn flag(result: &Fields, name: &str) -> bool {
    match result.get(name) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::Null) | None => false,
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(Value::String(text)) => !text.is_empty(),
        Some(_) => true,
    }
}

/// Sets `failed` and `changed` where the module said nothing.
pub(super) fn complete(result: &mut Fields) {
    if !result.contains_key("failed") {
        let rc = result.get("rc").and_then(Value::as_i64).unwrap_or(0);
        result.insert("failed".to_owned(), (rc != 0).into());
    }
    result.entry("changed").or_insert(false.into());
}

/// Returns what a result means for the recap; `ignored` says whether a failure is let
/// be.
pub(super) fn status(result: &Fields, ignored: bool) -> Status {
    if flag(result, "unreachable") {
        Status::Unreachable
    } else if flag(result, "failed") {
        if ignored {
            Status::Ignored
        } else {
            Status::Failed
        }
    } else if flag(result, "skipped") {
        Status::Skipped
    } else if flag(result, "changed") {
        Status::Changed
    } else {
        Status::Ok
    }
}

/// Joins the results of a loop.
pub(super) fn joined(results: Vec<Fields>) -> Fields {
    if results.is_empty() {
        return fields(json!({
            "changed": false,
            "skipped": true,
            "skipped_reason": "No items in the list",
            "results": [],
        }));
    }
    let any = |name: &str| results.iter().any(|result| flag(result, name));
    let all_skipped = results.iter().all(|result| flag(result, "skipped"));
    let (failed, changed, unreachable) = (any("failed"), any("changed"), any("unreachable"));
    let msg = if failed {
        "One or more items failed"
    } else if all_skipped {
        "All items skipped"
    } else {
        "All items completed"
    };
    let mut whole = fields(json!({ "changed": changed, "msg": msg }));
    if failed {
        whole.insert("failed".to_owned(), true.into());
    }
    if all_skipped {
        whole.insert("skipped".to_owned(), true.into());
    }
    if unreachable {
        whole.insert("unreachable".to_owned(), true.into());
    }
    let results = results.into_iter().map(Value::Object).collect();
    whole.insert("results".to_owned(), Value::Array(results));
    whole
}

/// What is shown instead of a result that must not be.
pub(super) fn censored(result: &Fields) -> Fields {
    let mut shown = fields(json!({
        "censored": "the output has been hidden due to the fact that 'no_log: true' was \
                     specified for this result",
    }));
    for name in ["changed", "failed", "skipped", "unreachable", "attempts"] {
        if let Some(value) = result.get(name) {
            shown.insert(name.to_owned(), value.clone());
        }
    }
    if result.contains_key("unpredicted") {
        // What it depends on may quote the task.
        shown.insert("unpredicted".to_owned(), "what must not be shown".into());
    }
    shown
}
