use std::{any::Any, future::Future, time::Duration};

use serde_json::{Map, Value};
use tokio::sync::oneshot;

use super::{Become, Cost};
use crate::play::vars::Scope;

/// One call of a module on one host, everything rendered.
#[derive(Clone, Debug)]
pub struct Call {
    /// The host that it is done on: the delegate, if there is one.
    pub host: String,
    /// The module's short name.
    pub module: &'static str,
    /// Its arguments; a bare text is `_raw_params`. Conditions are lists of
    /// `{"assertion": …, "evaluated_to": …}`, `debug`'s `var` is
    /// `{"expression": …, "value": …}`.
    pub args: Map<String, Value>,
    /// Whether nothing may be changed.
    pub check: bool,
    /// Whether differences are wanted.
    pub diff: bool,
    /// As whom it runs.
    pub r#become: Option<Become>,
    /// `ssh` or `local`.
    pub connection: String,
    /// Who logs in; `None` leaves it to the connection.
    pub user: Option<String>,
    /// The environment it runs in.
    pub environment: Vec<(String, String)>,
    /// How long it may take.
    pub timeout: Option<Duration>,
    /// Whether nothing of it may be shown.
    pub no_log: bool,
    /// The variables that it sees, for templates and how the host is reached, and the
    /// directories its files are in.
    pub scope: Scope,
}

/// What a call came to.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The result, under Ansible's names: `changed`, `failed`, `msg`, `ansible_facts`
    /// and so on.
    Done(Map<String, Value>),
    /// The host could not be reached, and why.
    Unreachable(String),
}

/// A call that can go to its host before those before it are answered.
pub struct Ready {
    /// What the hands made of the call.
    pub work: Box<dyn Any + Send>,
    /// How many bytes it may take to send.
    pub size: usize,
    /// What it may set besides what the task registers.
    pub sets: Sets,
    /// Whether it neither touches nor looks at anything but its host's own files and
    /// settings, so that it makes no difference how far other hosts are.
    pub inward: bool,
}

/// What a call may set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sets {
    /// Nothing.
    Nothing,
    /// Facts.
    Facts,
    /// These variables.
    Names(Vec<String>),
}

/// A call that is sent ahead.
pub struct Ahead {
    /// The call.
    pub ready: Ready,
    /// The number of its task: calls of one task are the items of a loop.
    pub task: usize,
    /// Whether the tasks behind it run even when it fails.
    pub ignored: bool,
}

/// The outcome of a call that was sent ahead. It never comes when the call was not
/// done, since one before it failed.
pub type Coming = oneshot::Receiver<Outcome>;

/// What does the work on hosts.
pub trait Hands: Send + Sync + 'static {
    /// Calls a module on a host.
    fn call(&self, call: Call) -> impl Future<Output = Outcome> + Send;

    /// Ends what connects to a host: the next call connects anew.
    fn reset(&self, _host: &str) {}

    /// Connects to the host of a call, unless that was tried before. It is what takes
    /// long where a host is dead, so it is not limited as work is.
    fn reach(&self, _call: &Call) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }

    /// Returns a call in a form that can be sent ahead; `None` when it can't be.
    fn ready(&self, call: &Call) -> Option<Ready> {
        let _ = call;
        None
    }

    /// Sends calls to one host and one user there, and does one after the other. When
    /// one fails that is not ignored, none of a later task is done.
    fn send(&self, calls: Vec<Ahead>) -> Vec<Coming> {
        let _ = calls;
        Vec::new()
    }

    /// Returns what went to a host and came from it so far.
    fn cost(&self, host: &str) -> Cost {
        let _ = host;
        Cost::default()
    }
}
