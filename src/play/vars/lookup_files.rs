//! Lookups that read files, the environment or a program of this machine.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use minijinja::{Error, Value as Jinja, value::Kwargs};

use super::{Scope, lookup::failure};
use crate::select;

pub(super) fn find(
    name: &str,
    terms: &[Jinja],
    options: &Kwargs,
    scope: &Scope,
) -> Result<Vec<Jinja>, Error> {
    let mut found = Vec::new();
    if name == "first_found" {
        return first_found(terms, options, scope);
    }
    for term in terms {
        let text = term.to_string();
        match name {
            "env" => {
                let value = scope.0.world.controller.environment.get(&text);
                let default = options.get::<Option<Jinja>>("default")?;
                found.push(match (value, default) {
                    (Some(value), _) => Jinja::from(value.as_str()),
                    (None, Some(default)) => default,
                    (None, None) => Jinja::from(""),
                });
            }
            "file" | "unvault" => {
                let text = read(&text, "files", scope)?;
                let trim = options.get::<Option<bool>>("rstrip")?.unwrap_or(true);
                found.push(Jinja::from(if trim { text.trim_end() } else { &text }));
            }
            "template" => found.push(Jinja::from(template(&text, scope)?)),
            "fileglob" => found.extend(fileglob(&text, scope)),
            "pipe" => found.push(Jinja::from(program(&text)?)),
            "lines" => found.extend(program(&text)?.lines().map(Jinja::from)),
            _ => {
                let message = format!("the lookup `{name}` isn't supported here");
                return Err(failure(message));
            }
        }
    }
    Ok(found)
}

/// Returns where a file may be, the nearest place first.
fn candidates<'a>(
    name: &'a str,
    section: &'a str,
    scope: &'a Scope,
) -> impl Iterator<Item = PathBuf> + 'a {
    let absolute = Path::new(name).is_absolute().then(|| PathBuf::from(name));
    let near = scope
        .search()
        .iter()
        .filter(|_| absolute.is_none())
        .flat_map(move |directory| [directory.join(section).join(name), directory.join(name)]);
    absolute.clone().into_iter().chain(near.collect::<Vec<_>>())
}

/// Returns the first place where a file is.
pub(super) fn located(name: &str, section: &str, scope: &Scope) -> Option<PathBuf> {
    let files = &scope.0.world.controller.files;
    candidates(name, section, scope).find(|path| files.exists(path))
}

fn read(name: &str, section: &str, scope: &Scope) -> Result<String, Error> {
    let missing = || {
        failure(format!(
            "there is no file {name:?} in {section}/ or next to it"
        ))
    };
    let path = located(name, section, scope).ok_or_else(missing)?;
    match scope.0.world.controller.files.read(&path) {
        Ok(Some(text)) => Ok(text),
        Ok(None) => Err(missing()),
        Err(error) => Err(failure(format!("failed to read {name:?}: {error}"))),
    }
}

fn template(name: &str, scope: &Scope) -> Result<String, Error> {
    let path = located(name, "templates", scope)
        .ok_or_else(|| failure(format!("there is no template {name:?}")))?;
    scope
        .render_template(&path)
        .map_err(|error| failure(error.to_string()))
}

fn fileglob(pattern: &str, scope: &Scope) -> Vec<Jinja> {
    let files = &scope.0.world.controller.files;
    let (directory, glob) = pattern.rsplit_once('/').unwrap_or(("", pattern));
    for directory in candidates(directory, "files", scope) {
        let names: Vec<Jinja> = files
            .names(&directory)
            .iter()
            .filter(|name| select::glob_matches(glob, name))
            .map(|name| directory.join(name))
            .filter(|path| files.names(path).is_empty())
            .map(|path| Jinja::from(path.display().to_string()))
            .collect();
        if !names.is_empty() {
            return names;
        }
    }
    Vec::new()
}

/// Returns the first of several files that exists.
fn first_found(terms: &[Jinja], options: &Kwargs, scope: &Scope) -> Result<Vec<Jinja>, Error> {
    let (mut names, mut paths, mut skip) = (Vec::new(), Vec::new(), false);
    let texts = |value: &Jinja| -> Vec<String> {
        match value.as_str() {
            Some(text) => vec![text.to_owned()],
            None => value
                .try_iter()
                .map(|items| items.map(|item| item.to_string()).collect())
                .unwrap_or_default(),
        }
    };
    let mut take = |value: &Jinja| {
        if value.kind() == minijinja::value::ValueKind::Map {
            let get = |name: &str| value.get_attr(name).ok().filter(|one| !one.is_undefined());
            names.extend(get("files").map(|files| texts(&files)).unwrap_or_default());
            paths.extend(get("paths").map(|paths| texts(&paths)).unwrap_or_default());
            skip |= get("skip").is_some_and(|skip| skip.is_true());
        } else {
            names.extend(texts(value));
        }
    };
    for term in terms {
        match term.kind() {
            minijinja::value::ValueKind::Seq => {
                for item in term.try_iter()? {
                    take(&item);
                }
            }
            _ => take(term),
        }
    }
    if let Some(files) = options.get::<Option<Jinja>>("files")? {
        names.extend(texts(&files));
    }
    if let Some(more) = options.get::<Option<Jinja>>("paths")? {
        paths.extend(texts(&more));
    }
    skip |= options.get::<Option<bool>>("skip")?.unwrap_or(false);
    for name in &names {
        let places: Vec<String> = if paths.is_empty() {
            vec![name.clone()]
        } else {
            paths.iter().map(|path| format!("{path}/{name}")).collect()
        };
        for place in places {
            for section in ["files", "templates", "vars", "tasks"] {
                if let Some(path) = located(&place, section, scope) {
                    return Ok(vec![Jinja::from(path.display().to_string())]);
                }
            }
        }
    }
    if skip {
        return Ok(Vec::new());
    }
    Err(failure(format!(
        "none of these files exists: {}",
        names.join(", ")
    )))
}

/// How long a program of this machine may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Returns what a program of this machine prints.
fn program(command: &str) -> Result<String, Error> {
    let child = Command::new("/bin/sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| failure(format!("failed to run a program: {error}")))?;
    let (sender, answer) = mpsc::channel();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    let output = answer
        .recv_timeout(PATIENCE)
        .map_err(|_| failure(format!("the program {command:?} takes too long")))?
        .map_err(|error| failure(format!("failed to run a program: {error}")))?;
    if !output.status.success() {
        let message = format!("the program {command:?} failed: {}", output.status);
        return Err(failure(message));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.trim_end_matches('\n').to_owned())
}
