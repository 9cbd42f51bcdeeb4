//! The verdict card: what the recording shows about each candidate up to a moment, and why.

mod gates;
mod headline;
mod row;
pub(in crate::stats) mod split;

use serde::Serialize;

use super::Interval;
use super::strata::{Design, Strata};
use crate::domain::{ArmId, Metric, Recording, SimTime, Verdict};

/// Fewer observations than these in an arm are no evidence.
pub const MIN_OBSERVATIONS: u64 = 100;
/// Chance that one of a row's intervals misses the truth, over all candidates together.
pub const ALPHA: f64 = 0.05;

/// What to do with the candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Headline {
    Promote,
    Hold,
    RollBack,
    NotEnoughData,
}

impl Headline {
    pub fn label(self) -> &'static str {
        match self {
            Self::Promote => "Promote",
            Self::Hold => "Hold",
            Self::RollBack => "Roll back",
            Self::NotEnoughData => "Not enough data",
        }
    }
}

/// What a row shows about the candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    Better,
    Worse,
    NoClearChange,
    NotEnoughData,
    /// Shown without a judgement: no direction is good, or there is nothing to compare with.
    ForInformation,
}

impl Word {
    pub fn label(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::NoClearChange => "no clear change",
            Self::NotEnoughData => "not enough data",
            Self::ForInformation => "for information",
        }
    }
}

/// One metric of one candidate beside the baseline's.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VerdictRow {
    /// The candidate (the baseline itself in a single run).
    pub arm: ArmId,
    pub metric: Metric,
    /// Values in the metric's unit (shares 0 to 1, latencies in milliseconds), adjusted to the same
    /// mixture of stages in both arms.
    pub baseline: Option<f64>,
    pub candidate: Option<f64>,
    /// Candidate − baseline.
    pub delta: Option<f64>,
    /// The same without regard to stages, where it may mislead.
    pub crude_delta: Option<f64>,
    /// Of the delta (of the value, for rows for information).
    pub interval: Option<Interval>,
    /// Level of the interval: 0.95, or more where several candidates share the 5 %.
    pub level: f64,
    /// Observations behind the baseline's and the candidate's value.
    pub n: [u64; 2],
    pub word: Word,
    pub design: Design,
    pub method: &'static str,
}

/// Whether the arms got the traffic that the plan meant them to get.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SplitCheck {
    pub word: SplitWord,
    pub p: Option<f64>,
    /// Requests per arm, and those planned, over the stages in which the traffic was split.
    pub observed: Vec<u64>,
    pub expected: Vec<f64>,
    pub method: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitWord {
    AsPlanned,
    NotAsPlanned,
    NotEnoughData,
}

impl SplitWord {
    pub fn label(self) -> &'static str {
        match self {
            Self::AsPlanned => "as planned",
            Self::NotAsPlanned => "not as planned",
            Self::NotEnoughData => "not enough data",
        }
    }
}

/// One gate measurement, for the "Why?" list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GateLine {
    pub at: SimTime,
    /// The gate's place in the plan, and its name.
    pub gate: u16,
    pub name: String,
    pub arm: ArmId,
    pub value: Option<f64>,
    pub baseline: Option<f64>,
    pub limit: Option<f64>,
    pub n: u64,
    pub verdict: Verdict,
    /// What the test of a gate that weighs chance said, in a sentence.
    pub evidence: Option<String>,
}

/// All that is known at a moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VerdictCard {
    pub until: SimTime,
    pub headline: Headline,
    /// One plain sentence why.
    pub sentence: String,
    /// The candidate that the headline is about; the baseline in a single run.
    pub arm: ArmId,
    /// When the run itself decided; empty while it had not.
    pub decided_at: Option<SimTime>,
    /// The rows of all candidates, one candidate after the other.
    pub rows: Vec<VerdictRow>,
    pub split: SplitCheck,
    /// What speaks for the headline, and what against it or for caution.
    pub reasons: Vec<String>,
    pub counter_reasons: Vec<String>,
    /// Every gate measurement so far.
    pub why: Vec<GateLine>,
}

impl VerdictCard {
    pub fn rows_of(&self, arm: ArmId) -> impl Iterator<Item = &VerdictRow> {
        self.rows.iter().filter(move |row| row.arm == arm)
    }
}

/// The verdict on the windows that end by `until`.
///
/// Proportions, quantiles and areas are estimated within stages and combined with
/// Mantel-Haenszel weights; copied requests are compared row by row. Where the run itself has
/// decided by `until`, the headline is that decision. The intervals are for one look at the data.
pub fn verdict(recording: &Recording, until: SimTime) -> VerdictCard {
    verdict_on(recording, &Strata::new(recording, until), until)
}

/// The same, for who keeps the strata of that moment.
pub fn verdict_on(recording: &Recording, strata: &Strata, until: SimTime) -> VerdictCard {
    let count = recording.arms.len().max(1);
    let candidates: Vec<ArmId> = (1..count).map(ArmId::new).collect();
    let alpha = ALPHA / candidates.len().max(1) as f64;
    let rows: Vec<VerdictRow> = if candidates.is_empty() {
        row::alone(recording, strata, alpha)
    } else {
        candidates.iter().flat_map(|arm| row::rows(recording, strata, *arm, alpha)).collect()
    };
    let split = split::check(strata);
    let why = gates::lines(recording, until);
    headline::card(recording, until, rows, split, why)
}

#[cfg(test)]
mod tests;
