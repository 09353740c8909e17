use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What went over a shell's channel, without what SSH itself adds.
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
pub(super) struct Counters {
    round_trips: AtomicU64,
    outstanding: AtomicU64,
    sent: AtomicU64,
    received: AtomicU64,
}

impl Counters {
    /// Something is sent that will be answered.
    pub(super) fn asks(&self) {
        if self.outstanding.fetch_add(1, Relaxed) == 0 {
            self.round_trips.fetch_add(1, Relaxed);
        }
    }

    /// An answer came.
    pub(super) fn answered(&self) {
        self.outstanding.fetch_sub(1, Relaxed);
    }

    pub(super) fn sent(&self, bytes: usize) {
        self.sent.fetch_add(bytes as u64, Relaxed);
    }

    pub(super) fn received(&self, bytes: usize) {
        self.received.fetch_add(bytes as u64, Relaxed);
    }

    pub(super) fn traffic(&self) -> Traffic {
        Traffic {
            round_trips: self.round_trips.load(Relaxed),
            sent: self.sent.load(Relaxed),
            received: self.received.load(Relaxed),
        }
    }
}
