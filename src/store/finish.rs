//! The end of a run: its whole recording, what it showed, and how it ended.

use rusqlite::{Connection, params};

use super::begin::now;
use super::codec::word;
use super::error::Problem;
use super::recording::{Exact, Held};
use super::{ExperimentId, search, verdict};
use crate::domain::Recording;
use crate::stats::{self, VerdictCard};

/// All that is written of a run that has come to its end. It is drawn up on all cores and before the
/// file is locked, so that saving takes little of anybody's time.
pub(super) struct Finished<'a> {
    recording: &'a Recording,
    exact: Exact,
    digest: String,
    verdict: VerdictCard,
}

impl<'a> Finished<'a> {
    /// `held` is what was written while the run went on.
    ///
    /// # Errors
    /// If the recording is too large to be kept.
    pub fn of(recording: &'a Recording, held: &[Held]) -> Result<Self, Problem> {
        let (exact, (digest, verdict)) = rayon::join(
            || Exact::of(recording, held),
            || rayon::join(|| recording.digest(), || stats::verdict(recording, recording.end())),
        );
        Ok(Self { recording, exact: exact?, digest, verdict })
    }

    /// Writes what the file does not hold yet.
    pub fn save(&self, connection: &Connection, id: &ExperimentId) -> Result<(), Problem> {
        self.exact.save(connection, id, self.recording)?;
        verdict::save(connection, id, &self.verdict)?;
        let outcome = &self.recording.outcome;
        connection.execute(
            "UPDATE experiments SET status = 'finished', writer = NULL, finished = ?2,
                outcome = ?3, decided_us = ?4, winner = ?5, reason = ?6, digest = ?7
             WHERE id = ?1",
            params![
                id,
                now(),
                word(&outcome.kind),
                i64::try_from(outcome.at.micros()).unwrap_or(i64::MAX),
                outcome.winner.index() as i64,
                outcome.reason,
                self.digest
            ],
        )?;
        search::insert(connection, id)
    }
}
