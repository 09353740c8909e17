//! Hosts are connected to before they take one of the places for work: a dead host
//! costs one timeout, and all dead hosts of a task cost it together.

use super::{Hands, play_run::PlayRun, results::Fields};
use crate::play::parse::{Keyword, Task, TaskAction};

/// How many hosts are connected to at once, dead ones included. The work of a login is
/// limited where it is done.
pub(super) const CONNECTING: usize = 512;

/// Modules that need no host, or that wait for one themselves.
const WITHOUT: [&str; 10] = [
    "add_host",
    "assert",
    "debug",
    "fail",
    "group_by",
    "include_vars",
    "meta",
    "pause",
    "set_fact",
    "wait_for_connection",
];

impl<H: Hands> PlayRun<H> {
    /// Connects to the host that a task is about to work on, when the run did not do
    /// that before. What is in the way, the task says when it is its turn.
    pub async fn reach(&self, task: &Task, host: &str) {
        let goes_there = matches!(task.action, TaskAction::Module(_))
            && !WITHOUT.contains(&task.module())
            && !task.keywords.has(Keyword::DelegateTo);
        if !goes_there || self.engine.state().reached.contains(host) {
            return;
        }
        let scope = self.scope(Some(task), host);
        let when = task.keywords.get(Keyword::When);
        if when.is_some_and(|when| !matches!(scope.unmet(when), Ok(None))) {
            return;
        }
        let Ok(call) = self.call_of(task, host, &scope, &Fields::new(), None) else {
            return;
        };
        self.engine.state().reached.insert(host.to_owned());
        let _place = self.engine.connecting.acquire().await;
        self.engine.hands.reach(&call).await;
    }
}
