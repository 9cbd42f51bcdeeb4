//! Who writes a run to the library while the run goes on, and how it is fed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TryRecvError};

use super::error::Error;
use super::growth::{Growth, Sent};
use crate::domain::Recording;
use crate::store::{ExperimentId, Library, NewExperiment};

/// From one write of a growing recording to the next, at least, in a run that is young and in one
/// that is not. A crash loses little more than this.
const SAVE_EVERY: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(200)];
/// The writes take one part in so many of the time, however slow the disk is: a machine with one core
/// is to feel little of them.
const SAVING_SHARE: u32 = 20;

/// What the scribe did.
pub(super) struct Written {
    pub id: ExperimentId,
    /// Whether what grew could be written.
    pub growth: Result<(), Error>,
}

/// Writes to the library on a thread of its own.
pub(super) struct Scribe<'l> {
    library: &'l mut Library,
    begun: Instant,
    /// Tells the feed from when on there may be something to write again.
    turns: Sender<Instant>,
}

impl<'l> Scribe<'l> {
    pub fn new(library: &'l mut Library, turns: Sender<Instant>) -> Self {
        Self { library, begun: Instant::now(), turns }
    }

    /// Begins the experiment and writes what comes in, until nothing more does.
    ///
    /// # Errors
    /// If the experiment cannot be begun.
    pub fn write(
        self,
        experiment: &NewExperiment<'_>,
        inbox: &Receiver<Growth>,
    ) -> Result<Written, Error> {
        let id = self.library.begin(experiment)?;
        self.rest(self.begun);
        // The log holds what earlier runs wrote; nobody waits for its way into the file now.
        let growth = self.library.tidy().map_err(Error::from);
        let growth = growth.and_then(|()| self.append(&id, inbox));
        Ok(Written { id, growth })
    }

    fn append(&self, id: &ExperimentId, inbox: &Receiver<Growth>) -> Result<(), Error> {
        let mut so_far: Option<Arc<Recording>> = None;
        for growth in inbox {
            let began = Instant::now();
            growth.add_to(&mut so_far);
            if let Some(recording) = &so_far {
                self.library.append(id, recording)?;
            }
            self.rest(began);
        }
        Ok(())
    }

    /// After a write that `began` then.
    fn rest(&self, began: Instant) {
        let now = Instant::now();
        let [least, most] = SAVE_EVERY;
        let pause = ((now - self.begun) / 4).clamp(least, most);
        // Nobody waits for it when the run has ended.
        self.turns.send(now + pause.max((now - began) * SAVING_SHARE)).ok();
    }
}

/// Hands a growing recording to the scribe, piece by piece and never faster than it writes.
pub(super) struct Feed {
    growths: Sender<Growth>,
    turns: Receiver<Instant>,
    /// When the scribe's next turn is; empty while it writes.
    next: Option<Instant>,
    sent: Sent,
}

/// The scribe writes no more: it has met a fault.
pub(super) struct HasEnded;

impl Feed {
    pub fn new(growths: Sender<Growth>, turns: Receiver<Instant>) -> Self {
        Self { growths, turns, next: None, sent: Sent::default() }
    }

    /// Hands over what is new, if it is the scribe's turn.
    pub fn offer(&mut self, recording: &Recording) -> Result<(), HasEnded> {
        match self.turns.try_recv() {
            Ok(next) => self.next = Some(next),
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) => return Err(HasEnded),
        }
        if self.next.is_some_and(|next| next <= Instant::now()) {
            self.next = None;
            self.growths.send(self.sent.growth(recording)).map_err(|_| HasEnded)?;
        }
        Ok(())
    }
}
