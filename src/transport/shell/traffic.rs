use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

/// What went over the channels of a shell or of a whole session, without what SSH
/// itself adds, and without the login.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// How often something was sent while no answer was outstanding.
    pub round_trips: u64,
    /// Bytes sent.
    pub sent: u64,
    /// Bytes received.
    pub received: u64,
}

#[derive(Debug, Default)]
pub(in crate::transport) struct Counters {
    /// Those of the session, which count along.
    session: Option<Arc<Self>>,
    round_trips: AtomicU64,
    outstanding: AtomicU64,
    sent: AtomicU64,
    received: AtomicU64,
}

impl Counters {
    /// Returns the counters of one of the session's channels.
    pub(in crate::transport) fn of_channel(session: &Arc<Self>) -> Self {
        Self {
            session: Some(Arc::clone(session)),
            round_trips: AtomicU64::default(),
            outstanding: AtomicU64::default(),
            sent: AtomicU64::default(),
            received: AtomicU64::default(),
        }
    }

    /// Something is sent that will be answered.
    pub(in crate::transport) fn asks(&self) {
        if self.outstanding.fetch_add(1, Relaxed) == 0 {
            self.round_trips.fetch_add(1, Relaxed);
        }
        if let Some(session) = &self.session {
            session.asks();
        }
    }

    /// An answer came.
    pub(in crate::transport) fn answered(&self) {
        self.outstanding.fetch_sub(1, Relaxed);
        if let Some(session) = &self.session {
            session.answered();
        }
    }

    pub(in crate::transport) fn sent(&self, bytes: usize) {
        self.sent.fetch_add(bytes as u64, Relaxed);
        if let Some(session) = &self.session {
            session.sent(bytes);
        }
    }

    pub(in crate::transport) fn received(&self, bytes: usize) {
        self.received.fetch_add(bytes as u64, Relaxed);
        if let Some(session) = &self.session {
            session.received(bytes);
        }
    }

    pub(in crate::transport) fn traffic(&self) -> Traffic {
        Traffic {
            round_trips: self.round_trips.load(Relaxed),
            sent: self.sent.load(Relaxed),
            received: self.received.load(Relaxed),
        }
    }
}

/// A channel that is gone never answers what is still outstanding.
impl Drop for Counters {
    fn drop(&mut self) {
        if let Some(session) = &self.session {
            session
                .outstanding
                .fetch_sub(self.outstanding.load(Relaxed), Relaxed);
        }
    }
}
