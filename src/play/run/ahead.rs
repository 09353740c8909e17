//! Calls that are sent before the tasks before them are answered.
//!
//! A task may go ahead only when nothing that the tasks in flight may set was looked
//! at while its call was made, and when nothing but a failure of those tasks could
//! keep it from being done. What is done on the host then is what would have been done
//! one task at a time: the host does the calls in order, and none behind a failure.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

use serde_json::Value;

use super::{
    Ahead, Become, Call, Coming, Hands, Ready, Sets, flags,
    host_task::{Naming, is_set, items},
    items::{After, Around},
    play_run::PlayRun,
    results::Fields,
};
use crate::{
    inventory::Value as Written,
    plan::Diagnostic,
    play::{
        parse::{Block, Item, Keyword, Task, TaskAction},
        vars::{Scope, Watch},
    },
    template::is_template,
};

/// How many calls are in flight for one host at most.
const CALLS: usize = 2000;
/// How many bytes they may hold together.
const BYTES: usize = 8 << 20;

/// Keywords of tasks that neither go ahead nor let others go ahead of them.
const ALONE: [Keyword; 8] = [
    Keyword::Until,
    Keyword::Retries,
    Keyword::DelegateTo,
    Keyword::RunOnce,
    Keyword::Async,
    Keyword::Poll,
    Keyword::Throttle,
    Keyword::AnyErrorsFatal,
];

/// Variables that change as other hosts fail, and all variables at once.
const MOVING: [&str; 5] = [
    "ansible_play_batch",
    "ansible_play_hosts",
    "hostvars",
    "play_hosts",
    "vars",
];

/// Names that begin as facts do and are none.
const NO_FACTS: [&str; 19] = [
    "ansible_become",
    "ansible_become_method",
    "ansible_become_pass",
    "ansible_become_password",
    "ansible_become_user",
    "ansible_check_mode",
    "ansible_connection",
    "ansible_diff_mode",
    "ansible_host",
    "ansible_index_var",
    "ansible_limit",
    "ansible_loop",
    "ansible_loop_var",
    "ansible_managed",
    "ansible_port",
    "ansible_ssh_common_args",
    "ansible_ssh_extra_args",
    "ansible_ssh_private_key_file",
    "ansible_user",
];

/// What is known beforehand of a task on a host, or of one item of its loop.
pub(super) struct Planned {
    task: Arc<Task>,
    item: Fields,
    what: What,
}

/// What is known.
pub(super) enum What {
    /// A condition doesn't hold: this one.
    Skipped(Value),
    /// The call was sent.
    Sent {
        /// Brings what it came to.
        coming: Coming,
        /// For check mode.
        foreseen: Option<Foreseen>,
    },
}

/// What a call's prediction is judged by.
pub(super) struct Foreseen {
    /// The host.
    pub at: String,
    /// The module's arguments.
    pub args: Fields,
    /// The user that it runs as.
    pub user: Option<String>,
}

/// Whether a condition held, and what is known of the call then.
enum Met {
    No(Value),
    Yes(Option<Foreseen>),
}

/// Calls that will be sent together.
#[derive(Default)]
struct Window {
    calls: Vec<Ahead>,
    planned: Vec<(Arc<Task>, Fields, Met)>,
    /// What the calls may set.
    names: HashSet<String>,
    facts: bool,
    bytes: usize,
    by: Option<(Option<String>, Option<Become>, bool)>,
}

/// What follows from looking at a task.
enum Then {
    /// The next may go ahead, too.
    Go,
    /// It is the last one.
    Last,
    /// It can't go ahead.
    Stop,
}

impl Window {
    /// Returns whether a name may be set by a call of this window.
    fn may_set(&self, name: &str) -> bool {
        let fact = || {
            name.starts_with("getent_")
                || matches!(name, "services" | "packages")
                || (name.starts_with("ansible_") && !NO_FACTS.contains(&name))
        };
        self.names.contains(name) || MOVING.contains(&name) || (self.facts && fact())
    }

    fn sets(&mut self, task: &Task, sets: &Sets) {
        self.names
            .extend(task.keywords.text(Keyword::Register).map(str::to_owned));
        match sets {
            Sets::Nothing => {}
            Sets::Facts => self.facts = true,
            Sets::Names(names) => self.names.extend(names.iter().cloned()),
        }
    }

    /// Returns whether a call goes down the same shell as those before it. What changes
    /// something never follows what only looks.
    fn suits(&mut self, call: &Call) -> bool {
        let Some((user, r#become, check)) = &self.by else {
            self.by = Some((call.user.clone(), call.r#become.clone(), call.check));
            return true;
        };
        let same = match (r#become, &call.r#become) {
            (None, None) => true,
            (Some(one), Some(other)) => one.method == other.method && one.user == other.user,
            _ => false,
        };
        same && *user == call.user && *check == call.check
    }
}

impl<H: Hands> PlayRun<H> {
    /// Returns the tasks that come next when nothing fails; none when all these hosts
    /// have calls in flight already.
    pub fn path(&self, hosts: &[String], around: Around<'_>) -> Vec<Arc<Task>> {
        {
            let state = self.state();
            let busy = |host: &String| state.ahead.get(host).is_some_and(|one| !one.is_empty());
            if hosts.iter().all(busy) {
                return Vec::new();
            }
        }
        let mut path = Path {
            tasks: Vec::new(),
            roles: HashSet::new(),
        };
        let mut after = around.after;
        while let Some(After { items, next }) = after {
            if !self.walk(items, &mut path) {
                break;
            }
            after = *next;
        }
        path.tasks
    }

    /// Adds tasks to a path; returns whether what comes behind them is known.
    fn walk(&self, items: &[Item], path: &mut Path) -> bool {
        items.iter().all(|item| match item {
            Item::Task(task) => {
                path.tasks.push(Arc::clone(task));
                path.tasks.len() < CALLS && is_plain(task)
            }
            Item::Block(block) => {
                self.may_enter(block, path) && {
                    self.walk(&block.block, path) && self.walk(&block.always, path)
                }
            }
        })
    }

    /// Returns whether a block is one that every host goes through: not a role that
    /// was done before.
    fn may_enter(&self, block: &Block, path: &mut Path) -> bool {
        let Some(role) = &block.role_use else {
            return true;
        };
        let state = self.state();
        let done = state.completed.iter().any(|(one, _)| *one == role.identity);
        !done && path.roles.insert(role.identity.clone())
    }

    /// Sends the calls of a task and of those behind it, as far as they can go ahead,
    /// unless calls are in flight already.
    pub fn look_ahead(&self, task: &Arc<Task>, host: &str, next: &[Arc<Task>], crowd: bool) {
        // One host at a time means that: no host is ahead of the others.
        let one_by_one = self.engine.options.forks < 2 && self.batch.len() > 1;
        if one_by_one || self.max_fail.is_some() {
            return;
        }
        if let Some(queue) = self.state().ahead.get(host)
            && !queue.is_empty()
        {
            return;
        }
        let mut window = Window::default();
        for (number, task) in std::iter::once(task).chain(next).enumerate() {
            match self.one_ahead(&mut window, number, task, host, crowd) {
                Ok(Then::Go) if window.calls.len() < CALLS && window.bytes < BYTES => {}
                Ok(Then::Go | Then::Last) => break,
                // What is wrong is said when it is the task's turn.
                Ok(Then::Stop) | Err(_) => break,
            }
        }
        if window.calls.is_empty() {
            return;
        }
        let mut coming = self.engine.hands.send(window.calls).into_iter();
        let planned: VecDeque<Planned> = window
            .planned
            .into_iter()
            .map_while(|(task, item, met)| {
                let what = match met {
                    Met::No(unmet) => What::Skipped(unmet),
                    Met::Yes(foreseen) => What::Sent {
                        coming: coming.next()?,
                        foreseen,
                    },
                };
                Some(Planned { task, item, what })
            })
            .collect();
        self.state().ahead.insert(host.to_owned(), planned);
    }

    /// Adds a task's calls to a window: all of them, or none.
    fn one_ahead(
        &self,
        window: &mut Window,
        number: usize,
        task: &Arc<Task>,
        host: &str,
        crowd: bool,
    ) -> Result<Then, Diagnostic> {
        if !is_plain(task) {
            return Ok(Then::Stop);
        }
        if number > 0 {
            if !task.is_handler && !self.tagged(task) {
                return Ok(Then::Go);
            }
            if let Some(role) = &task.role
                && !self.state().ended_roles.is_empty()
            {
                let key = (role.identity.clone(), host.to_owned());
                if self.state().ended_roles.contains(&key) {
                    return Ok(Then::Go);
                }
            }
        }
        let watch = Arc::new(Watch::new(number > 0));
        let scope = self.scope(Some(task), host).watched(&watch);
        let mut names = vec![(Fields::new(), scope.clone())];
        if let Some(looped) = &task.looped {
            let naming = Naming::new(looped, &scope);
            let items = items(looped, &scope)?;
            names.clear();
            for (index, item) in items.iter().enumerate() {
                let own = naming.fields(&items, index);
                let inner = scope.with(naming.values(&own, item));
                if let Some(label) = &looped.label {
                    flags::rendered_text(label, &inner)?;
                }
                names.push((own, inner));
            }
        }
        let ignored = is_set(task, Keyword::IgnoreErrors, &scope);
        let register = task.keywords.text(Keyword::Register);
        let (mut calls, mut planned) = (Vec::new(), Vec::new());
        let (mut bytes, mut sets) = (window.bytes, Sets::Nothing);
        for (index, (own, inner)) in names.into_iter().enumerate() {
            let unmet = match task.keywords.get(Keyword::When) {
                Some(when) => inner.unmet(when)?,
                None => None,
            };
            let mut known = None;
            if unmet.is_none() {
                let Some((ready, check)) = self.ready(window, task, host, &inner)? else {
                    return Ok(Then::Stop);
                };
                // In step with the others, where that may matter.
                if number > 0 && crowd && !ready.inward {
                    return Ok(Then::Stop);
                }
                bytes += ready.size;
                sets = ready.sets.clone();
                calls.push(Ahead {
                    ready,
                    task: number,
                    // What only looks can do no harm, and may count as no failure.
                    ignored: ignored || check.is_some(),
                });
                known = check;
            }
            let met = unmet.map_or(Met::Yes(known), Met::No);
            planned.push((Arc::clone(task), own, met));
            let own_result = |name: &str| index > 0 && Some(name) == register;
            if watch.saw(|name| own_result(name) || (number > 0 && window.may_set(name))) {
                return Ok(Then::Stop);
            }
            if number > 0 && bytes > BYTES {
                return Ok(Then::Stop);
            }
        }
        window.bytes = bytes;
        window.calls.extend(calls);
        window.planned.extend(planned);
        window.sets(task, &sets);
        Ok(if self.may_turn(task) {
            Then::Last
        } else {
            Then::Go
        })
    }

    fn ready(
        &self,
        window: &mut Window,
        task: &Task,
        host: &str,
        scope: &Scope,
    ) -> Result<Option<(Ready, Option<Foreseen>)>, Diagnostic> {
        let args = self.arguments(task, scope)?;
        let call = self.call_of(task, host, scope, &args, None)?;
        if !window.suits(&call) {
            return Ok(None);
        }
        let ready = self.engine.hands.ready(&call);
        let foreseen = call.check.then(|| Foreseen {
            at: call.host.clone(),
            args,
            user: call.r#become.map(|one| one.user),
        });
        Ok(ready.map(|ready| (ready, foreseen)))
    }

    /// Returns whether the task's result may count as a failure though the host did
    /// all of it well.
    fn may_turn(&self, task: &Task) -> bool {
        let keywords = &task.keywords;
        let constant = |keyword| match keywords.get(keyword).map(|node| &node.value) {
            None | Some(Written::Bool(_)) => true,
            Some(_) => false,
        };
        let known = |node: &crate::inventory::Node| {
            node.as_str()
                .is_some_and(|name| !is_template(name) && self.has_handler(name))
        };
        keywords.has(Keyword::FailedWhen)
            || !constant(Keyword::ChangedWhen)
            || !keywords.list(Keyword::Notify).into_iter().all(known)
    }

    /// Takes what is known beforehand of the next task of a host.
    pub fn planned(
        &self,
        task: &Task,
        host: &str,
        item: &Fields,
    ) -> Result<Option<What>, Diagnostic> {
        let mut state = self.state();
        let Some(queue) = state.ahead.get_mut(host) else {
            return Ok(None);
        };
        let Some(first) = queue.pop_front() else {
            return Ok(None);
        };
        if std::ptr::eq(&*first.task, task) && first.item == *item {
            return Ok(Some(first.what));
        }
        queue.clear();
        let message = format!(
            "another task was sent ahead to {host} than the one that is next; this is a bug \
             of swarmctl"
        );
        Err(Diagnostic::error(task.place.clone(), message))
    }

    /// Forgets what is in flight behind a failure: the host does none of it.
    pub fn give_up_ahead(&self, host: &str) {
        self.state().ahead.remove(host);
    }
}

/// The tasks that come next, and the roles they are from.
struct Path {
    tasks: Vec<Arc<Task>>,
    roles: HashSet<String>,
}

/// Returns whether a task is one that may go ahead, as far as its keywords tell.
fn is_plain(task: &Task) -> bool {
    let off = |keyword: Keyword| match task.keywords.get(keyword).map(|node| &node.value) {
        None | Some(Written::Bool(false) | Written::Null) => true,
        Some(Written::Int(0)) => matches!(keyword, Keyword::Async | Keyword::Poll),
        Some(_) => false,
    };
    let plain_loop = task
        .looped
        .as_ref()
        .is_none_or(|one| one.pause.is_none() && one.break_when.is_none());
    matches!(task.action, TaskAction::Module(_))
        && task.module() != "meta"
        && plain_loop
        && ALONE.into_iter().all(off)
}
