//! What tasks of a check run would have brought to a host.
//!
//! Check mode changes nothing, so a task may look for what a task before it would have
//! made. Each host has a list of such promises; what a task says is judged by it.

use super::results::Fields;

/// A promise: which task made it, and what of.
#[derive(Clone, Debug)]
struct Promise {
    task: String,
    what: What,
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    User(String),
    Group(String),
    /// A new directory with nothing in it.
    Directory(String),
    /// A file with other content.
    Content(String),
    /// A file with some of its lines changed.
    Lines(String),
    /// Nothing is known of what is at this path and below it.
    Tree(String),
    /// A program was to run, or packages to come: nearly anything may follow.
    Anything,
}

/// The promises made to one host.
#[derive(Clone, Debug, Default)]
pub(super) struct Promises(Vec<Promise>);

/// What becomes of a task's own words in the light of the promises.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    /// They stand.
    Stands,
    /// It depends on this.
    DependsOn(String),
    /// The task would fail: nothing brings what it needs.
    Fails(String),
}

/// Modules that run what nobody can foresee, or bring what they alone know.
const ANYTHING: [&str; 14] = [
    "apt",
    "apt_repository",
    "command",
    "deb822_repository",
    "npm",
    "package",
    "pip",
    "raw",
    "reboot",
    "script",
    "service",
    "shell",
    "systemd",
    "mount",
];

/// Modules that change some lines of a file, without regard to the others.
const LINES: [&str; 8] = [
    "authorized_key",
    "blockinfile",
    "cron",
    "git_config",
    "ini_file",
    "known_hosts",
    "lineinfile",
    "sysctl",
];

/// Modules that fill a directory.
const TREES: [&str; 3] = ["git", "unarchive", "archive"];

/// Modules that look and change nothing.
const LOOKS: [&str; 5] = ["fetch", "find", "getent", "slurp", "stat"];

/// Modules that have no say about a host.
const NONE: [&str; 12] = [
    "add_host",
    "assert",
    "debug",
    "fail",
    "group_by",
    "include_vars",
    "meta",
    "pause",
    "ping",
    "set_fact",
    "setup",
    "wait_for_connection",
];

impl Promises {
    /// Notes what a task would have brought. `known` says whether the task itself could
    /// be predicted.
    pub fn note(&mut self, task: &str, module: &str, args: &Fields, known: bool) {
        if NONE.contains(&module) || LOOKS.contains(&module) {
            return;
        }
        let mut add = |what: What| {
            self.0.push(Promise {
                task: task.to_owned(),
                what,
            });
        };
        let text = |name: &str| args.get(name).and_then(|value| value.as_str());
        let state = text("state").unwrap_or_default();
        if ANYTHING.contains(&module) {
            add(What::Anything);
        }
        match module {
            "user" | "group" if state == "absent" => {}
            "user" => {
                if let Some(name) = text("name").or(text("user")) {
                    add(What::User(name.to_owned()));
                    // Where no group is named, one of the same name comes with the user.
                    add(What::Group(text("group").unwrap_or(name).to_owned()));
                    let home = text("home").map_or(format!("/home/{name}"), str::to_owned);
                    add(What::Tree(home));
                }
            }
            "group" => {
                if let Some(name) = text("name") {
                    add(What::Group(name.to_owned()));
                }
            }
            _ => {}
        }
        for path in written(module, args) {
            add(match module {
                _ if !known || TREES.contains(&module) => What::Tree(path),
                "file" if state == "directory" => What::Directory(path),
                "copy" if path.ends_with('/') => What::Tree(path),
                _ if LINES.contains(&module) => What::Lines(path),
                "file" if matches!(state, "absent" | "link") => What::Tree(path),
                _ => What::Content(path),
            });
        }
    }

    /// Judges what a task said in check mode. `user` is the one it was to run as.
    pub fn judge(
        &self,
        module: &str,
        args: &Fields,
        fields: &mut Fields,
        user: Option<&str>,
    ) -> Judgement {
        let failed = super::results::flag(fields, "failed");
        if let Some(name) = user
            && failed
            && let Some(task) = self.by(&What::User(name.to_owned()))
        {
            return Judgement::DependsOn(format!("the user {name}, whom \"{task}\" would make"));
        }
        let paths = written(module, args);
        if !NONE.contains(&module)
            && let Some(promise) = paths.iter().find_map(|path| self.over(path, module))
        {
            let (path, task) = promise;
            return Judgement::DependsOn(format!("{path}, which \"{task}\" would change"));
        }
        match self.missing(fields) {
            Judgement::Stands => {}
            other => return other,
        }
        let anything = self.by(&What::Anything);
        if failed && !NONE.contains(&module) {
            let message = fields.get("msg").and_then(|value| value.as_str());
            let message = message.unwrap_or("it fails now").to_owned();
            let named = self.0.iter().find(|promise| match &promise.what {
                What::User(name) | What::Group(name) => names(&message, name),
                What::Directory(path)
                | What::Content(path)
                | What::Tree(path)
                | What::Lines(path) => message.contains(path.trim_end_matches('/')),
                What::Anything => false,
            });
            if let Some(task) = named.map(|promise| promise.task.as_str()).or(anything) {
                return Judgement::DependsOn(format!("what \"{task}\" would bring ({message})"));
            }
        }
        let absent = match module {
            "stat" => fields.get("stat").and_then(|stat| stat.get("exists")) == Some(&false.into()),
            "find" => fields.get("matched").and_then(|count| count.as_u64()) == Some(0),
            _ => false,
        };
        match anything {
            Some(task) if absent => {
                Judgement::DependsOn(format!("what \"{task}\" would bring: it isn't there yet"))
            }
            _ => Judgement::Stands,
        }
    }

    /// Judges what a module said was not there yet. A warning whose promise is kept is
    /// dropped.
    fn missing(&self, fields: &mut Fields) -> Judgement {
        let Some(warnings) = fields
            .get_mut("warnings")
            .and_then(|all| all.as_array_mut())
        else {
            return Judgement::Stands;
        };
        let mut left = Vec::new();
        let mut judgement = Judgement::Stands;
        for warning in std::mem::take(warnings) {
            let text = warning.as_str().unwrap_or_default();
            let what = text
                .strip_prefix("there is no ")
                .and_then(|rest| rest.strip_suffix(" yet"));
            let Some(what) = what else {
                left.push(warning);
                continue;
            };
            if !self.brings(what) && judgement == Judgement::Stands {
                judgement = match self.by(&What::Anything) {
                    Some(task) => Judgement::DependsOn(format!(
                        "what \"{task}\" would bring: there is no {what} yet"
                    )),
                    None => Judgement::Fails(format!(
                        "there is no {what}, and no task before this one would make it"
                    )),
                };
            }
        }
        if left.is_empty() {
            fields.remove("warnings");
        } else {
            *warnings = left;
        }
        judgement
    }

    /// Returns whether a promise is about just this: `user web`, `directory /srv/x`.
    fn brings(&self, what: &str) -> bool {
        let (kind, name) = what.split_once(' ').unwrap_or((what, ""));
        self.0.iter().any(|promise| match (&promise.what, kind) {
            (What::User(user), "user") => user == name,
            (What::Group(group), "group") => group == name,
            (What::Directory(path) | What::Tree(path), "directory") => {
                is_or_below(path, name) || is_or_below(name, path)
            }
            (What::Content(path), "unit" | "service") => {
                let file = path.rsplit('/').next().unwrap_or_default();
                file == name || file.strip_suffix(".service") == Some(name)
            }
            _ => false,
        })
    }

    /// Returns the task that made a promise.
    fn by(&self, what: &What) -> Option<&str> {
        let found = self.0.iter().find(|promise| promise.what == *what);
        found.map(|promise| promise.task.as_str())
    }

    /// Returns the path and the task of a promise that hides what a module would find
    /// at `path`.
    fn over(&self, path: &str, module: &str) -> Option<(&str, &str)> {
        let path = path.trim_end_matches('/');
        self.0.iter().find_map(|promise| {
            let (other, hides) = match &promise.what {
                What::Tree(other) => (other, is_or_below(path, other)),
                What::Content(other) => (other, path == other),
                What::Lines(other) => (other, path == other && !LINES.contains(&module)),
                // Whatever is put into a new directory is new.
                What::Directory(other) if LOOKS.contains(&module) => {
                    (other, is_or_below(path, other))
                }
                What::Directory(other) => (other, path == other.trim_end_matches('/')),
                _ => return None,
            };
            hides.then_some((other.as_str(), promise.task.as_str()))
        })
    }
}

/// Returns the paths that a module is about.
fn written(module: &str, args: &Fields) -> Vec<String> {
    let names: &[&str] = match module {
        "fetch" | "slurp" => &["src", "path"],
        "find" => &["paths", "path"],
        "copy" | "template" | "get_url" | "git" | "unarchive" | "archive" | "assemble" => &["dest"],
        "command" | "shell" | "script" | "raw" => &["creates", "removes"],
        _ => &["path", "dest", "name"],
    };
    names
        .iter()
        .filter_map(|name| args.get(*name))
        .flat_map(|value| match value {
            serde_json::Value::Array(all) => all.iter().collect(),
            one => vec![one],
        })
        .filter_map(|value| value.as_str())
        .filter(|path| path.starts_with('/'))
        .map(str::to_owned)
        .collect()
}

fn is_or_below(path: &str, other: &str) -> bool {
    let other = other.trim_end_matches('/');
    let rest = path.strip_prefix(other);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Returns whether a message speaks of a name, as a word.
fn names(message: &str, name: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    message.split(|c: char| !word(c)).any(|one| one == name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::play::run::results::fields;

    fn after(tasks: &[(&str, serde_json::Value)]) -> Promises {
        let mut promises = Promises::default();
        for (module, args) in tasks {
            promises.note("T", module, &fields(args.clone()), true);
        }
        promises
    }

    fn judged(promises: &Promises, module: &str, args: &str, said: &str) -> Judgement {
        let args: Fields = serde_json::from_str(args).unwrap();
        let mut said: Fields = serde_json::from_str(said).unwrap();
        promises.judge(module, &args, &mut said, None)
    }

    #[test]
    fn a_user_who_is_promised_is_as_good_as_there() {
        let none = Promises::default();
        let args = r#"{"path":"/srv/x"}"#;
        let said = r#"{"changed":true,"warnings":["there is no user web yet"]}"#;
        let fails = "there is no user web, and no task before this one would make it";
        assert_eq!(
            judged(&none, "file", args, said),
            Judgement::Fails(fails.into())
        );
        let user = after(&[("user", json!({"name": "web"}))]);
        assert_eq!(judged(&user, "file", args, said), Judgement::Stands);
        let other = after(&[("apt", json!({"name": "nginx"}))]);
        assert!(matches!(
            judged(&other, "file", args, said),
            Judgement::DependsOn(_)
        ));
    }

    #[test]
    fn what_is_put_in_a_new_directory_is_new() {
        let made = after(&[("file", json!({"path": "/srv/a/b", "state": "directory"}))]);
        let said = r#"{"changed":true,"warnings":["there is no directory /srv/a yet"]}"#;
        let dest = r#"{"dest":"/srv/a/x"}"#;
        assert_eq!(judged(&made, "template", dest, said), Judgement::Stands);
        let stat = judged(&made, "stat", r#"{"path":"/srv/a/b"}"#, "{}");
        assert!(matches!(stat, Judgement::DependsOn(_)));
        let same = r#"{"path":"/srv/a/b"}"#;
        assert!(matches!(
            judged(&made, "file", same, "{}"),
            Judgement::DependsOn(_)
        ));
    }

    #[test]
    fn failures_stand_unless_something_may_help() {
        let said = r#"{"failed":true,"msg":"no unit x"}"#;
        let none = Promises::default();
        assert_eq!(judged(&none, "uri", "{}", said), Judgement::Stands);
        let command = after(&[("command", json!({"_raw_params": "make"}))]);
        assert!(matches!(
            judged(&command, "uri", "{}", said),
            Judgement::DependsOn(_)
        ));
        assert_eq!(judged(&command, "assert", "{}", said), Judgement::Stands);
    }
}
