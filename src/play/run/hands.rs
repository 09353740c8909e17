use std::{future::Future, time::Duration};

use serde_json::{Map, Value};

use super::Become;
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
}
