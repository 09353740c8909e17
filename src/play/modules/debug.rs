//! `debug`: prints a message or a variable.

use serde_json::Value;

use super::{Arg, ArgKind, Call, Module, ModuleError, TaskResult, Work, coerce};

/// The module.
pub static MODULE: Module = Module {
    name: "debug",
    fqcn: &["ansible.builtin.debug"],
    doc: "Prints a message or the value of an expression.",
    args: &[&[
        Arg::new("msg", ArgKind::Raw, "What to print."),
        Arg::new(
            "var",
            ArgKind::Expression,
            "The expression whose value to print.",
        ),
        Arg::int("verbosity", "Print only with this many `-v` or more.").default("0"),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    if args.get("msg").is_some() && args.get("var").is_some() {
        return Err(ModuleError::arg(
            "var",
            "`msg` and `var` exclude each other",
        ));
    }
    let mut result = TaskResult::ok();
    if args.int("verbosity").unwrap_or_default() > i64::from(call.verbosity) {
        result.skipped = true;
        result.msg = Some("Verbosity threshold not met.".to_owned());
        return Ok(Work::Done(result));
    }
    if let Some(var) = args.get("var") {
        let name = var
            .get("expression")
            .and_then(Value::as_str)
            .unwrap_or("var");
        let value = var.get("value").cloned().unwrap_or_default();
        return Ok(Work::Done(result.with(name, value)));
    }
    let msg = args
        .get("msg")
        .cloned()
        .unwrap_or_else(|| "Hello world!".into());
    result.msg = coerce::text(&msg).ok();
    Ok(Work::Done(result.with("msg", msg)))
}
