//! `meta`: tells the engine something.

use super::{Call, EngineAction, Module, ModuleError, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "meta",
    fqcn: &["ansible.builtin.meta"],
    doc: "Tells the engine something: flush_handlers, end_play, end_host, end_batch, end_role, clear_facts, clear_host_errors, refresh_inventory, reset_connection, noop.",
    args: &[],
    free_form: true,
    compile,
};

/// What can be told.
const KNOWN: &[&str] = &[
    "flush_handlers",
    "end_play",
    "end_host",
    "end_batch",
    "end_role",
    "clear_facts",
    "clear_host_errors",
    "refresh_inventory",
    "reset_connection",
    "noop",
];

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let what = call.args.raw().unwrap_or_default().trim();
    if KNOWN.contains(&what) {
        return Ok(Work::Engine(EngineAction::Meta(what.to_owned())));
    }
    let near = super::table::nearest(what, KNOWN.iter().copied());
    let hint = near.map_or_else(
        || format!("use one of {}", KNOWN.join(", ")),
        |near| format!("did you mean `{near}`?"),
    );
    Err(
        super::ArgError::new(None, format!("`meta` knows no `{what}`"))
            .hint(hint)
            .into(),
    )
}
