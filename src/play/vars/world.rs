use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use minijinja::Value as Jinja;
use serde_json::{Map as JsonMap, Value as Json};

use super::{Layer, Roster, Scope, Values, host_vars::HostVars, jinja::json_to_jinja};
use crate::{
    inventory::{Inventory, Map},
    play::parse::PlayFiles,
};

/// What the machine swarmctl runs on gives to a play. The library asks for none of it
/// itself.
#[derive(Clone)]
pub struct Controller {
    /// The environment that `lookup('env', …)` reads.
    pub environment: BTreeMap<String, String>,
    /// The files that plays name.
    pub files: Arc<dyn PlayFiles>,
    /// The inventory sources as named, for `inventory_file` and `inventory_dir`.
    pub inventory_sources: Vec<PathBuf>,
    /// `ansible_check_mode`.
    pub check: bool,
    /// `ansible_diff_mode`.
    pub diff: bool,
    /// `ansible_verbosity`.
    pub verbosity: u8,
    /// `ansible_forks`.
    pub forks: usize,
    /// `ansible_run_tags`.
    pub run_tags: Vec<String>,
    /// `ansible_skip_tags`.
    pub skip_tags: Vec<String>,
    /// `ansible_limit`.
    pub limit: Option<String>,
}

/// All that a run knows of its hosts: the inventory, and what tasks learned.
pub struct World {
    inventory: Inventory,
    /// What the controller gives.
    pub controller: Controller,
    extra: Arc<Map>,
    roster: Mutex<Arc<Roster>>,
    groups: Mutex<Option<Jinja>>,
    hosts: Mutex<HashMap<String, Known>>,
}

/// What is known of one host.
#[derive(Clone, Default)]
struct Known {
    /// Its variables in the inventory.
    inventory: Arc<Map>,
    /// Facts under their own names.
    facts: Arc<Values>,
    /// `ansible_facts` and the facts under their own names.
    shown_facts: Arc<Values>,
    /// `include_vars`.
    included: Arc<Map>,
    /// `set_fact` and `register`.
    set: Arc<Values>,
    /// Variables of `add_host`.
    added: Arc<Values>,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("World(…)")
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    /// Returns what is known before the first task.
    pub fn new(inventory: Inventory, controller: Controller) -> Self {
        Self {
            extra: Arc::new(inventory.extra_vars().clone()),
            roster: Mutex::new(Arc::new(Roster::new(&inventory))),
            groups: Mutex::new(None),
            hosts: Mutex::default(),
            inventory,
            controller,
        }
    }

    /// Returns the hosts and groups of this moment.
    pub fn roster(&self) -> Arc<Roster> {
        Arc::clone(&locked(&self.roster))
    }

    /// Returns the extra variables.
    pub fn extra(&self) -> &Arc<Map> {
        &self.extra
    }

    /// Adds a host with its groups and variables; returns whether that changed
    /// anything.
    pub fn add_host(&self, host: &str, groups: &[String], vars: Values) -> bool {
        let mut changed = self.change_roster(|roster| {
            let mut changed = roster.add_host(host);
            for group in groups {
                changed |= roster.add_member(group, host);
            }
            changed
        });
        self.known(host, |known| {
            let added = Arc::make_mut(&mut known.added);
            for (name, value) in vars {
                let differs = added.get(&name) != Some(&value);
                changed |= differs;
                added.insert(name, value);
            }
        });
        changed
    }

    /// Makes a host a member of a group; returns whether that changed anything.
    pub fn add_to_group(&self, group: &str, host: &str) -> bool {
        self.change_roster(|roster| roster.add_member(group, host))
    }

    fn change_roster(&self, change: impl FnOnce(&mut Roster) -> bool) -> bool {
        let changed = change(Arc::make_mut(&mut locked(&self.roster)));
        if changed {
            *locked(&self.groups) = None;
        }
        changed
    }

    /// Keeps facts about a host, as `setup` and other modules give them.
    pub fn add_facts(&self, host: &str, facts: &JsonMap<String, Json>) {
        self.known(host, |known| {
            let all = Arc::make_mut(&mut known.facts);
            for (name, value) in facts {
                all.insert(name.clone(), json_to_jinja(value));
            }
            let short = all.iter().map(|(name, value)| {
                let short = name.strip_prefix("ansible_").unwrap_or(name);
                (short.to_owned(), value.clone())
            });
            let short: Values = short.collect();
            let mut shown = all.clone();
            shown.insert("ansible_facts".to_owned(), Jinja::from_pairs(short));
            known.shown_facts = Arc::new(shown);
        });
    }

    /// Returns a host's `ansible_facts` as JSON.
    pub fn facts(&self, host: &str) -> Json {
        let facts = self.known(host, |known| Arc::clone(&known.facts));
        let mut map = JsonMap::new();
        for (name, value) in facts.iter() {
            let short = name.strip_prefix("ansible_").unwrap_or(name);
            if let Ok(Some(value)) = super::to_json(value) {
                map.insert(short.to_owned(), value);
            }
        }
        Json::Object(map)
    }

    /// Forgets a host's facts.
    pub fn clear_facts(&self, host: &str) {
        self.known(host, |known| {
            known.facts = Arc::default();
            known.shown_facts = Arc::default();
        });
    }

    /// Sets a variable of a host as `set_fact` and `register` do.
    pub fn set(&self, host: &str, name: &str, value: Jinja) {
        self.known(host, |known| {
            Arc::make_mut(&mut known.set).insert(name.to_owned(), value);
        });
    }

    /// Sets variables of a host as `include_vars` does: templates in them stay.
    pub fn include(&self, host: &str, vars: &Map) {
        self.known(host, |known| {
            let included = Arc::make_mut(&mut known.included);
            included.extend(
                vars.iter()
                    .map(|(name, entry)| (name.clone(), entry.clone())),
            );
        });
    }

    fn known<T>(&self, host: &str, use_it: impl FnOnce(&mut Known) -> T) -> T {
        let mut hosts = locked(&self.hosts);
        let known = hosts.entry(host.to_owned()).or_insert_with(|| {
            let inventory = Arc::new(self.inventory.vars(host));
            Known {
                inventory,
                ..Known::default()
            }
        });
        use_it(known)
    }

    /// Returns what a host has set and included, the strongest first.
    pub(super) fn learned(&self, host: &str) -> [Layer; 2] {
        self.known(host, |known| {
            [
                Layer::Known(Arc::clone(&known.set)),
                Layer::Written(Arc::clone(&known.included)),
            ]
        })
    }

    /// Returns a host's facts and its variables of the inventory, the strongest first.
    pub(super) fn given(&self, host: &str) -> [Layer; 3] {
        self.known(host, |known| {
            [
                Layer::Known(Arc::clone(&known.shown_facts)),
                Layer::Known(Arc::clone(&known.added)),
                Layer::Written(Arc::clone(&known.inventory)),
            ]
        })
    }

    /// Returns `hostvars`.
    pub(super) fn host_vars(world: &Arc<Self>) -> Jinja {
        Jinja::from_object(HostVars(Arc::clone(world)))
    }

    /// Returns `groups` as a template sees it.
    pub fn groups_value(&self) -> Jinja {
        self.groups()
    }

    /// Returns `groups`.
    pub(super) fn groups(&self) -> Jinja {
        let mut cached = locked(&self.groups);
        if let Some(groups) = cached.as_ref() {
            return groups.clone();
        }
        let roster = self.roster();
        let groups = Jinja::from_pairs(
            roster
                .groups()
                .iter()
                .map(|(name, hosts)| (name.clone(), Jinja::from(hosts.clone()))),
        );
        *cached = Some(groups.clone());
        groups
    }

    /// Returns the scope of a host outside of any play, as `hostvars` shows it.
    pub fn host_scope(world: &Arc<Self>, host: &str) -> Scope {
        let mut layers = vec![
            Layer::Known(Arc::new(super::magic::host_magic(world, host))),
            Layer::Written(Arc::clone(&world.extra)),
        ];
        layers.extend(world.learned(host));
        layers.extend(world.given(host));
        Scope::new(layers, Arc::clone(world), Arc::from([]))
    }
}
