use super::Bases;
use crate::plan::{Diagnostic, Place, Severity};

/// Returns a finding as docs/json.md describes it.
pub fn diagnostic_json(diagnostic: &Diagnostic, bases: &Bases) -> serde_json::Value {
    let place = |place: &Place| {
        serde_json::json!({
            "file": bases.shown(&place.file),
            "line": place.line,
            "column": place.column,
        })
    };
    let related: Vec<_> = diagnostic
        .related
        .iter()
        .map(|(at, label)| {
            let mut related = place(at);
            related["label"] = label.as_str().into();
            related
        })
        .collect();
    serde_json::json!({
        "severity": match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        "message": diagnostic.message,
        "place": diagnostic.place.as_ref().map(place),
        "hint": diagnostic.hint,
        "related": related,
    })
}
