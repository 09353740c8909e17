//! `assert`: fails unless conditions hold.

use serde_json::Value;

use super::{Arg, ArgKind, Call, Module, ModuleError, TaskResult, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "assert",
    fqcn: &["ansible.builtin.assert"],
    doc: "Fails unless every condition holds.",
    args: &[&[
        Arg::new("that", ArgKind::Conditions, "The conditions.").required(),
        Arg::new(
            "fail_msg",
            ArgKind::Raw,
            "What to say when one doesn't hold.",
        )
        .aliases(&["msg"])
        .default("Assertion failed"),
        Arg::new("success_msg", ArgKind::Raw, "What to say when all hold.")
            .default("All assertions passed"),
        Arg::flag("quiet", "Say little."),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let message = |name: &str| match call.args.get(name) {
        Some(Value::Array(lines)) => {
            let lines: Vec<&str> = lines.iter().filter_map(Value::as_str).collect();
            lines.join("\n")
        }
        Some(other) => super::coerce::text(other).unwrap_or_default(),
        None => String::new(),
    };
    for condition in call.args.items("that").unwrap_or_default() {
        let holds = condition.get("evaluated_to").and_then(Value::as_bool);
        let Some(holds) = holds.or(condition.as_bool()) else {
            return Err(ModuleError::arg("that", "a condition was not evaluated"));
        };
        if !holds {
            let assertion = condition.get("assertion").cloned().unwrap_or_default();
            return Ok(Work::Done(
                TaskResult::failure(message("fail_msg"))
                    .with("assertion", assertion)
                    .with("evaluated_to", false),
            ));
        }
    }
    let mut result = TaskResult::ok();
    result.msg = Some(message("success_msg"));
    Ok(Work::Done(result))
}
