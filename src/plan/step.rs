use serde::Serialize;

/// How a step can be taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Undo {
    /// By this command or change.
    By(String),
    /// It can't: data is gone afterwards.
    Cannot,
}

/// One thing to do, with its reason. `action` is what the executor carries out,
/// after it checked that what it finds is what was planned for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step<A> {
    /// What the executor carries out.
    pub action: A,
    /// A short stable name in kebab case (`create-overlay`), for JSON and tests.
    pub name: &'static str,
    /// What is done, as a sentence fragment ("create overlay claw.qcow2, 60 GiB").
    pub what: String,
    /// Why ("the volume does not exist").
    pub why: String,
    /// How it is taken back.
    pub undo: Undo,
    /// The changed document as a unified diff, without secrets, for `--diff`.
    pub diff: Option<String>,
}

/// The permission that a difference waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// `--restart`.
    Restart,
    /// `--rebuild`.
    Rebuild,
    /// Can't be done at all (a disk never shrinks).
    Impossible,
}

/// A difference that this run leaves alone, since it needs a permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    /// What differs ("memory 3072 MiB, wanted 4096 MiB").
    pub what: String,
    /// What it would take.
    pub need: Need,
}

/// The difference between what should be and what is, for one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan<A> {
    /// The instance's inventory name.
    pub instance: String,
    /// The steps, in order. Empty when nothing is to do.
    pub steps: Vec<Step<A>>,
    /// Differences that wait for a permission.
    pub held: Vec<Held>,
    /// What the held differences would change in documents, as a unified diff without
    /// secrets, for `--diff`.
    pub held_diff: Option<String>,
    /// True when a step removes something that can't be had back.
    pub destructive: bool,
}

impl<A> Plan<A> {
    /// Returns an empty plan.
    pub fn new(instance: impl Into<String>) -> Self {
        Self {
            instance: instance.into(),
            steps: Vec::new(),
            held: Vec::new(),
            held_diff: None,
            destructive: false,
        }
    }

    /// Adds a step at the end.
    pub fn add(
        &mut self,
        (name, action): (&'static str, A),
        what: impl Into<String>,
        why: impl Into<String>,
        undo: Undo,
    ) {
        self.steps.push(Step {
            action,
            name,
            what: what.into(),
            why: why.into(),
            undo,
            diff: None,
        });
    }

    /// Returns true when there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}
