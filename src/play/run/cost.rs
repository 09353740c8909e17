use std::time::Duration;

/// What a host cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// How long tasks waited for it.
    pub time: Duration,
    /// How often something was sent and an answer had to be waited for, the login
    /// included where it is known.
    pub round_trips: u64,
    /// Bytes sent to it, without what SSH adds.
    pub sent: u64,
    /// Bytes that came from it, likewise.
    pub received: u64,
}
