use std::fmt::Write as _;

use super::variables::{VARIABLES, VariableDefault, VariableKind};

/// Returns `docs/variables.md`, made from the table of variables.
pub fn handbook() -> String {
    let mut text = String::from(
        "# Variables of an instance\n\n\
         <!-- Made from the table in src/inventory/instance/variables.rs; a test compares. -->\n\n\
         A host of the inventory is an instance when any `vm_*` variable is set for it, in\n\
         `host_vars/`, `group_vars/` or the inventory itself. Values may be Jinja templates,\n\
         `null` unsets what a group has set, and an unknown name that begins with `vm_` is an\n\
         error. `swarmctl inventory schema` prints the same as a JSON Schema for editors.\n",
    );
    for (title, prefix) in [("The guest", "vm_"), ("How SSH reaches it", "ansible_")] {
        let _ = write!(
            text,
            "\n## {title}\n\n| variable | value | default | example |\n|---|---|---|---|\n"
        );
        for variable in VARIABLES.iter().filter(|one| one.name.starts_with(prefix)) {
            let default = match variable.default {
                VariableDefault::Value(value) => format!("`{}`", bare(value)),
                VariableDefault::Words(words) => words.to_owned(),
                VariableDefault::Required => "required".to_owned(),
            };
            let _ = writeln!(
                text,
                "| `{}` | {}: {} | {} | `{}` |",
                variable.name,
                kind(variable.kind),
                variable.description,
                default,
                bare(variable.example),
            );
        }
    }
    text
}

fn kind(kind: VariableKind) -> String {
    match kind {
        VariableKind::Text | VariableKind::Pattern(_) => "string".to_owned(),
        VariableKind::Integer(least, most) => format!("integer from {least} to {most}"),
        VariableKind::Boolean => "boolean".to_owned(),
        VariableKind::Choice(choices) => choices
            .iter()
            .map(|choice| format!("`{choice}`"))
            .collect::<Vec<_>>()
            .join(", "),
        VariableKind::Texts => "string or list of strings".to_owned(),
        VariableKind::Shares => "list of mappings".to_owned(),
        VariableKind::Users => "list of names or mappings".to_owned(),
        VariableKind::Mapping => "mapping".to_owned(),
    }
}

/// Returns a string of JSON without its quotes, and anything else as it is.
fn bare(json: &str) -> String {
    serde_json::from_str::<String>(json).unwrap_or_else(|_| json.to_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_file_is_up_to_date() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/variables.md");
        if std::env::var_os("SWARMCTL_UPDATE_DOCS").is_some() {
            std::fs::write(file, super::handbook()).unwrap();
        }
        let written = std::fs::read_to_string(file).unwrap_or_default();
        assert!(
            written == super::handbook(),
            "docs/variables.md is stale: run SWARMCTL_UPDATE_DOCS=1 cargo test the_file_is_up_to_date"
        );
    }
}
