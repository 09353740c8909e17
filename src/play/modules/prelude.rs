//! The functions that programs begin with; each program carries those it uses.

use std::{collections::BTreeSet, sync::LazyLock};

/// A function: its name, its text, and the names it uses.
struct Function {
    name: &'static str,
    text: String,
}

static SOURCE: &str = include_str!("sh/prelude.sh");

static FUNCTIONS: LazyLock<Vec<Function>> = LazyLock::new(|| {
    let mut functions: Vec<Function> = Vec::new();
    let mut open = false;
    for line in SOURCE.lines() {
        if let Some(name) = line.split_once("() {").map(|(name, _)| name)
            && name.starts_with("s_")
        {
            open = true;
            functions.push(Function {
                name,
                text: String::new(),
            });
        }
        if open && let Some(function) = functions.last_mut() {
            function.text.push_str(&lean(line));
            open = line != "}";
        }
    }
    functions
});

/// Returns a line without indentation, empty when it is a comment.
fn lean(line: &str) -> String {
    let line = line.trim_start();
    if line.is_empty() || line.starts_with('#') {
        return String::new();
    }
    format!("{line}\n")
}

/// Returns code without its comments and indentation.
pub(super) fn leaned(code: &str) -> String {
    code.lines().map(lean).collect()
}

/// Returns the functions that `code` needs, and those that they need.
pub(super) fn for_code(code: &str) -> String {
    needed(code).into_iter().map(text).collect()
}

/// Returns the text of a function.
pub(super) fn text(index: usize) -> &'static str {
    FUNCTIONS
        .get(index)
        .map_or("", |function| function.text.as_str())
}

/// Returns the functions that `code` needs, and those that they need.
pub(super) fn needed(code: &str) -> BTreeSet<usize> {
    let mut needed = BTreeSet::new();
    let mut look: Vec<&str> = vec![code];
    while let Some(text) = look.pop() {
        for (index, function) in FUNCTIONS.iter().enumerate() {
            if !needed.contains(&index) && uses(text, function.name) {
                needed.insert(index);
                look.push(&function.text);
            }
        }
    }
    needed
}

/// Returns all functions, for a shell that keeps them from one program to the next.
pub fn whole() -> String {
    FUNCTIONS
        .iter()
        .map(|function| function.text.as_str())
        .collect()
}

fn uses(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let after = text
            .get(at + name.len()..)
            .and_then(|rest| rest.chars().next());
        !after.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}
