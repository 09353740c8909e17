use std::path::{Component, Path, PathBuf};

use super::{Problem, scalar};
use crate::inventory::Node;

/// Returns a path on the hypervisor, which must be absolute.
pub fn absolute(node: &Node) -> Result<PathBuf, Problem> {
    let text = scalar::text(node)?;
    let path = Path::new(&text);
    if !path.is_absolute() {
        return Err(Problem::expected("an absolute path", node)
            .hint("it is a path on the hypervisor: begin with /"));
    }
    if text.chars().any(char::is_control) {
        return Err(Problem::expected("a path without control characters", node));
    }
    if path.components().any(|part| part == Component::ParentDir) {
        return Err(Problem::expected("a path without `..`", node));
    }
    Ok(path.to_owned())
}

/// Returns the path of a file on the hypervisor, which must be absolute.
pub fn file(node: &Node) -> Result<PathBuf, Problem> {
    let path = absolute(node)?;
    if scalar::text(node)?.ends_with('/') {
        return Err(Problem::expected("the path of a file", node));
    }
    Ok(path)
}

/// Returns a path on this machine: `~` is the home directory, and a relative path
/// starts at the fleet directory.
pub fn local(text: &str, fleet_root: &Path, home: Option<&Path>) -> Result<PathBuf, Problem> {
    if let Some(rest) = text.strip_prefix('~') {
        let Some(rest) = rest.strip_prefix('/').or(rest.is_empty().then_some("")) else {
            return Err(
                Problem::new(format!("`{text}` names another user's home directory"))
                    .hint("write the whole path"),
            );
        };
        let home = home.ok_or_else(|| {
            Problem::new(format!(
                "`{text}` needs a home directory, and HOME isn't set"
            ))
            .hint("write the whole path")
        })?;
        return Ok(home.join(rest));
    }
    Ok(fleet_root.join(text))
}
