//! A recording that grows, sent piece by piece: a copy of the whole for each update would take
//! quadratic time.

use std::sync::Arc;

use crate::domain::Recording;

/// What a recording has gained since the last time.
#[derive(Clone, Debug)]
pub struct Growth(Recording);

/// How much of a recording was sent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sent {
    windows: usize,
    events: usize,
    jobs: usize,
}

impl Sent {
    /// All that `recording` has and that was not sent; it counts as sent from now on.
    pub fn growth(&mut self, recording: &Recording) -> Growth {
        let mut growth = recording.head();
        growth.windows = tail(&recording.windows, self.windows);
        growth.events = tail(&recording.events, self.events);
        growth.jobs = tail(&recording.jobs, self.jobs);
        self.windows = recording.windows.len();
        self.events = recording.events.len();
        self.jobs = recording.jobs.len();
        Growth(growth)
    }
}

fn tail<T: Clone>(list: &[T], from: usize) -> Vec<T> {
    list.get(from..).unwrap_or_default().to_vec()
}

impl Growth {
    /// Adds it to what came before. Copies the recording only if somebody else holds it.
    pub fn add_to(self, shown: &mut Option<Arc<Recording>>) {
        let new = self.0;
        match shown {
            None => *shown = Some(Arc::new(new)),
            Some(shown) => {
                let old = Arc::make_mut(shown);
                old.stages = new.stages;
                old.windows.extend(new.windows);
                old.events.extend(new.events);
                old.jobs.extend(new.jobs);
                old.outcome = new.outcome;
            }
        }
    }
}
