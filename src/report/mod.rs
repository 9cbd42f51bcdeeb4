//! Text and tables about rehearsals, for people and for other programs.
//!
//! Pure functions from a [`Run`] to text: nothing here reads or writes a file.

pub mod advice;
pub mod comparison;
pub mod csv;
pub mod dossier;
pub mod drawing;
pub mod escape;
pub mod figures;
#[cfg(test)]
pub mod fixture;
pub mod grid;
pub mod html;
pub mod json;
pub mod markdown;
pub mod odds;
pub mod oracle;
pub mod palette;
pub mod series;
pub mod soak;
pub mod summary;
pub mod timelines;
pub mod tuned;

mod events;
mod gates;
mod origin;
mod stages;

pub use dossier::Dossier;
pub use series::Series;

use crate::domain::{Plan, Recording};
use crate::stats::{Ledger, VerdictCard, ledger, verdict};

/// Terminal tables and paragraphs are no wider than this.
pub const WIDTH: usize = 100;

/// A finished run with all that is drawn from it: what every report begins with.
#[derive(Clone, Debug)]
pub struct Run<'a> {
    /// What the library calls it; empty for a run that was not kept.
    pub id: Option<&'a str>,
    pub plan: &'a Plan,
    pub recording: &'a Recording,
    pub digest: String,
    pub ledger: Ledger,
    pub verdict: VerdictCard,
}

impl<'a> Run<'a> {
    pub fn new(id: Option<&'a str>, plan: &'a Plan, recording: &'a Recording) -> Self {
        Self {
            id,
            plan,
            recording,
            digest: recording.digest(),
            ledger: ledger(recording, plan),
            verdict: verdict(recording, recording.end()),
        }
    }

    /// The name of an arm with its letter, `B risk v2`.
    pub fn arm(&self, place: usize) -> String {
        let letter = crate::domain::ArmId::new(place);
        match self.recording.arms.get(place) {
            Some(name) => format!("{letter} {name}"),
            None => letter.to_string(),
        }
    }
}

#[cfg(test)]
mod sample;
