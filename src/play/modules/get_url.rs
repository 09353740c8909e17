//! `get_url`: has the host fetch a file.

use serde_json::Value;

use super::{Arg, ArgKind, Call, Module, ModuleError, Program, Remote, Work, attributes};

/// The module.
pub static MODULE: Module = Module {
    name: "get_url",
    fqcn: &["ansible.builtin.get_url"],
    doc: "Has the host fetch a file with curl or wget. A checksum that fits saves the fetching.",
    args: &[
        &[
            Arg::str("url", "The URL.").required(),
            Arg::path(
                "dest",
                "Where to; a directory takes the URL's last part as the name.",
            )
            .required(),
            Arg::str("checksum", "`sha256:…`, or `sha256:URL` of a file of sums.").default(""),
            Arg::flag("force", "Fetch it though it is there."),
            Arg::int("timeout", "Seconds to connect.").default("10"),
            Arg::new("headers", ArgKind::Dict, "More header lines."),
            Arg::str("url_username", "The user.").aliases(&["username"]),
            Arg::str("url_password", "The password.")
                .aliases(&["password"])
                .secret(),
            Arg::flag(
                "force_basic_auth",
                "Send user and password at once, which holds anyway.",
            ),
            Arg::str("http_agent", "Who asks.").default("ansible-httpget"),
            Arg::new("validate_certs", ArgKind::Bool, "Check certificates.").default("true"),
            Arg::new("use_proxy", ArgKind::Bool, "Use a proxy.").default("true"),
            Arg::new(
                "decompress",
                ArgKind::Bool,
                "Of no use here: nothing compressed is asked for.",
            )
            .default("true"),
            Arg::path(
                "tmp_dest",
                "Of no use here: the file grows beside its place.",
            ),
        ],
        attributes::OWN,
        &[Arg::flag(
            "backup",
            "Keep a copy of the old file beside it.",
        )],
    ],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let url = args.text("url");
    check_url(url)?;
    let mut program = Program::new(call);
    let (algorithm, sum) = match args.text("checksum") {
        "" => ("", String::new()),
        checksum => {
            let (algorithm, sum) = checksum.split_once(':').ok_or_else(|| {
                ModuleError::arg("checksum", "`checksum` must be <algorithm>:<checksum>")
            })?;
            if !super::stat::ALGORITHMS.contains(&algorithm) {
                return Err(ModuleError::arg(
                    "checksum",
                    format!(
                        "`{algorithm}` is no algorithm; use one of {}",
                        super::stat::ALGORITHMS.join(", ")
                    ),
                ));
            }
            if sum.contains("://") {
                (algorithm, sum.to_owned())
            } else {
                let sum: String = sum.chars().filter(char::is_ascii_alphanumeric).collect();
                if !sum.chars().all(|c| c.is_ascii_hexdigit()) {
                    return Err(ModuleError::arg(
                        "checksum",
                        "the checksum format is invalid",
                    ));
                }
                (algorithm, sum.to_lowercase())
            }
        }
    };
    let name = url
        .split(['?', '#'])
        .next()
        .unwrap_or_default()
        .rsplit('/')
        .next()
        .filter(|name| !name.is_empty())
        .unwrap_or("index.html");
    fetching(&mut program, call);
    program
        .set("url", url)
        .path("d", args.text("dest"))
        .set("n", name)
        .set("al", algorithm)
        .set("ck", &sum)
        .flag("fo", args.flag("force"))
        .flag("b", args.flag("backup"));
    attributes::add(&mut program, args, None)?;
    program.script(include_str!("sh/get_url.sh"));
    Ok(Remote::new(call, &program)
        .timeout(Remote::LONG)
        .with("url", masked(url))
        .work())
}

/// Refuses what is no URL that curl and wget fetch.
pub(super) fn check_url(url: &str) -> Result<(), ModuleError> {
    let known = ["http://", "https://", "ftp://", "file://"];
    if known.iter().any(|scheme| url.starts_with(scheme)) && !url.contains(['\n', '\r']) {
        Ok(())
    } else {
        Err(ModuleError::arg(
            "url",
            "`url` must begin with http://, https://, ftp:// or file://",
        ))
    }
}

/// Returns a URL without its password.
pub(super) fn masked(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let host = rest.split('/').next().unwrap_or_default();
    match host.rsplit_once('@') {
        Some((login, _)) if login.contains(':') => {
            let user = login.split(':').next().unwrap_or_default();
            let tail = rest.get(login.len()..).unwrap_or_default();
            format!("{scheme}://{user}:********{tail}")
        }
        _ => url.to_owned(),
    }
}

/// Adds what `s_fetch` needs to know besides the URL.
pub(super) fn fetching(program: &mut Program, call: &Call<'_>) {
    let args = call.args;
    // curl's configuration quotes with double quotes and backslashes (curl(1), -K).
    let quoted = |text: &str| {
        let text: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
        text.replace('\\', "\\\\").replace('"', "\\\"")
    };
    let mut lines = String::new();
    for (name, value) in args.dict("headers").into_iter().flatten() {
        let value = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        lines.push_str(&format!(
            "header = \"{}: {}\"\n",
            quoted(name),
            quoted(&value)
        ));
    }
    if let Some(user) = args.str("url_username") {
        let password = args.text("url_password");
        lines.push_str(&format!(
            "user = \"{}:{}\"\n",
            quoted(user),
            quoted(password)
        ));
    }
    if args.bool("use_proxy") == Some(false) {
        lines.push_str("noproxy = \"*\"\n");
    }
    let timeout = args.int("timeout").unwrap_or(10).max(1);
    program
        .set("fh", &lines)
        .set("ft", &timeout.to_string())
        .flag("fk", args.bool("validate_certs") == Some(false));
}
