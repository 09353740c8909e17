use minijinja::{Environment, Value};

use super::add;

/// Adds `basename`, `dirname`, `splitext`, `normpath`: they look at the text alone.
pub(super) fn register(environment: &mut Environment<'static>) {
    add(environment, "basename", basename);
    add(environment, "dirname", dirname);
    add(environment, "splitext", splitext);
    add(environment, "normpath", normpath);
}

/// Returns what follows the last slash, as Python's os.path does.
fn basename(path: &str) -> String {
    let end = path.rsplit_once('/').map_or(path, |(_, end)| end);
    end.to_owned()
}

/// Returns what stands before the last slash, as Python's os.path does.
fn dirname(path: &str) -> String {
    let head = path.rfind('/').and_then(|slash| path.get(..=slash));
    let head = head.unwrap_or_default();
    let trimmed = head.trim_end_matches('/');
    if trimmed.is_empty() { head } else { trimmed }.to_owned()
}

/// Returns the path and its last extension with the dot.
fn splitext(path: &str) -> Value {
    let start = path.rfind('/').map_or(0, |slash| slash + 1);
    let name = path.get(start..).unwrap_or_default();
    let lead = name.len() - name.trim_start_matches('.').len();
    // Leading dots belong to the name: `.profile` has no extension.
    let dot = name.rfind('.').filter(|dot| *dot > lead);
    let at = dot.map_or(path.len(), |dot| start + dot);
    let (root, extension) = path.split_at(at);
    Value::from(vec![Value::from(root), Value::from(extension)])
}

/// Returns the path without `.`, `..` and double slashes, as Python's os.path does.
fn normpath(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if matches!(parts.last(), Some(last) if *last != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}
