use serde_json::{Map, Value};

use super::{
    ArgError, Args, Module,
    args::RAW,
    coerce::coerce,
    module::{Arg, ArgKind},
};

/// Returns a task's rendered arguments, typed: aliases resolved, defaults filled in.
///
/// # Errors
///
/// Every unknown, missing, doubled or mistyped argument.
pub fn bind(module: &Module, given: &Map<String, Value>) -> Result<Args, Vec<ArgError>> {
    let errors = check(module, given, &|_| false);
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut values = Map::new();
    for (name, value) in given {
        match module.argument(name) {
            Some(_) if value.is_null() => {}
            Some(arg) => {
                let value =
                    coerce(arg.kind, value).map_err(|message| vec![wrong(name, arg, &message)])?;
                values.insert(arg.name.to_owned(), value);
            }
            None => {
                values.insert(name.clone(), value.clone());
            }
        }
    }
    for arg in module.arguments() {
        if let Some(default) = arg.default
            && !values.contains_key(arg.name)
        {
            let value = coerce(arg.kind, &Value::from(default))
                .map_err(|message| vec![wrong(arg.name, arg, &message)])?;
            values.insert(arg.name.to_owned(), value);
        }
    }
    Ok(Args::new(values))
}

/// Returns all that is wrong with arguments. `later` says which values can't be
/// judged yet, since they are templates.
pub fn check(
    module: &Module,
    given: &Map<String, Value>,
    later: &dyn Fn(&Value) -> bool,
) -> Vec<ArgError> {
    let mut errors = Vec::new();
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for (name, value) in given {
        if name == RAW {
            check_raw(module, value, later, &mut errors);
            continue;
        }
        let Some(arg) = module.argument(name) else {
            // A module without a table, such as `set_fact`, takes any names.
            if !takes_anything(module) {
                errors.push(unknown(module, name));
            }
            continue;
        };
        if let Some((_, other)) = seen.iter().find(|(known, _)| *known == arg.name) {
            errors.push(ArgError::new(
                name.clone(),
                format!("`{name}` and `{other}` are the same argument"),
            ));
            continue;
        }
        seen.push((arg.name, name));
        if value.is_null() || later(value) {
            continue;
        }
        if let Err(message) = coerce(arg.kind, value) {
            errors.push(wrong(name, arg, &message));
        }
    }
    let absent = |arg: &Arg| {
        !given.iter().any(|(name, value)| {
            !value.is_null() && (name == arg.name || arg.aliases.contains(&name.as_str()))
        })
    };
    for arg in module.arguments().filter(|arg| arg.required && absent(arg)) {
        errors.push(ArgError::new(
            None,
            format!("`{}` needs the argument `{}`", module.name, arg.name),
        ));
    }
    errors
}

/// Returns true for the modules whose arguments have names of the user's.
fn takes_anything(module: &Module) -> bool {
    module.arguments().any(|arg| arg.name == "*")
}

fn check_raw(
    module: &Module,
    value: &Value,
    later: &dyn Fn(&Value) -> bool,
    errors: &mut Vec<ArgError>,
) {
    if !module.free_form {
        errors.push(
            ArgError::new(None, format!("`{}` takes no bare text", module.name))
                .hint("write its arguments as a mapping"),
        );
    } else if !later(value)
        && let Err(message) = coerce(ArgKind::Str, value)
    {
        errors.push(ArgError::new(None, format!("the text {message}")));
    }
}

fn wrong(name: &str, arg: &Arg, message: &str) -> ArgError {
    let message = if arg.secret {
        "has the wrong type"
    } else {
        message
    };
    ArgError::new(name.to_owned(), format!("`{name}` {message}"))
}

fn unknown(module: &Module, name: &str) -> ArgError {
    let error = ArgError::new(
        name.to_owned(),
        format!("`{}` has no argument `{name}`", module.name),
    );
    let names = module
        .arguments()
        .flat_map(|arg| std::iter::once(&arg.name).chain(arg.aliases))
        .filter(|name| **name != "*");
    match super::table::nearest(name, names.copied()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error,
    }
}
