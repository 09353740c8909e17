//! `uri`: has the host ask a web server.

use serde_json::{Map, Value};

use super::{
    Arg, ArgKind, Call, Module, ModuleError, Program, Remote, TaskResult, Work, attributes,
    get_url::{check_url, fetching, masked},
};

/// The module.
pub static MODULE: Module = Module {
    name: "uri",
    fqcn: &["ansible.builtin.uri"],
    doc: "Has the host ask a web server, with curl. In check mode it is skipped.",
    args: &[
        &[
            Arg::str("url", "The URL.").required(),
            Arg::str("method", "The method.").default("GET"),
            Arg::new("body", ArgKind::Raw, "What to send."),
            Arg::choice(
                "body_format",
                &["form-urlencoded", "json", "raw"],
                "How to send it.",
            )
            .default("raw"),
            Arg::list("status_code", "The statuses that are a success.").default("200"),
            Arg::flag("return_content", "Return what came, which JSON is anyway."),
            Arg::choice(
                "follow_redirects",
                &["all", "no", "none", "safe", "urllib2", "yes"],
                "Which redirects to follow.",
            )
            .default("safe"),
            Arg::path("dest", "Keep what came in this file."),
            Arg::path("creates", "Don't ask when this path or pattern exists."),
            Arg::path(
                "removes",
                "Don't ask when this path or pattern doesn't exist.",
            ),
            Arg::int("timeout", "Give up after these seconds.").default("30"),
            Arg::new("headers", ArgKind::Dict, "More header lines."),
            Arg::str("url_username", "The user.").aliases(&["user"]),
            Arg::str("url_password", "The password.")
                .aliases(&["password"])
                .secret(),
            Arg::flag(
                "force_basic_auth",
                "Send user and password at once, which holds anyway.",
            ),
            Arg::new("validate_certs", ArgKind::Bool, "Check certificates.").default("true"),
            Arg::new("use_proxy", ArgKind::Bool, "Use a proxy.").default("true"),
            Arg::path("unix_socket", "The socket to ask at."),
        ],
        attributes::OWN,
    ],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let url = args.text("url");
    check_url(url)?;
    let method = args.text("method").to_uppercase();
    if !method.chars().all(|c| c.is_ascii_alphabetic()) {
        return Err(ModuleError::arg("method", "`method` must be letters"));
    }
    let mut wanted = Vec::new();
    for code in args.list("status_code").unwrap_or_default() {
        let code: u16 = code
            .trim()
            .parse()
            .map_err(|_| ModuleError::arg("status_code", format!("`{code}` is no status")))?;
        wanted.push(code);
    }
    let body = match (args.get("body"), args.text("body_format")) {
        (None, _) => None,
        (Some(Value::String(text)), "json" | "raw" | "form-urlencoded") => Some(text.clone()),
        (Some(Value::Object(map)), "form-urlencoded") => Some(form(map)),
        (Some(other), _) => Some(other.to_string()),
    };
    let kind = match args.text("body_format") {
        "json" => "application/json",
        "form-urlencoded" => "application/x-www-form-urlencoded",
        _ => "",
    };
    let mut program = Program::new(call);
    fetching(&mut program, call);
    let has_kind = args.dict("headers").is_some_and(|headers| {
        headers
            .keys()
            .any(|name| name.eq_ignore_ascii_case("content-type"))
    });
    program
        .set("url", url)
        .set("me", &method)
        .flag("hb", body.is_some())
        .set("kd", if has_kind { "" } else { kind })
        .flag(
            "fr",
            match args.text("follow_redirects") {
                "all" | "yes" => true,
                "safe" | "urllib2" => matches!(method.as_str(), "GET" | "HEAD"),
                _ => false,
            },
        )
        .path("us", args.text("unix_socket"))
        .path("d", args.text("dest"))
        .path("cr", args.text("creates"))
        .path("re", args.text("removes"));
    attributes::add(&mut program, args, None)?;
    program.script(include_str!("sh/uri.sh"));
    let return_content = args.flag("return_content");
    let shown = masked(url);
    let mut remote = Remote::new(call, &program)
        .timeout(Remote::LONG)
        .post(move |result, part| finish(result, part, &wanted, return_content, &shown));
    remote.input = body.unwrap_or_default().into_bytes();
    Ok(remote.work())
}

fn form(map: &Map<String, Value>) -> String {
    let escape = |text: &str| {
        let mut out = String::new();
        for byte in text.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    out.push(char::from(byte))
                }
                b' ' => out.push('+'),
                byte => out.push_str(&format!("%{byte:02X}")),
            }
        }
        out
    };
    let one = |name: &str, value: &Value| {
        let value = super::coerce::text(value).unwrap_or_else(|_| value.to_string());
        format!("{}={}", escape(name), escape(&value))
    };
    let mut pairs = Vec::new();
    for (name, value) in map {
        match value {
            Value::Array(items) => pairs.extend(items.iter().map(|item| one(name, item))),
            value => pairs.push(one(name, value)),
        }
    }
    pairs.join("&")
}

fn finish(
    result: &mut TaskResult,
    part: &dyn Fn(&str) -> Option<String>,
    wanted: &[u16],
    return_content: bool,
    url: &str,
) {
    let Some(about) = part("about") else { return };
    let mut words = about.splitn(3, ' ');
    let status: u16 = words
        .next()
        .and_then(|word| word.parse().ok())
        .unwrap_or_default();
    let redirects: u32 = words
        .next()
        .and_then(|word| word.parse().ok())
        .unwrap_or_default();
    let last = words.next().unwrap_or(url).to_owned();
    let content = part("content").unwrap_or_default();
    let mut is_json = false;
    // The headers of the last answer: redirects leave theirs before.
    let headers = part("headers").unwrap_or_default().replace("\r\n", "\n");
    let block = headers
        .trim_end()
        .rsplit("\n\n")
        .next()
        .unwrap_or_default()
        .to_owned();
    for line in block.lines().skip(1) {
        if let Some((name, value)) = line.split_once(':') {
            let name = name.trim().to_lowercase().replace('-', "_");
            is_json |= name == "content_type" && value.to_lowercase().contains("json");
            result.data.insert(name, value.trim().into());
        }
    }
    result.data.insert("status".into(), status.into());
    result.data.insert("url".into(), last.into());
    result
        .data
        .insert("redirected".into(), (redirects > 0).into());
    if is_json && let Ok(json) = serde_json::from_str::<Value>(&content) {
        result.data.insert("json".into(), json);
    }
    let good = wanted.contains(&status) && !result.failed;
    if return_content || !good {
        result.data.insert("content".into(), content.into());
    }
    let said = block
        .lines()
        .next()
        .and_then(|line| line.splitn(3, ' ').nth(2))
        .unwrap_or_default()
        .to_owned();
    if good {
        result.msg = Some(format!("OK ({} bytes)", part("size").unwrap_or_default()));
    } else if !result.failed {
        result.failed = true;
        result.msg = Some(format!(
            "Status code was {status} and not {wanted:?}: {said}"
        ));
    }
}
