use std::sync::Arc;

use crate::plan::{Event, EventKind, EventSink, Status};

/// Tells of the first part of some work as of a part: there are more steps than its
/// plan has, and who ended it well is not finished yet.
pub struct Longer {
    /// Who is told.
    pub sink: Arc<dyn EventSink>,
    /// How many steps follow.
    pub more: usize,
}

impl EventSink for Longer {
    fn send(&self, mut event: Event) {
        match &mut event.event {
            EventKind::Planned { steps } => *steps += self.more,
            EventKind::StepStarted { of, .. } => *of += self.more,
            EventKind::Finished { outcome } => {
                if matches!(outcome.status, Status::Changed | Status::Unchanged) {
                    return;
                }
            }
            _ => {}
        }
        self.sink.send(event);
    }
}
