//! Keywords of a task as values.

use std::time::Duration;

use secrecy::SecretString;
use serde_json::Value;

use super::{Become, BecomeMethod};
use crate::{
    inventory::Node,
    plan::Diagnostic,
    play::{
        parse::{Keyword, Task},
        vars::Scope,
    },
};

/// Returns whether a text means yes, as Ansible reads booleans.
pub(super) fn is_true(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => match number.as_f64() {
            Some(1.0) => Some(true),
            Some(0.0) => Some(false),
            _ => None,
        },
        Value::String(text) => match text.trim().to_lowercase().as_str() {
            "yes" | "true" | "on" | "y" | "t" | "1" | "1.0" => Some(true),
            "no" | "false" | "off" | "n" | "f" | "0" | "0.0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// Returns a boolean keyword; `None` when it isn't given.
///
/// # Errors
/// When its template fails, or it is no boolean.
pub(super) fn flag(
    task: &Task,
    keyword: Keyword,
    scope: &Scope,
) -> Result<Option<bool>, Diagnostic> {
    let Some(node) = task.keywords.get(keyword) else {
        return Ok(None);
    };
    match scope.render(node)? {
        None | Some(Value::Null) => Ok(None),
        Some(value) => is_true(&value).map(Some).ok_or_else(|| {
            let message = format!("`{}` is yes or no", keyword.name());
            Diagnostic::error(node.place.clone(), message)
        }),
    }
}

/// Returns a keyword as text; `None` when it isn't given or `omit`.
///
/// # Errors
/// When its template fails.
pub(super) fn text(
    task: &Task,
    keyword: Keyword,
    scope: &Scope,
) -> Result<Option<String>, Diagnostic> {
    match task.keywords.get(keyword) {
        Some(node) => rendered_text(node, scope),
        None => Ok(None),
    }
}

/// Returns a value as text; `None` for nothing and for `omit`.
///
/// # Errors
/// When its template fails.
pub(super) fn rendered_text(node: &Node, scope: &Scope) -> Result<Option<String>, Diagnostic> {
    Ok(match scope.render(node)? {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text),
        Some(other) => Some(other.to_string()),
    })
}

/// Returns a value as a number.
///
/// # Errors
/// When its template fails, or it is no number.
pub(super) fn number(node: &Node, scope: &Scope) -> Result<Option<f64>, Diagnostic> {
    let value = match scope.render(node)? {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.trim().trim_end_matches('%').parse().ok(),
        Some(_) => None,
    };
    match value {
        Some(value) => Ok(Some(value)),
        None => Err(Diagnostic::error(node.place.clone(), "this is no number")),
    }
}

/// Returns a keyword that is a number of seconds.
///
/// # Errors
/// As [`number`].
pub(super) fn seconds(
    task: &Task,
    keyword: Keyword,
    scope: &Scope,
) -> Result<Option<Duration>, Diagnostic> {
    let Some(node) = task.keywords.get(keyword) else {
        return Ok(None);
    };
    let seconds = number(node, scope)?;
    Ok(seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()))
}

/// Returns as whom a task runs. Variables of the host win over keywords, as in
/// Ansible.
///
/// # Errors
/// When a template fails, or the method is unknown.
pub(super) fn become_of(
    task: &Task,
    scope: &Scope,
    host: &Scope,
) -> Result<Option<Become>, Diagnostic> {
    let wanted = match host.get("ansible_become")? {
        Some(value) => is_true(&value),
        None => flag(task, Keyword::Become, scope)?,
    };
    if wanted != Some(true) {
        return Ok(None);
    }
    let method = match host.text("ansible_become_method")? {
        Some(method) => Some(method),
        None => text(task, Keyword::BecomeMethod, scope)?,
    };
    let method = method.unwrap_or_else(|| "sudo".to_owned());
    let kind = match method.rsplit('.').next().unwrap_or_default() {
        "sudo" => BecomeMethod::Sudo,
        "su" => BecomeMethod::Su,
        "doas" => BecomeMethod::Doas,
        other => {
            let message = format!("there is no become method `{other}`");
            let place = task.place_of(Keyword::BecomeMethod).clone();
            return Err(Diagnostic::error(place, message).hint("one of sudo, su, doas"));
        }
    };
    let user = match host.text("ansible_become_user")? {
        Some(user) => Some(user),
        None => text(task, Keyword::BecomeUser, scope)?,
    };
    let mut password = None;
    for name in ["ansible_become_password", "ansible_become_pass"] {
        if password.is_none() {
            password = host.text(name)?;
        }
    }
    Ok(Some(Become {
        method: kind,
        user: user.unwrap_or_else(|| "root".to_owned()),
        password: password.map(SecretString::from),
    }))
}

/// Returns the environment of a task: the mappings of the play, blocks and the task,
/// later ones winning.
///
/// # Errors
/// When a template fails.
pub(super) fn environment(task: &Task, scope: &Scope) -> Result<Vec<(String, String)>, Diagnostic> {
    let mut all = indexmap::IndexMap::new();
    for node in task.keywords.list(Keyword::Environment) {
        let rendered = scope.render(node)?;
        let maps = match rendered {
            Some(Value::Array(items)) => items,
            Some(other) => vec![other],
            None => Vec::new(),
        };
        for map in maps {
            let Value::Object(map) = map else { continue };
            for (name, value) in map {
                let text = match value {
                    Value::String(text) => text,
                    Value::Null => String::new(),
                    Value::Bool(true) => "True".to_owned(),
                    Value::Bool(false) => "False".to_owned(),
                    other => other.to_string(),
                };
                all.insert(name, text);
            }
        }
    }
    Ok(all.into_iter().collect())
}
