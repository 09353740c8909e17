use serde_json::{Map, Value};

use super::Recap;

/// What became of a task on a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It went well and changed nothing.
    Ok,
    /// It changed something, or would.
    Changed,
    /// It was not for this host.
    Skipped,
    /// It failed.
    Failed,
    /// It failed, and `ignore_errors` let it be.
    Ignored,
    /// The host could not be reached.
    Unreachable,
}

/// Something that happened in a run.
#[derive(Clone, Debug)]
pub enum Event {
    /// A play begins.
    Play {
        /// Its name.
        name: String,
    },
    /// No host is there for the play.
    NoHosts,
    /// A task begins.
    Task {
        /// Its name, with the role's.
        name: String,
        /// Whether it is a handler.
        handler: bool,
    },
    /// The task runs on these hosts.
    Running {
        /// Their names.
        hosts: Vec<String>,
    },
    /// One item of a loop is done.
    Item {
        /// The host.
        host: String,
        /// What became of it.
        status: Status,
        /// What is shown for the item.
        label: String,
        /// The result, as `register` would keep it; censored where `no_log` says so.
        result: Map<String, Value>,
    },
    /// A task is done on a host.
    Done {
        /// The host.
        host: String,
        /// The host that it was delegated to.
        delegate: Option<String>,
        /// What became of it.
        status: Status,
        /// The result, likewise.
        result: Map<String, Value>,
        /// The module.
        module: &'static str,
    },
    /// A task will be tried again.
    Retry {
        /// The host.
        host: String,
        /// How many times it may still be tried.
        left: u64,
    },
    /// Tasks were included.
    Included {
        /// The file or role.
        name: String,
        /// The hosts they are for.
        hosts: Vec<String>,
    },
    /// Something the user should know.
    Warning {
        /// A sentence.
        text: String,
    },
    /// The run is over.
    Recap {
        /// What became of each host.
        recap: Recap,
    },
}

/// Receives events. It is called in line and must be quick.
pub trait EventSink: Send + Sync {
    /// Takes one event.
    fn send(&self, event: Event);
}
