//! `getent`: looks something up in a database of the host.

use serde_json::{Map, Value};

use super::{Arg, ArgKind, Call, Module, ModuleError, Program, Remote, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "getent",
    fqcn: &["ansible.builtin.getent"],
    doc: "Looks something up in a database of the host: users, groups, hosts. The result is the fact `getent_DATABASE`.",
    args: &[&[
        Arg::str("database", "The database, as passwd.").required(),
        Arg::str("key", "What to look up; without it everything."),
        Arg::str("service", "Where to look."),
        Arg::str("split", "What separates the fields."),
        Arg::new(
            "fail_key",
            ArgKind::Bool,
            "A key that isn't there is a failure.",
        )
        .default("true"),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let database = args.text("database").to_owned();
    for (name, text) in [("database", database.as_str()), ("key", args.text("key"))] {
        if text.starts_with('-') {
            return Err(ModuleError::arg(
                name,
                format!("`{name}` begins with a dash"),
            ));
        }
    }
    let mut program = Program::new(call);
    program
        .set("db", &database)
        .opt("ke", args.str("key"))
        .opt("se", args.str("service"))
        .flag("fk", args.bool("fail_key") != Some(false))
        .script(include_str!("sh/getent.sh"));
    let colons = ["passwd", "shadow", "group", "gshadow"].contains(&database.as_str());
    let split = args
        .str("split")
        .map(str::to_owned)
        .or_else(|| colons.then(|| ":".to_owned()));
    let key = args.str("key").map(str::to_owned);
    Ok(Remote::new(call, &program)
        .post(move |result, part| {
            if result.failed {
                return;
            }
            let mut found: Map<String, Value> = Map::new();
            for line in part("lines").unwrap_or_default().lines() {
                let fields: Vec<&str> = match &split {
                    Some(split) => line.split(split.as_str()).collect(),
                    None => line.split_whitespace().collect(),
                };
                let Some((first, rest)) = fields.split_first() else {
                    continue;
                };
                let rest: Vec<Value> = rest.iter().map(|field| Value::from(*field)).collect();
                found.insert((*first).to_owned(), rest.into());
            }
            if let (true, Some(key)) = (found.is_empty(), &key) {
                found.insert(key.clone(), Value::Null);
                result.msg =
                    Some("One or more supplied key could not be found in the database.".to_owned());
            }
            result
                .facts
                .insert(format!("getent_{database}"), found.into());
        })
        .work())
}
