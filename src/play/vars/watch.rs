use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// What is looked at while values are rendered before their time: a task that is sent
/// before the answers of those before it must not look at what they may set.
#[derive(Debug, Default)]
pub struct Watch {
    /// Whether nothing may be done on this machine.
    still: bool,
    names: Mutex<HashSet<String>>,
}

impl Watch {
    /// Returns a watch. When it is `still`, lookups that do something on this machine
    /// or differ each time fail, since the task may never come to run.
    pub fn new(still: bool) -> Self {
        Self {
            still,
            names: Mutex::default(),
        }
    }

    /// Returns whether a name was looked at for which `sought` holds. All variables at
    /// once are `vars`.
    pub fn saw(&self, sought: impl Fn(&str) -> bool) -> bool {
        self.names().iter().any(|name| sought(name))
    }

    pub(super) fn note(&self, name: &str) {
        let mut names = self.names();
        if !names.contains(name) {
            names.insert(name.to_owned());
        }
    }

    pub(super) fn forbids(&self, lookup: &str) -> bool {
        self.still
            && matches!(
                lookup,
                "lines" | "password" | "pipe" | "random_choice" | "url"
            )
    }

    fn names(&self) -> MutexGuard<'_, HashSet<String>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
