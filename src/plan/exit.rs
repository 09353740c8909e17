/// The exit codes of every verb, the same everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Done, or nothing to do.
    Done = 0,
    /// Failed on at least one instance.
    Failed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The inventory or the configuration is invalid.
    Invalid = 3,
    /// An instance or a hypervisor can't be reached.
    Unreachable = 4,
    /// `--check` found changes.
    Changes = 5,
    /// Refused or declined.
    Refused = 6,
    /// Locked by another run (`EX_TEMPFAIL` of sysexits.h).
    Locked = 75,
    /// Interrupted by SIGINT or SIGTERM.
    Interrupted = 130,
}

impl Exit {
    /// Returns the number that the process exits with.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Returns the code that stands for both: the one that needs more attention.
    ///
    /// Order: interrupted, failed, unreachable, refused, locked, invalid, usage,
    /// changes, done.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        let rank = |exit: Self| match exit {
            Self::Done => 0,
            Self::Changes => 1,
            Self::Usage => 2,
            Self::Invalid => 3,
            Self::Locked => 4,
            Self::Refused => 5,
            Self::Unreachable => 6,
            Self::Failed => 7,
            Self::Interrupted => 8,
        };
        if rank(other) > rank(self) {
            other
        } else {
            self
        }
    }
}
