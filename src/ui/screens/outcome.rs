//! How an experiment stands, in one word and its status.

use crate::domain::OutcomeKind;
use crate::store::{Status as StoreStatus, Summary};
use crate::ui::widgets::Status;

/// A refused candidate is no fault of the program: the rehearsal did what it is for.
pub fn status_of(outcome: OutcomeKind) -> Status {
    match outcome {
        OutcomeKind::Promoted => Status::Pass,
        OutcomeKind::Aborted | OutcomeKind::RolledBack => Status::Fail,
        OutcomeKind::Held => Status::Warn,
        OutcomeKind::Kept | OutcomeKind::Observed => Status::Neutral,
    }
}

/// The status and the word for it.
pub fn standing(summary: &Summary) -> (Status, &'static str) {
    match (summary.status, summary.outcome) {
        (StoreStatus::Running, _) => (Status::Running, "running"),
        (StoreStatus::Interrupted, _) => (Status::Warn, "interrupted"),
        (StoreStatus::Finished, Some(outcome)) => (status_of(outcome), outcome.label()),
        (StoreStatus::Finished, None) => (Status::Neutral, "finished"),
    }
}
