//! Batch inference: rows collected and scored by a scheduled job.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ArmId, Histogram, SimSpan, SimTime};

/// The scheduled job of a plan; without one every request is answered on arrival.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BatchServing {
    /// Share of the requests that wait for the job, in percent; the rest is answered on arrival.
    pub share: f64,
    /// From one scheduled start to the next.
    pub every: SimSpan,
    /// The first scheduled start.
    pub first: SimTime,
    /// Start-up time of each job.
    pub overhead: SimSpan,
    /// Rows per second and replica; empty: as measured at the largest batch size.
    pub rows_per_second: Option<f64>,
    /// Machines that a job uses in parallel.
    pub replicas: u32,
    /// An answer older than this when it is published has missed its deadline.
    pub deadline: Option<SimSpan>,
}

impl Default for BatchServing {
    fn default() -> Self {
        Self {
            share: 100.0,
            every: SimSpan::from_secs(86_400),
            first: SimTime::from_secs(86_400),
            overhead: SimSpan::from_secs(30),
            rows_per_second: None,
            replicas: 1,
            deadline: None,
        }
    }
}

/// What one job of one arm did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BatchJob {
    pub arm: ArmId,
    /// When it should have started, did start, and published its answers.
    pub scheduled: SimTime,
    pub start: SimTime,
    pub end: SimTime,
    pub rows: u64,
    /// Shadow jobs score but do not publish.
    pub mirrored: bool,
    /// Answers older than the deadline when published.
    pub deadline_misses: u64,
    /// Time from a row's arrival to the job's start; add the job's duration for the staleness.
    pub waits: Histogram,
}

impl BatchJob {
    pub fn duration(&self) -> SimSpan {
        self.end.since(self.start)
    }

    /// Rows per second over the whole job.
    pub fn throughput(&self) -> Option<f64> {
        let secs = self.duration().as_secs_f64();
        (secs > 0.0).then(|| self.rows as f64 / secs)
    }

    /// The age in microseconds of an answer at publication, at quantile `q`.
    pub fn staleness(&self, q: f64) -> Option<u64> {
        Some(self.waits.quantile(q)? + self.duration().micros())
    }
}
