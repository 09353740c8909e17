use std::collections::{BTreeSet, HashMap};

use super::parse::{Item, Keyword, Play, Playbook, TagFilter, Task};
use crate::{
    inventory::{Inventory, Map, Node, Scope, Value},
    plan::{Diagnostic, Diagnostics, Place},
    select,
};

/// Names that mean this machine where the inventory has no such host.
pub(super) const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// What a listing shows beyond the plays.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// The hosts of each play.
    pub hosts: bool,
    /// The tasks.
    pub tasks: bool,
    /// The tags.
    pub tags: bool,
    /// Which tasks count.
    pub filter: TagFilter,
    /// A pattern that narrows the hosts.
    pub limit: Option<String>,
}

/// Returns what `ansible-playbook --list-hosts`, `--list-tasks` and `--list-tags` say
/// of a playbook. `name` is the file as the user named it.
///
/// # Errors
/// When a play's hosts can't be known, or their pattern is wrong.
pub fn list(
    book: &Playbook,
    name: &str,
    inventory: &Inventory,
    what: &Listing,
) -> Result<String, Diagnostics> {
    let mut what = what.clone();
    if what.tags && what.filter.only.is_empty() {
        // A list of tags names `never`, too, as Ansible's does.
        what.filter.only = ["all", "never"].map(str::to_owned).into();
    }
    let what = &what;
    let mut text = format!("\nplaybook: {name}\n");
    for (index, play) in book.plays.iter().enumerate() {
        let scope = Scope::with(play_vars(play, inventory), HashMap::new());
        let patterns = patterns(play, &scope)?;
        let tags = tags(&play.keywords.list(Keyword::Tags), &scope);
        let title = match &play.name {
            Some(name) => shown(&scope.resolve("name", name)?),
            None => play.title(),
        };
        text.push_str(&format!(
            "\n  play #{} ({}): {title}\tTAGS: [{}]",
            index + 1,
            patterns.join(","),
            tags.iter().cloned().collect::<Vec<_>>().join(",")
        ));
        if what.hosts {
            let quoted: Vec<String> = patterns.iter().map(|one| format!("'{one}'")).collect();
            let hosts = hosts(play, &patterns, inventory, what.limit.as_deref())?;
            text.push_str(&format!(
                "\n    pattern: [{}]\n    hosts ({}):",
                quoted.join(", "),
                hosts.len()
            ));
            for host in hosts {
                text.push_str(&format!("\n      {host}"));
            }
        }
        text.push('\n');
        if what.tasks || what.tags {
            text.push_str(&tasks(play, &tags, &scope, what));
        }
    }
    Ok(text)
}

/// Returns the hosts of a play. A pattern that names nothing gives none, as in Ansible.
///
/// # Errors
/// When a pattern is malformed.
pub fn hosts(
    play: &Play,
    patterns: &[String],
    inventory: &Inventory,
    limit: Option<&str>,
) -> Result<Vec<String>, Diagnostics> {
    let mut pattern = patterns.join(",");
    // The limit of the run may narrow a play to nothing; that is no mistake.
    if pattern.is_empty() {
        pattern = "all".to_owned();
    }
    match select::select(&pattern, limit, inventory) {
        Ok(hosts) => Ok(hosts),
        Err(select::SelectError::Regex { .. }) => wrong_pattern(&play.hosts.place, &pattern),
        Err(_) if LOCAL.contains(&pattern.as_str()) => Ok(vec![pattern]),
        Err(_) => Ok(Vec::new()),
    }
}

/// Says that a pattern is no regular expression.
pub(super) fn wrong_pattern<T>(place: &Place, pattern: &str) -> Result<T, Diagnostics> {
    let message = format!("the pattern {pattern:?} is no regular expression");
    Err(Diagnostic::error(place.clone(), message)
        .hint("a pattern is a regular expression because of its ~")
        .into())
}

/// Returns a play's own variables with those of `-e`: all that is known before hosts.
pub fn play_vars(play: &Play, inventory: &Inventory) -> Map {
    let mut vars = play.import_vars.as_ref().clone();
    let layers = [play.vars.as_ref(), inventory.extra_vars()];
    for layer in layers {
        vars.extend(
            layer
                .iter()
                .map(|(key, entry)| (key.clone(), entry.clone())),
        );
    }
    vars
}

/// Returns the patterns of `hosts`, rendered.
///
/// # Errors
/// When a template in them can't be rendered.
pub fn patterns(play: &Play, scope: &Scope) -> Result<Vec<String>, Diagnostics> {
    let node = scope.resolve("hosts", &play.hosts)?;
    Ok(match &node.value {
        Value::Seq(items) => items.iter().map(shown).collect(),
        _ => vec![shown(&node)],
    })
}

/// Returns tags, rendered where that can be done now.
pub fn tags(nodes: &[&Node], scope: &Scope) -> BTreeSet<String> {
    let mut tags = BTreeSet::new();
    for node in nodes {
        match scope.resolve("tags", node).map(|node| node.value) {
            Ok(Value::Seq(items)) => tags.extend(items.iter().map(shown)),
            Ok(value) => {
                tags.insert(shown(&Node::new(value, node.place.clone())));
            }
            Err(_) => {
                tags.insert(shown(node));
            }
        }
    }
    tags
}

fn shown(node: &Node) -> String {
    match &node.value {
        Value::Str(text) | Value::Unsafe(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        _ => String::new(),
    }
}

fn tasks(play: &Play, play_tags: &BTreeSet<String>, scope: &Scope, what: &Listing) -> String {
    let mut all_tags = play_tags.clone();
    let mut text = String::new();
    if what.tasks {
        text.push_str("    tasks:\n");
    }
    for item in play.sections.iter().flat_map(|section| &section.items) {
        each_listed(item, &mut |task| {
            let own = tags(&task.keywords.list(Keyword::Tags), scope);
            if !what.filter.selects(&own) {
                return;
            }
            all_tags.extend(own.iter().cloned());
            if what.tasks {
                let shown: Vec<String> = play_tags.union(&own).cloned().collect();
                let title = listed_title(task);
                text.push_str(&format!("      {title}\tTAGS: [{}]\n", shown.join(", ")));
            }
        });
    }
    if what.tags {
        let all: Vec<String> = all_tags.into_iter().collect();
        text.push_str(&format!("      TASK TAGS: [{}]\n", all.join(", ")));
    }
    text
}

/// A listing leaves out what runs after a failure only.
fn each_listed<'a>(item: &'a Item, each: &mut dyn FnMut(&'a Task)) {
    match item {
        Item::Task(task) => each(task),
        Item::Block(block) => block.block.iter().for_each(|item| each_listed(item, each)),
    }
}

fn listed_title(task: &Task) -> String {
    match &task.name {
        Some(_) => task.title(),
        None => task.written.0.clone(),
    }
}
