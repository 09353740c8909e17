//! Inventory sources: files, directories and host lists, and which format each has.

use std::{os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use super::{
    Value,
    build::{Builder, SourceText},
    files::{Descent, Files, joined},
    ini,
    yaml::{self, Document},
    yaml_source,
};
use crate::{
    plan::{Diagnostic, Place},
    select::address::parse_address,
};

/// What Ansible passes over in an inventory directory, by the end of the name
/// (its `INVENTORY_IGNORE_EXTS`).
const IGNORED_ENDS: [&str; 12] = [
    ".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".cfg", ".retry",
];
/// What it always passes over, by name.
const IGNORED_NAMES: [&str; 3] = ["host_vars", "group_vars", "vars_plugins"];

/// Reads one source into the builder; findings go to its diagnostics.
pub(super) fn read(source: &str, files: &mut Files<'_>, builder: &mut Builder) {
    let path = Path::new(source);
    if source.contains(',') && !path.exists() {
        host_list(source, builder);
    } else if path.is_dir() {
        directory(path, &mut Descent::default(), files, builder);
    } else {
        file(path, files, builder);
    }
}

/// `host1,host2:22,`
fn host_list(source: &str, builder: &mut Builder) {
    let place = Place::nowhere("<host list>");
    for name in source
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
    {
        // A range is no address here: it stays as it stands.
        let (host, port) = parse_address(name)
            .filter(|(host, _)| !host.contains('['))
            .unwrap_or((name, None));
        if !builder.hosts.contains_key(host) {
            builder.add_host(host, "ungrouped", port, &place);
        }
    }
}

fn directory(dir: &Path, above: &mut Descent, files: &mut Files<'_>, builder: &mut Builder) {
    let names = match above.enter(dir) {
        Ok(names) => names,
        Err(error) => return builder.error(error),
    };
    for name in names {
        let ignored = name.starts_with('.')
            || IGNORED_NAMES.contains(&name.as_str())
            || IGNORED_ENDS.iter().any(|end| name.ends_with(end));
        if ignored {
            continue;
        }
        let path = joined(dir, &name);
        if path.is_dir() {
            directory(&path, above, files, builder);
        } else {
            file(&path, files, builder);
        }
    }
    above.leave();
}

fn file(path: &Path, files: &mut Files<'_>, builder: &mut Builder) {
    let shared: Arc<Path> = Arc::from(path);
    let text = match files.read(path, &shared) {
        Ok(text) => text,
        Err(error) => return builder.error(error),
    };
    if is_program(path, &text) {
        return builder.error(
            Diagnostic::error(Place::new(&shared, 1, 1), "an inventory program; only files are read")
                .hint("write its output to a file: `./program --list` to JSON is not read, `ansible-inventory -i program --list --yaml` is"),
        );
    }
    let extension = path.extension().and_then(|e| e.to_str());
    match extension {
        Some("yml" | "yaml" | "json") => match yaml::parse_document(&text, &shared) {
            Ok(document) => as_yaml(&document, builder),
            Err(errors) => errors.0.into_iter().for_each(|error| builder.error(error)),
        },
        Some("toml") => builder.error(
            Diagnostic::error(Place::new(&shared, 1, 1), "TOML inventories are not read")
                .hint("convert it: `ansible-inventory -i FILE --list --yaml`"),
        ),
        Some(_) => ini::parse(
            &SourceText {
                text: &text,
                file: &shared,
            },
            builder,
        ),
        None => by_content(&text, &shared, builder),
    }
}

/// A file without extension is YAML when it is a YAML mapping, else INI.
fn by_content(text: &str, file: &Arc<Path>, builder: &mut Builder) {
    match yaml::parse_document(text, file) {
        Ok(document) if document.node.as_map().is_some() => as_yaml(&document, builder),
        Err(errors) if looks_like_yaml(text) => {
            errors.0.into_iter().for_each(|error| builder.error(error));
        }
        _ => ini::parse(&SourceText { text, file }, builder),
    }
}

/// Judged by the first line that says something, for files that are no valid YAML:
/// the errors shown should be those of the format that was meant.
fn looks_like_yaml(text: &str) -> bool {
    let first = text
        .lines()
        .map(str::trim_end)
        .find(|line| !line.trim().is_empty() && !line.trim_start().starts_with(['#', ';']));
    first.is_some_and(|line| {
        let key = line.split(" #").next().unwrap_or(line).trim_end();
        line == "---"
            || line.starts_with(['{', '%'])
            || key.ends_with(':') && !key.contains(char::is_whitespace)
    })
}

fn as_yaml(document: &Document, builder: &mut Builder) {
    if let Value::Map(map) = &document.node.value
        && let Some(plugin) = map.get("plugin")
        && plugin.node.as_map().is_none()
    {
        return builder.error(
            Diagnostic::error(
                plugin.key_place.clone(),
                "the configuration of an inventory plugin; only files are read",
            )
            .hint("write its output to a file: `ansible-inventory -i FILE --list --yaml`"),
        );
    }
    // An empty file is an inventory without hosts.
    if !matches!(document.node.value, Value::Null) {
        yaml_source::read(document, builder);
    }
}

/// Executable and begins as a program does. The bit alone says little: on some
/// mounts every file has it.
fn is_program(path: &Path, text: &str) -> bool {
    let executable = path
        .metadata()
        .is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0);
    executable && text.starts_with("#!")
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::{Builder, Files, read};
    use crate::secret::VaultPasswords;

    fn from(source: &str) -> Builder {
        let vault = VaultPasswords::new();
        let mut builder = Builder::new();
        read(source, &mut Files::new(&vault), &mut builder);
        builder
    }

    fn hosts(builder: &Builder) -> String {
        let names: Vec<&str> = builder.hosts.keys().map(String::as_str).collect();
        names.join(" ")
    }

    #[test]
    fn lists_files_and_directories() {
        assert_eq!(hosts(&from("a, b:22,c[1:2],")), "a b c[1:2]");
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("b.yml", "all: {hosts: {from_yaml: }}"),
            ("a", "from_ini\n"),
            ("c", "x: {hosts: {by_content: }}\n"),
            ("d.ini.bak", "ignored\n"),
            (".hidden", "ignored\n"),
        ] {
            fs::write(dir.path().join(name), text).unwrap();
        }
        fs::create_dir(dir.path().join("group_vars")).unwrap();
        fs::write(dir.path().join("group_vars/all"), "ignored\n").unwrap();
        let builder = from(dir.path().to_str().unwrap());
        assert!(builder.diagnostics.0.is_empty(), "{}", builder.diagnostics);
        assert_eq!(hosts(&builder), "from_ini from_yaml by_content");
    }

    #[test]
    fn what_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let refuse = |name: &str, text: &str, mode: u32| {
            let path = dir.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            from(path.to_str().unwrap()).diagnostics.to_string()
        };
        assert!(refuse("program", "#!/bin/sh\n", 0o755).contains("inventory program"));
        assert!(
            refuse("aws.yml", "plugin: aws_ec2\n", 0o644)
                .contains("aws.yml:1:1: the configuration")
        );
        assert!(refuse("x.toml", "", 0o644).contains("TOML"));
        assert!(refuse("hosts", "all:\n  hosts:\n\tx:\n", 0o644).contains("hosts:3:"));
        assert!(
            from("/nowhere/hosts")
                .diagnostics
                .to_string()
                .contains("failed to read")
        );
    }
}
