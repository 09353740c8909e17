//! Modules that edit a text in place: the program sends the text, the edit is made on
//! this side with Python's semantics, and the program runs again with the new text.
//!
//! The second run replaces the file only when it is still what the first one saw. A
//! file that is as it should be costs one run.

use std::sync::Arc;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{
    Args, Call, Diff, ModuleError, Program, Remote, Report, Run, TaskResult, attributes, protocol,
    remote::Content, report::Parts,
};

/// Makes the new text of the old one; none where there is no file.
pub type Edit = Arc<dyn Fn(Option<&[u8]>) -> Result<Edited, EditError> + Send + Sync>;

/// Why an edit can't be made.
#[derive(Debug, Default)]
pub struct EditError {
    /// The module's message.
    pub msg: String,
    /// The code that Ansible's module returns with it.
    pub rc: Option<i32>,
}

impl From<String> for EditError {
    fn from(msg: String) -> Self {
        Self { msg, rc: None }
    }
}

/// What an edit makes.
#[derive(Debug, Default)]
pub struct Edited {
    /// The new text; none when the old one stays.
    pub text: Option<Vec<u8>>,
    /// What there is to say.
    pub msg: String,
    /// Return values.
    pub data: Map<String, Value>,
}

/// How the file is looked at and written.
pub(super) struct EditOptions<'a> {
    /// The file.
    pub path: &'a str,
    /// Directories above it are made when it is created.
    pub parents: bool,
    /// The name of the return value that holds the path.
    pub result: &'static str,
    /// Code before the file is looked at; it may set `d` and the wanted attributes.
    pub setup: &'static str,
    /// Code after the file is as it should be; `C` tells whether it was changed.
    pub after: &'static str,
}

impl<'a> EditOptions<'a> {
    /// Returns the way to edit a file, which is made with its directories when `create`.
    pub fn new(path: &'a str, create: bool) -> Self {
        Self {
            path,
            parents: create,
            result: "path",
            setup: "",
            after: "",
        }
    }
}

/// Returns the program that edits a file.
pub(super) fn remote(
    call: &Call<'_>,
    options: &EditOptions<'_>,
    edit: Edit,
) -> Result<Remote, ModuleError> {
    let program = start(call.args, call, options)?;
    remote_of(call, &program, options, edit)
}

/// Returns the program that edits a file, with more variables than are usual.
pub(super) fn remote_of(
    call: &Call<'_>,
    program: &Program,
    options: &EditOptions<'_>,
    edit: Edit,
) -> Result<Remote, ModuleError> {
    let mut program = program.clone();
    program
        .script(options.setup)
        .script(include_str!("sh/edit.sh"))
        .script(options.after);
    let program = &program;
    let mut remote = Remote::new(call, program);
    remote.content = Content::Edit(edit);
    Ok(remote)
}

pub(super) fn start(
    args: &Args,
    call: &Call<'_>,
    options: &EditOptions<'_>,
) -> Result<Program, ModuleError> {
    let mut program = Program::new(call);
    program
        .path("d", options.path)
        .flag("c", options.parents)
        .flag("b", args.flag("backup"))
        .set("j", options.result);
    attributes::add(&mut program, args, None)?;
    attributes::add_validate(&mut program, args)?;
    Ok(program)
}

/// Reads the first run's answer: the text and how its attributes are.
pub(super) fn next(remote: &Remote, run: &Run, edit: &Edit, parts: &Parts<'_>) -> Report {
    let old = parts.get("text");
    let attributes = parts.get("attr") == Some(b"1");
    let empty = super::Answer {
        code: 0,
        stdout: &[],
        stderr: &[],
    };
    // Names, warnings and the difference of attributes, as in any report.
    let mut result = protocol::result(remote, parts, &empty);
    let edited = match edit(old) {
        Ok(edited) => edited,
        Err(error) => {
            let mut failure = TaskResult::failure(error.msg);
            failure.rc = error.rc;
            failure.data = result.data;
            return Report::Done(Box::new(failure));
        }
    };
    let new = edited.text.filter(|new| Some(new.as_slice()) != old);
    result.data.extend(edited.data);
    result.changed = new.is_some() || attributes;
    let mut msg = edited.msg;
    if attributes {
        let and = if new.is_some() { " and " } else { "" };
        msg.push_str(and);
        msg.push_str("ownership, perms or SE linux context changed");
    }
    result.msg = Some(msg);
    if let Some(new) = &new
        && parts.get("wants-diff").is_some()
    {
        let name = result.data.get("path").or_else(|| result.data.get("dest"));
        let name = name.and_then(Value::as_str).unwrap_or_default();
        let header = format!("{name} (content)");
        result.diff.insert(
            0,
            Diff {
                before: protocol::shown(old.unwrap_or_default()),
                after: protocol::shown(new),
                before_header: header.clone(),
                after_header: header,
            },
        );
    }
    if remote.check || !result.changed {
        return Report::Done(Box::new(result));
    }
    Report::Again(second(remote, run, old, new, result))
}

/// Returns the run that writes a new text, or only sees that the old one is still there.
fn second(
    remote: &Remote,
    run: &Run,
    old: Option<&[u8]>,
    new: Option<Vec<u8>>,
    result: TaskResult,
) -> Run {
    let seen = old.map_or_else(|| "absent".to_owned(), digest);
    let wanted = new.as_deref().map(digest).unwrap_or_default();
    let program = format!("I=1\nseen={seen}\nH={wanted}\n{}", remote.text(run.lean));
    Run {
        program,
        input: new.unwrap_or_default(),
        second: true,
        lean: run.lean,
        carried: Some(Box::new(result)),
    }
}

/// Returns the run that sees that a text which needs no edit is still the one that was
/// seen; it asks again when it is not.
pub(super) fn confirm(
    remote: &Remote,
    run: &Run,
    parts: &Parts<'_>,
    unchanged: &TaskResult,
) -> Run {
    second(remote, run, parts.get("text"), None, unchanged.clone())
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Completes the second run's result with what the first one knew.
pub(super) fn finish(run: &Run, result: &mut TaskResult) {
    let Some(carried) = &run.carried else { return };
    if result.failed {
        return;
    }
    result.msg.clone_from(&carried.msg);
    result.diff.clone_from(&carried.diff);
    for (name, value) in &carried.data {
        result
            .data
            .entry(name.clone())
            .or_insert_with(|| value.clone());
    }
}
