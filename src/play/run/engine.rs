use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Semaphore;

use super::{
    Cost, Event, EventSink, Hands, Recap, RunOptions, batches, play_run::PlayRun,
    promises::Promises, reach::CONNECTING,
};
use crate::{
    inventory::{Map, Node, Value},
    plan::Diagnostics,
    play::{
        list,
        parse::{Play, Playbook, Reader},
        vars::{Roster, World},
    },
    select,
};

/// Runs playbooks.
pub struct Engine<H> {
    pub(super) reader: Arc<Reader>,
    pub(super) world: Arc<World>,
    pub(super) hands: Arc<H>,
    pub(super) sink: Arc<dyn EventSink>,
    pub(super) options: RunOptions,
    pub(super) state: Mutex<RunState>,
    /// How many hosts may be connected to at once.
    pub(super) connecting: Semaphore,
}

/// What a run keeps from play to play.
#[derive(Default)]
pub(super) struct RunState {
    pub recap: Recap,
    /// Hosts that failed for good.
    pub failed: HashSet<String>,
    /// Hosts that can't be reached.
    pub unreachable: HashSet<String>,
    /// What tasks of a check run would have brought, by host.
    pub promises: HashMap<String, Promises>,
    /// Hosts that were connected to, or tried.
    pub reached: HashSet<String>,
    /// Whether the first task of `start_at` was met.
    pub started: bool,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Finished {
    /// What became of each host.
    pub recap: Recap,
}

impl<H: Hands> Engine<H> {
    /// Returns an engine. Its `reader` is the one that read the playbooks: it reads
    /// dynamic includes.
    pub fn new(
        reader: Arc<Reader>,
        world: Arc<World>,
        hands: Arc<H>,
        sink: Arc<dyn EventSink>,
        options: RunOptions,
    ) -> Self {
        let started = options.start_at.is_none();
        Self {
            reader,
            world,
            hands,
            sink,
            options,
            state: Mutex::new(RunState {
                started,
                ..RunState::default()
            }),
            connecting: Semaphore::new(CONNECTING),
        }
    }

    /// Runs playbooks, one after the other.
    ///
    /// # Errors
    /// When a play can't begin: its hosts or variables files can't be known.
    pub async fn run(self: &Arc<Self>, books: &[Playbook]) -> Result<Finished, Diagnostics> {
        for book in books {
            for play in &book.plays {
                if !self.play(Arc::new(play.clone())).await? {
                    break;
                }
            }
        }
        let recap = {
            let recap = &mut self.state().recap;
            let hosts: Vec<String> = recap.hosts().iter().map(|one| one.0.to_owned()).collect();
            for host in hosts {
                let Cost {
                    round_trips,
                    sent,
                    received,
                    ..
                } = self.hands.cost(&host);
                recap.charge(&host, |cost| {
                    cost.round_trips = round_trips;
                    cost.sent = sent;
                    cost.received = received;
                });
            }
            recap.clone()
        };
        self.sink.send(Event::Recap {
            recap: recap.clone(),
        });
        Ok(Finished { recap })
    }

    pub(super) fn state(&self) -> MutexGuard<'_, RunState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a play; returns whether further plays may follow.
    async fn play(self: &Arc<Self>, play: Arc<Play>) -> Result<bool, Diagnostics> {
        let scope = self.play_scope(&play);
        let name = match &play.name {
            Some(name) => scope
                .resolve("name", name)
                .ok()
                .and_then(|node| node.as_str().map(str::to_owned))
                .unwrap_or_else(|| play.title()),
            None => play.title(),
        };
        let begin = || self.sink.send(Event::Play { name: name.clone() });
        let patterns = list::patterns(&play, &scope)?;
        let all = self.hosts(&patterns, &play)?;
        if all.is_empty() {
            begin();
            self.sink.send(Event::NoHosts);
            return Ok(true);
        }
        let all = batches::ordered(all, &play, &scope)?;
        for batch in batches::batches(&all, &play, &scope)? {
            let gone = |state: &RunState| {
                batch
                    .iter()
                    .filter(|host| {
                        state.failed.contains(*host) || state.unreachable.contains(*host)
                    })
                    .count()
            };
            let before = gone(&self.state());
            // Each batch goes through the play from its beginning.
            begin();
            let run = PlayRun::new(Arc::clone(self), Arc::clone(&play), &all, &batch)?;
            let broken = run.run().await;
            let lost = gone(&self.state());
            // A batch that failed as a whole ends the run, unless it was lost before.
            if broken || (lost > before && lost - before == batch.len()) {
                return Ok(false);
            }
            if run.is_over() {
                break;
            }
        }
        Ok(true)
    }

    /// Returns the variables that are known of a play before any host.
    pub(super) fn play_scope(&self, play: &Play) -> crate::inventory::Scope {
        let mut vars: Map = play.import_vars.as_ref().clone();
        for layer in [play.vars.as_ref(), self.world.extra().as_ref()] {
            vars.extend(
                layer
                    .iter()
                    .map(|(key, entry)| (key.clone(), entry.clone())),
            );
        }
        let directory = play.directory.display().to_string();
        let magic = [
            ("playbook_dir".to_owned(), directory.into()),
            ("groups".to_owned(), self.world.groups_value()),
        ];
        crate::inventory::Scope::with(vars, magic.into())
    }

    fn hosts(&self, patterns: &[String], play: &Play) -> Result<Vec<String>, Diagnostics> {
        let roster: Arc<Roster> = self.world.roster();
        let pattern = patterns.join(",");
        let limit = self.options.limit.as_deref();
        match select::select(&pattern, limit, roster.as_ref()) {
            Ok(hosts) => Ok(hosts),
            Err(select::SelectError::Regex { .. }) => {
                list::wrong_pattern(&play.hosts.place, &pattern)
            }
            Err(_) if list::LOCAL.contains(&pattern.as_str()) => Ok(vec![pattern]),
            Err(_) => {
                let text = format!("could not match the host pattern {pattern:?}");
                self.sink.send(Event::Warning { text });
                Ok(Vec::new())
            }
        }
    }

    /// Reads a variables file; `None` when there is none of that name.
    ///
    /// # Errors
    /// When it is malformed.
    pub(super) fn variables_file(&self, path: &Path) -> Result<Option<Map>, Diagnostics> {
        let Some(node) = self.reader.variables(path)? else {
            return Ok(None);
        };
        match node.value {
            Value::Map(map) => Ok(Some(map)),
            Value::Null => Ok(Some(Map::new())),
            _ => Err(wrong_variables(&node)),
        }
    }
}

fn wrong_variables(node: &Node) -> Diagnostics {
    let message = format!("a variables file is a mapping, not {}", node.kind());
    crate::plan::Diagnostic::error(node.place.clone(), message)
        .hint("write `name: value` lines")
        .into()
}
