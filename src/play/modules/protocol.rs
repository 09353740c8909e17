//! From a program's answer to a task's result.

use serde_json::{Map, Value};

use super::{Answer, Diff, Remote, Report, Run, TaskResult, edit, remote::Content, report::Parts};

/// Why a program's answer is none. Nothing is known of what the program did.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProtocolError {
    /// The report stops in the middle, or there is none.
    #[error("the program ended with code {code} before its report was complete{}", said(.stderr))]
    Cut {
        /// The exit code.
        code: i32,
        /// What it wrote to standard error, trimmed.
        stderr: String,
    },
    /// A program asked for content that it had just been given.
    #[error("the program asked twice for its content")]
    AskedTwice,
}

fn said(stderr: &str) -> String {
    if stderr.is_empty() {
        String::new()
    } else {
        format!(": {stderr}")
    }
}

/// How much of a program's standard error an error shows, in characters.
const SHOWN: usize = 400;

pub(super) fn read(
    remote: &Remote,
    run: &Run,
    answer: &Answer<'_>,
) -> Result<Report, ProtocolError> {
    let Some(parts) = Parts::read(answer.stdout) else {
        let stderr = String::from_utf8_lossy(answer.stderr);
        return Err(ProtocolError::Cut {
            code: answer.code,
            stderr: stderr.trim().chars().take(SHOWN).collect(),
        });
    };
    if parts.get("need").is_some() {
        if run.second {
            return Err(ProtocolError::AskedTwice);
        }
        return Ok(match &remote.content {
            Content::None => return Err(ProtocolError::AskedTwice),
            Content::Bytes(bytes) => Report::Again(Run {
                program: format!("I=1\n{}", remote.text(run.lean)),
                input: bytes.to_vec(),
                second: true,
                lean: run.lean,
                carried: None,
            }),
            Content::Edit(edit) => edit::next(remote, run, edit, &parts),
        });
    }
    let mut result = result(remote, &parts, answer);
    edit::finish(run, &mut result);
    Ok(Report::Done(Box::new(result)))
}

/// Returns what a complete report says.
pub(super) fn result(remote: &Remote, parts: &Parts<'_>, answer: &Answer<'_>) -> TaskResult {
    let mut result = TaskResult {
        changed: parts.get("changed") == Some(b"1"),
        failed: parts.get("failed").is_some(),
        skipped: parts.get("skipped").is_some(),
        msg: parts.text("failed").or_else(|| parts.text("msg")),
        data: remote.base.clone(),
        ..TaskResult::default()
    };
    if parts.get("rc").is_some() {
        result.rc = parts.text("rc").and_then(|rc| rc.trim().parse().ok());
    }
    result.stdout = parts.text("out");
    if result.stdout.is_some() {
        let stderr = parts.text("err");
        result.stderr =
            Some(stderr.unwrap_or_else(|| String::from_utf8_lossy(answer.stderr).into_owned()));
    }
    for (name, value) in parts.all() {
        let text = || String::from_utf8_lossy(value).into_owned();
        match name {
            "warn" => result.warnings.push(text()),
            "info" => info(&text(), &mut result.data),
            _ => {
                if let Some((kind, path)) = name.split_once(':') {
                    put(&mut result.data, path, kind, text());
                }
            }
        }
    }
    diffs(remote, parts, &mut result);
    if let Some(post) = &remote.post {
        post(&mut result, &|name| parts.text(name));
    }
    if let Some(bytes) = &remote.bytes {
        bytes(&mut result, &|name| parts.get(name).map(<[u8]>::to_vec));
    }
    if remote.fetch.is_some() {
        result.fetched = parts.get("content").map(<[u8]>::to_vec);
    }
    result
}

/// Puts a typed value at a path with dots.
fn put(data: &mut Map<String, Value>, path: &str, kind: &str, text: String) {
    let (first, rest) = match path.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (path, None),
    };
    if let Some(rest) = rest {
        let inner = data
            .entry(first)
            .or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(inner) = inner {
            put(inner, rest, kind, text);
        }
        return;
    }
    let value = match kind {
        "s" => Value::String(text),
        "i" => text.trim().parse::<i64>().map_or(Value::Null, Value::from),
        "f" => text.trim().parse::<f64>().map_or(Value::Null, Value::from),
        "b" => Value::Bool(!matches!(text.trim(), "" | "0" | "false")),
        "n" => Value::Null,
        "j" => serde_json::from_str(&text).unwrap_or(Value::Null),
        // One more item of a list.
        "a" => {
            if let Value::Array(items) = data
                .entry(first)
                .or_insert_with(|| Value::Array(Vec::new()))
            {
                items.push(Value::String(text));
            }
            return;
        }
        _ => return,
    };
    data.insert(first.to_owned(), value);
}

/// Adds what Ansible says of a file at the end of every task about one.
fn info(text: &str, data: &mut Map<String, Value>) {
    let mut words = text.split(' ');
    let mut next = || words.next().unwrap_or_default().to_owned();
    let number = |text: String| text.parse::<i64>().map_or(Value::Null, Value::from);
    data.insert("state".into(), next().into());
    data.insert("mode".into(), format!("0{:0>3}", next()).into());
    data.insert("uid".into(), number(next()));
    data.insert("gid".into(), number(next()));
    data.insert("size".into(), number(next()));
    data.insert("owner".into(), next().into());
    data.insert("group".into(), next().into());
}

fn diffs(remote: &Remote, parts: &Parts<'_>, result: &mut TaskResult) {
    let name = ["dest", "path"]
        .iter()
        .find_map(|key| result.data.get(*key).and_then(Value::as_str))
        .unwrap_or_default()
        .to_owned();
    let before = parts.get("before").map(shown).or_else(|| {
        parts
            .text("before-large")
            .map(|size| format!("(a file of {size} bytes)\n"))
    });
    let after = parts
        .get("after")
        .map(shown)
        .or_else(|| remote.after.clone());
    if let (Some(before), Some(after)) = (before, after)
        && before != after
    {
        result.diff.push(Diff {
            before,
            after,
            before_header: name.clone(),
            after_header: name.clone(),
        });
    }
    let (before, after) = (parts.text("attr-before"), parts.text("attr-after"));
    if let (Some(before), Some(after)) = (before, after)
        && before != after
    {
        result.diff.push(Diff {
            before,
            after,
            before_header: format!("{name} (attributes)"),
            after_header: format!("{name} (attributes)"),
        });
    }
}

/// Returns bytes as the text of a difference.
pub(super) fn shown(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => text.to_owned(),
        _ => format!("(a binary file of {} bytes)\n", bytes.len()),
    }
}
