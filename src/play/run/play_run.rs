use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use indexmap::IndexSet;

use super::{Engine, Hands, ahead::Planned, items::Around};
use crate::{
    inventory::{Map, Node, Value},
    plan::Diagnostics,
    play::{
        parse::{Arguments, Item, Keyword, Play, RoleUse, Task, TaskAction},
        vars::Values,
    },
};

/// One batch of hosts going through a play.
pub(super) struct PlayRun<H> {
    pub engine: Arc<Engine<H>>,
    pub play: Arc<Play>,
    /// All hosts of the play.
    pub all: Vec<String>,
    /// Those of this batch.
    pub batch: Vec<String>,
    /// The share of hosts, in percent, beyond which failures end the play.
    pub max_fail: Option<f64>,
    state: Mutex<PlayState>,
}

/// What changes while a play runs.
#[derive(Default)]
pub(super) struct PlayState {
    /// Hosts that failed, as `ansible_play_hosts` sees it.
    pub removed: Vec<String>,
    /// Hosts that take no further part: unreachable, or ended by `meta`.
    pub gone: HashSet<String>,
    /// Hosts that fail at the next occasion, since others failed.
    pub doomed: HashSet<String>,
    /// Handlers' names that hosts notified since the last flush.
    pub notified: HashMap<String, IndexSet<String>>,
    /// The same of tasks that check mode could not predict.
    pub doubted: HashMap<String, IndexSet<String>>,
    /// Hosts that wait for a handler, by its number.
    pub waiting: HashMap<usize, IndexSet<String>>,
    /// All handlers.
    pub handlers: Vec<Arc<Task>>,
    /// Roles whose variables the whole play sees.
    pub roles: Vec<Arc<RoleUse>>,
    /// Uses of roles that are done on a host.
    pub completed: HashSet<(String, String)>,
    /// Uses of roles that did something on a host.
    pub ran: HashSet<(String, String)>,
    /// Uses of roles that `meta: end_role` ended on a host.
    pub ended_roles: HashSet<(String, String)>,
    /// Variables files by host.
    pub vars_files: HashMap<String, Vec<Arc<Map>>>,
    /// The play's magic variables, for the hosts that were removed then. They list all
    /// hosts several times, so each host must not have its own.
    pub magic: Option<(Vec<String>, Arc<Values>)>,
    /// What was sent ahead to hosts, in the order of its tasks.
    pub ahead: HashMap<String, VecDeque<Planned>>,
    /// Whether `meta` ended the play for all.
    pub over: bool,
    /// Whether too many hosts failed.
    pub broken: bool,
}

impl<H: Hands> PlayRun<H> {
    /// Returns a run of a play for a batch of hosts.
    ///
    /// # Errors
    /// When the play's keywords or variables files can't be used.
    pub fn new(
        engine: Arc<Engine<H>>,
        play: Arc<Play>,
        all: &[String],
        batch: &[String],
    ) -> Result<Arc<Self>, Diagnostics> {
        let max_fail = match play.keywords.get(Keyword::MaxFailPercentage) {
            Some(node) => {
                let node = engine
                    .play_scope(&play)
                    .resolve("max_fail_percentage", node)?;
                percentage(&node)
            }
            None => None,
        };
        let handlers = flattened(&play.handlers);
        let roles = play
            .roles
            .iter()
            .filter(|one| one.public)
            .cloned()
            .collect();
        let run = Self {
            engine,
            play,
            all: all.to_vec(),
            batch: batch.to_vec(),
            max_fail,
            state: Mutex::new(PlayState {
                handlers,
                roles,
                ..PlayState::default()
            }),
        };
        for host in batch {
            run.load_vars_files(host)?;
        }
        Ok(Arc::new(run))
    }

    pub fn state(&self) -> MutexGuard<'_, PlayState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether `meta` ended the play for all hosts.
    pub fn is_over(&self) -> bool {
        self.state().over
    }

    /// Runs the play; returns whether it was broken off for all hosts.
    pub async fn run(self: &Arc<Self>) -> bool {
        let mut hosts = self.batch.clone();
        {
            // Hosts that an earlier play lost have no part in this one.
            let lost = self.engine.state();
            hosts.retain(|host| !lost.failed.contains(host) && !lost.unreachable.contains(host));
        }
        {
            let mut state = self.state();
            state.removed = self
                .batch
                .iter()
                .filter(|host| !hosts.contains(host))
                .cloned()
                .collect();
        }
        if self
            .play
            .keywords
            .text(Keyword::Strategy)
            .is_some_and(is_free)
        {
            let mut together = tokio::task::JoinSet::new();
            for host in hosts {
                let run = Arc::clone(self);
                together.spawn(async move { run.sections(vec![host]).await });
            }
            while together.join_next().await.is_some() {}
        } else {
            self.sections(hosts).await;
        }
        self.state().broken
    }

    /// Runs everything for some hosts: facts, then each section and its handlers.
    async fn sections(self: &Arc<Self>, hosts: Vec<String>) {
        let mut failed: Vec<String> = Vec::new();
        let mut items: Vec<Vec<Item>> = vec![Vec::new(), Vec::new(), Vec::new()];
        if let Some(task) = self.gathering() {
            items[0].push(Item::Task(Arc::new(task)));
        }
        // Roles and tasks share their flush.
        for (section, at) in self.play.sections.iter().zip([0, 1, 1, 2]) {
            items[at].extend(section.items.iter().cloned());
        }
        let force = self
            .play
            .keywords
            .get(Keyword::ForceHandlers)
            .is_some_and(|node| matches!(node.value, Value::Bool(true)));
        for items in &items {
            let left = |failed: &[String]| -> Vec<String> {
                hosts
                    .iter()
                    .filter(|host| !failed.contains(host))
                    .cloned()
                    .collect()
            };
            let lost = self
                .run_items(items, left(&failed), Around::default())
                .await;
            failed.extend(lost);
            let flushed = if force { hosts.clone() } else { left(&failed) };
            let lost = self.flush_handlers(flushed, Around::default()).await;
            failed.extend(lost);
        }
        let mut run = self.engine.state();
        run.failed.extend(failed);
    }

    /// Returns the task that gathers facts, unless the play wants none.
    fn gathering(&self) -> Option<Task> {
        let keywords = &self.play.keywords;
        let wanted = match keywords.get(Keyword::GatherFacts).map(|node| &node.value) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::Str(text)) => super::flags::is_true(&text.as_str().into()) != Some(false),
            _ => true,
        };
        if !wanted {
            return None;
        }
        let place = self.play.place.clone();
        let text = |text: &str| Node::new(Value::Str(text.to_owned()), place.clone());
        let mut own = keywords.heritable();
        if keywords.list(Keyword::Tags).is_empty() {
            own.set(Keyword::Tags, text("always"));
        }
        own.remove(Keyword::RunOnce);
        let mut args = Arguments::default();
        for keyword in [Keyword::GatherSubset, Keyword::GatherTimeout] {
            if let Some(node) = keywords.get(keyword) {
                let entry = crate::inventory::Entry {
                    key_place: node.place.clone(),
                    node: node.as_ref().clone(),
                };
                args.named.insert(keyword.name().to_owned(), entry);
            }
        }
        Some(Task {
            name: Some(text("Gathering Facts")),
            action: TaskAction::Module("setup"),
            written: ("gather_facts".to_owned(), place.clone()),
            args,
            looped: None,
            outer: own.clone(),
            keywords: own,
            vars: Vec::new(),
            params: Vec::new(),
            has_own_vars: false,
            role: None,
            file: Arc::clone(&place.file),
            place: place.clone(),
            is_handler: false,
        })
    }
}

/// Returns handlers without the blocks they may stand in.
pub(super) fn flattened(items: &[Item]) -> Vec<Arc<Task>> {
    let mut tasks = Vec::new();
    for item in items {
        item.each_task(&mut |task| tasks.push(Arc::clone(task)));
    }
    tasks
}

fn is_free(strategy: &str) -> bool {
    strategy.rsplit('.').next() == Some("free")
}

fn percentage(node: &Node) -> Option<f64> {
    match &node.value {
        Value::Int(number) => Some(f64::from(i32::try_from(*number).ok()?)),
        Value::Float(number) => Some(*number),
        Value::Str(text) | Value::Unsafe(text) => text.trim().trim_end_matches('%').parse().ok(),
        _ => None,
    }
}
