use crate::play::parse::TagFilter;

/// How a run is done.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Whether nothing may be changed.
    pub check: bool,
    /// Whether differences are wanted.
    pub diff: bool,
    /// How many hosts are worked on at once.
    pub forks: usize,
    /// Which tasks run.
    pub tags: TagFilter,
    /// A pattern that narrows the hosts.
    pub limit: Option<String>,
    /// The name of the first task that runs, perhaps with `*`.
    pub start_at: Option<String>,
}
