//! `deb822_repository`: keeps an APT source in a file of its own.

use serde_json::Value;

use super::{Arg, ArgKind, Call, Module, ModuleError, Program, Remote, Work, quote::quote};

/// The module.
pub static MODULE: Module = Module {
    name: "deb822_repository",
    fqcn: &["ansible.builtin.deb822_repository"],
    doc: "Keeps an APT source, and the key that signs it, in files of their own.",
    args: &[&[
        Arg::str("name", "The source.").required(),
        Arg::choice("state", &["absent", "present"], "Whether it is there.").default("present"),
        Arg::new(
            "types",
            ArgKind::Choices(&["deb", "deb-src"]),
            "What it has.",
        )
        .default("deb"),
        Arg::list("uris", "Where it is."),
        Arg::list("suites", "Its suites."),
        Arg::list("components", "Its components."),
        Arg::list("architectures", "For which architectures."),
        Arg::list("languages", "Which translations."),
        Arg::list("targets", "Which targets."),
        Arg::str(
            "signed_by",
            "The key: its text, its URL, or its path on the host.",
        ),
        Arg::bool("enabled", "Use it."),
        Arg::bool("trusted", "Use it though it isn't signed."),
        Arg::bool(
            "allow_downgrade_to_insecure",
            "Use it though it lost its signature.",
        ),
        Arg::bool("allow_insecure", "Use it though it isn't safe."),
        Arg::bool("allow_weak", "Use it though it is signed weakly."),
        Arg::bool("by_hash", "Fetch by digest."),
        Arg::bool("check_date", "Look at dates."),
        Arg::int("date_max_future", "How far ahead a date may be."),
        Arg::str("inrelease_path", "Where its release file is."),
        Arg::bool("pdiffs", "Fetch differences."),
        Arg::bool("check_valid_until", "Look at when it ends."),
        Arg::new("mode", ArgKind::Mode, "The file's mode.").default("0644"),
        Arg::new("install_python_debian", ArgKind::Bool, "Of no use here.").default("false"),
    ]],
    free_form: false,
    compile,
};

/// The fields that are written as Ansible names them; the others are capitalized words
/// joined by dashes.
fn field(name: &str) -> String {
    match name {
        "uris" => return "URIs".to_owned(),
        "pdiffs" => return "PDiffs".to_owned(),
        "inrelease_path" => return "InRelease-Path".to_owned(),
        _ => {}
    }
    let words: Vec<String> = name
        .split('_')
        .map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_uppercase() + rest
        })
        .collect();
    words.join("-")
}

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let name = args.text("name");
    let slug: String = name
        .to_lowercase()
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '-'
            }
        })
        .collect();
    if slug.is_empty() || slug.starts_with('.') {
        return Err(ModuleError::arg(
            "name",
            format!("`{name}` can't name a source"),
        ));
    }
    let present = args.text("state") == "present";
    if present && (args.list("uris").is_none() || args.list("suites").is_none()) {
        return Err(ModuleError::args(
            "`state: present` needs `uris` and `suites`",
        ));
    }
    let signed = args.str("signed_by");
    let (mut url, mut key) = (None, None);
    let signed_path = match signed {
        None => None,
        Some(text) if text.contains("://") => {
            url = Some(text);
            // Whether it is armored is known once it is fetched.
            Some(String::new())
        }
        Some(text) if text.contains("BEGIN PGP") => {
            key = Some(text);
            Some(format!("/etc/apt/keyrings/{slug}.asc"))
        }
        Some(path) => Some(path.to_owned()),
    };
    let mut fields: Vec<(String, String)> = vec![("X-Repolib-Name".into(), name.into())];
    for arg in MODULE.arguments() {
        if matches!(
            arg.name,
            "name" | "state" | "mode" | "install_python_debian" | "signed_by"
        ) {
            continue;
        }
        let value = match args.get(arg.name) {
            None | Some(Value::Null) => continue,
            Some(Value::Bool(flag)) => (if *flag { "yes" } else { "no" }).to_owned(),
            Some(Value::Array(items)) => {
                let items: Vec<&str> = items
                    .iter()
                    .filter_map(Value::as_str)
                    .map(str::trim)
                    .collect();
                items.join(" ")
            }
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        if value.contains('\n') {
            return Err(ModuleError::arg(
                arg.name,
                format!("`{}` holds a newline", arg.name),
            ));
        }
        fields.push((field(arg.name), value));
    }
    if let Some(path) = &signed_path {
        fields.push(("Signed-By".into(), path.clone()));
    }
    // By the arguments' names, as Ansible writes them.
    fields.sort_by_key(|(field, _)| match field.as_str() {
        "X-Repolib-Name" => "Name".to_owned(),
        _ => field.clone(),
    });
    let mut words = String::new();
    for (field, value) in &fields {
        words.push_str(&format!(" {}", quote(&format!("{field}: {value}"))));
    }
    let mut program = Program::new(call);
    let function = super::mode::function(args.text("mode"))
        .map_err(|message| ModuleError::arg("mode", message))?;
    program
        .set("f", &format!("/etc/apt/sources.list.d/{slug}.sources"))
        .set("kb", &format!("/etc/apt/keyrings/{slug}"))
        .opt("ku", url)
        .opt("kt", key)
        .flag("ab", !present)
        .code(&format!(
            "WM=1\n{function}r_lines() {{ printf '%s\\n'{words}; }}\n"
        ))
        .script(include_str!("sh/deb822_repository.sh"));
    Ok(Remote::new(call, &program).with("repo_name", name).work())
}
