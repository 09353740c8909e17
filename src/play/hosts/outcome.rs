//! What becomes of a call, as the engine sees it.

use serde_json::{Map, Value, json};

use crate::{
    play::{
        modules::{Diff, TaskResult},
        run::Outcome,
    },
    transport::TransportError,
};

/// What a connection's end means for the task: its own fault, or the host's.
pub(super) fn ended(error: &TransportError) -> Outcome {
    let text = explained(error);
    match error {
        TransportError::Become { .. }
        | TransportError::RunTimedOut { .. }
        | TransportError::Signalled { .. }
        | TransportError::TooMuchOutput { .. }
        | TransportError::NulByte { .. } => failed(&text),
        _ => Outcome::Unreachable(text),
    }
}

/// Returns what went wrong, why, and what to do next.
pub(super) fn explained(error: &TransportError) -> String {
    let text = match std::error::Error::source(error) {
        Some(source) => format!("failed to {error}: {source}"),
        None => format!("failed to {error}"),
    };
    match error.hint() {
        Some(hint) => format!("{text}. {}", sentence(&hint)),
        None => text,
    }
}

/// Returns a text that begins as a sentence does, unless it begins with a name.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let word = text.split(' ').next().unwrap_or_default();
    match letters.next() {
        Some(first) if !word.contains(['_', '.']) => {
            first.to_uppercase().collect::<String>() + letters.as_str()
        }
        _ => text.to_owned(),
    }
}

/// A failure of the task.
pub(super) fn failed(text: &str) -> Outcome {
    Outcome::Done(TaskResult::failure(text).registered())
}

/// A result, with its differences where they are wanted.
pub(super) fn done(result: &TaskResult, diff: bool) -> Outcome {
    let mut map: Map<String, Value> = result.registered();
    if diff && !result.diff.is_empty() {
        let one = |diff: &Diff| {
            json!({
                "before": diff.before,
                "after": diff.after,
                "before_header": diff.before_header,
                "after_header": diff.after_header,
            })
        };
        map.insert("diff".to_owned(), result.diff.iter().map(one).collect());
    }
    Outcome::Done(map)
}
