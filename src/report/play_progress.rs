use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Format, Output, Verbosity, text::printable};

/// How often the spinner moves, so that a long wait is seen to live.
const TICK: Duration = Duration::from_millis(120);

/// How many hosts are named; the rest are counted.
const NAMED: usize = 4;

/// One line on a terminal that says which task runs, and on which hosts.
pub(super) struct PlayProgress {
    output: Arc<Output>,
    bar: ProgressBar,
    now: Mutex<Now>,
}

#[derive(Default)]
struct Now {
    task: String,
    hosts: Vec<String>,
}

impl PlayProgress {
    /// Returns one where there is a terminal to draw on.
    pub(super) fn new(output: &Arc<Output>) -> Option<Self> {
        let wanted = output.format() == Format::Table
            && output.verbosity() > Verbosity::Quiet
            && output.terminal().stderr;
        if !wanted {
            return None;
        }
        let bar = ProgressBar::new_spinner();
        bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(12));
        bar.set_style(ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}").ok()?);
        Some(Self {
            output: Arc::clone(output),
            bar,
            now: Mutex::default(),
        })
    }

    /// A task begins.
    pub(super) fn task(&self, name: &str) {
        self.change(|now| {
            name.clone_into(&mut now.task);
            now.hosts.clear();
        });
    }

    /// It runs on these hosts.
    pub(super) fn running(&self, hosts: &[String]) {
        self.change(|now| now.hosts.extend_from_slice(hosts));
        self.bar.reset_elapsed();
        self.bar.enable_steady_tick(TICK);
    }

    /// It is done on a host.
    pub(super) fn done(&self, host: &str) {
        self.change(|now| now.hosts.retain(|one| one != host));
    }

    /// The run is over.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }

    /// Takes the line away while something else is written.
    pub(super) fn aside(&self, write: impl FnOnce()) {
        self.bar.suspend(write);
    }

    fn change(&self, change: impl FnOnce(&mut Now)) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut now);
        let text = said(&now.task, &now.hosts);
        self.bar.set_message(self.output.redacted(&text));
    }
}

fn said(task: &str, hosts: &[String]) -> String {
    if hosts.is_empty() {
        return printable(task);
    }
    let named: Vec<String> = hosts
        .iter()
        .take(NAMED)
        .map(|host| printable(host))
        .collect();
    let more = match hosts.len().saturating_sub(NAMED) {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    format!("{}: {}{more}", printable(task), named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_hosts_are_named() {
        let hosts: Vec<String> = (1..=6).map(|number| format!("h{number}")).collect();
        assert_eq!(
            said("install", &hosts),
            "install: h1, h2, h3, h4 and 2 more"
        );
        assert_eq!(said("install", &hosts[..1]), "install: h1");
        assert_eq!(said("install", &[]), "install");
    }
}
