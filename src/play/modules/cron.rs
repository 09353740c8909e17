//! `cron`: keeps jobs in a user's crontab or a file of /etc/cron.d.

use std::sync::Arc;

use super::{Arg, Call, Module, ModuleError, Program, Remote, Work, edit::Edited, remote::Content};

/// The module.
pub static MODULE: Module = Module {
    name: "cron",
    fqcn: &["ansible.builtin.cron"],
    doc: "Keeps jobs and variables in a user's crontab, or in a file of /etc/cron.d.",
    args: &[&[
        Arg::str("name", "The job, or with `env` the variable.").required(),
        Arg::choice("state", &["absent", "present"], "Whether it is there.").default("present"),
        Arg::str("job", "The command, or the variable's value.").aliases(&["value"]),
        Arg::str("user", "Whose crontab; in a file, who runs it."),
        Arg::path("cron_file", "A file of /etc/cron.d, by name or path."),
        Arg::str("minute", "0 to 59.").default("*"),
        Arg::str("hour", "0 to 23.").default("*"),
        Arg::str("day", "1 to 31.").default("*").aliases(&["dom"]),
        Arg::str("month", "1 to 12.").default("*"),
        Arg::str("weekday", "0 to 6, from Sunday.")
            .default("*")
            .aliases(&["dow"]),
        Arg::choice(
            "special_time",
            &[
                "annually", "daily", "hourly", "monthly", "reboot", "weekly", "yearly",
            ],
            "A time with a name.",
        ),
        Arg::flag("disabled", "Keep the job as a comment."),
        Arg::flag("env", "A variable, not a job."),
        Arg::str("insertafter", "Put the variable after this one."),
        Arg::str("insertbefore", "Put the variable before this one."),
        Arg::flag("backup", "Keep a copy of the old file beside it."),
    ]],
    free_form: false,
    compile,
};

/// What stands before a job's name, as Ansible writes it.
const MARK: &str = "#Ansible: ";

/// What a crontab shall hold.
struct Wanted {
    name: String,
    present: bool,
    line: String,
    env: bool,
    after: Option<String>,
    before: Option<String>,
}

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let present = args.text("state") == "present";
    let name = args.text("name");
    let times = ["minute", "hour", "day", "month", "weekday"];
    if args.str("special_time").is_some() && times.iter().any(|time| args.text(time) != "*") {
        return Err(ModuleError::arg(
            "special_time",
            "`special_time` excludes the other times",
        ));
    }
    if present && args.str("job").is_none() {
        return Err(ModuleError::args("`state: present` needs `job`"));
    }
    if present && args.str("cron_file").is_some() && args.str("user").is_none() {
        return Err(ModuleError::arg("cron_file", "`cron_file` needs `user`"));
    }
    let env = args.flag("env");
    if env && name.contains(' ') {
        return Err(ModuleError::arg("name", "a variable's name holds no blank"));
    }
    let job = args.text("job").trim_matches(['\r', '\n']);
    if job.contains('\n') || name.contains('\n') {
        return Err(ModuleError::arg(
            "job",
            "a crontab's line can't hold a newline",
        ));
    }
    let user = args.str("cron_file").and(args.str("user"));
    let line = if env {
        format!("{name}=\"{job}\"")
    } else {
        let when = match args.str("special_time") {
            Some(time) => format!("@{time}"),
            None => times.map(|time| args.text(time)).join(" "),
        };
        let user = user.map(|user| format!("{user} ")).unwrap_or_default();
        let off = if args.flag("disabled") { "#" } else { "" };
        format!("{off}{when} {user}{job}")
    };
    let wanted = Wanted {
        name: name.to_owned(),
        present,
        line,
        env,
        after: args.str("insertafter").map(str::to_owned),
        before: args.str("insertbefore").map(str::to_owned),
    };
    let mut program = Program::new(call);
    let file = args.str("cron_file").map(|file| {
        if file.contains('/') {
            file.to_owned()
        } else {
            format!("/etc/cron.d/{file}")
        }
    });
    program
        .path("d", file.as_deref().unwrap_or_default())
        .opt("us", args.str("user"))
        .flag("b", args.flag("backup"))
        .script(include_str!("sh/cron.sh"));
    let mut remote = Remote::new(call, &program);
    if let Some(file) = args.str("cron_file") {
        remote = remote.with("cron_file", file);
    }
    remote.content = Content::Edit(Arc::new(move |old| {
        let old = String::from_utf8_lossy(old.unwrap_or_default()).into_owned();
        Ok(Edited {
            text: edited(&old, &wanted).map(String::into_bytes),
            ..Edited::default()
        })
    }));
    Ok(remote.work())
}

/// Returns the new crontab, none when the old one will do.
fn edited(old: &str, wanted: &Wanted) -> Option<String> {
    let mut lines: Vec<String> = old.lines().map(str::to_owned).collect();
    if wanted.env {
        variable(&mut lines, wanted);
    } else {
        job(&mut lines, wanted);
    }
    let mut new = lines.join("\n");
    if !lines.is_empty() {
        new.push('\n');
    }
    (new != old).then_some(new)
}

fn job(lines: &mut Vec<String>, wanted: &Wanted) {
    let mark = format!("{MARK}{}", wanted.name);
    let found = lines.iter().position(|line| *line == mark);
    match (found, wanted.present) {
        (Some(at), true) => match lines.get_mut(at + 1) {
            Some(line) => line.clone_from(&wanted.line),
            None => lines.push(wanted.line.clone()),
        },
        (Some(at), false) => {
            let end = (at + 2).min(lines.len());
            lines.drain(at..end);
        }
        (None, true) => lines.extend([mark, wanted.line.clone()]),
        (None, false) => {}
    }
}

fn variable(lines: &mut Vec<String>, wanted: &Wanted) {
    let position = |lines: &[String], name: &str| {
        lines.iter().position(|line| {
            line.strip_prefix(name)
                .is_some_and(|rest| rest.trim_start().starts_with('='))
        })
    };
    match (position(lines, &wanted.name), wanted.present) {
        (Some(at), true) => {
            if let Some(line) = lines.get_mut(at) {
                line.clone_from(&wanted.line);
            }
        }
        (Some(at), false) => {
            lines.remove(at);
        }
        (None, true) => {
            let after = wanted
                .after
                .as_deref()
                .and_then(|name| position(lines, name))
                .map(|at| at + 1);
            let before = wanted
                .before
                .as_deref()
                .and_then(|name| position(lines, name));
            lines.insert(after.or(before).unwrap_or(0), wanted.line.clone());
        }
        (None, false) => {}
    }
}
