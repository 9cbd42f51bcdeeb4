//! Commands about reviews.

use std::sync::Arc;

use super::program::App;
use super::run::Run;
use crate::store::ExperimentId;
use crate::worker::{ReviewChange, ShownReview, Stored, Task};

/// The review of the run that is shown.
#[derive(Clone, Default)]
pub struct ReviewState {
    shown: Option<Arc<ShownReview>>,
}

impl ReviewState {
    /// What reviewers added to `run`; empty until it was read.
    pub fn of(&self, run: &Run) -> Option<&ShownReview> {
        let stored = run.stored()?;
        self.shown.as_deref().filter(|shown| shown.of == stored)
    }

    pub fn take(&mut self, shown: ShownReview) {
        self.shown = Some(Arc::new(shown));
    }
}

impl App {
    /// Reads the shown run's review.
    pub(super) fn read_review(&mut self) {
        if let Some(stored) = self.state.shown_run().and_then(Run::stored) {
            self.start(Task::ReadReview(stored));
        }
    }

    pub(super) fn change_review(&mut self, change: ReviewChange) {
        let run = self.state.shown_run();
        if let Some(Stored::InLibrary(id)) = run.and_then(Run::stored) {
            self.start(Task::ChangeReview { id, change });
        }
    }

    /// Copies the shown run's file into the library.
    pub(super) fn adopt(&mut self) {
        let run = self.state.shown_run();
        if let Some(Stored::File(path)) = run.and_then(Run::stored) {
            self.start(Task::Adopt { path });
        }
    }

    /// The shown file has become an experiment of the library.
    pub(super) fn adopted(&mut self, id: ExperimentId) {
        self.state.notices.done(format!("Copied to the library as {id}"));
        let place = self.state.shown;
        if let Some(run) = place.and_then(|place| self.state.runs.get_mut(place)) {
            run.file = None;
            run.id = Some(id);
        }
        self.read_review();
    }
}
