//! Strategies, controllers and serving replayed in virtual time: a pure function from a plan and
//! its inputs to a recording.
//!
//! Between two moments at which a controller may act, requests run through straight loops over
//! chunks: arrivals, rows, units and arms are drawn (`router`), each arm's queue is worked off
//! (`flow`) and its answers are counted (`tally`). At such a moment (`simulation`) faults come
//! and go, replicas get ready, jobs end, gates measure, and the `rollout` goes on or back. The loop
//! is open: nobody waits for an answer before the next request comes, so slow answers never thin out
//! the traffic that measures them (no coordinated omission).

mod arrivals;
mod cases;
mod checks;
mod comparing;
mod faults;
#[cfg(test)]
mod fixture;
mod fleet;
mod flow;
mod gates;
mod jobs;
mod judge;
mod late;
mod micro_batch;
mod oracle;
mod plant;
mod prepared;
mod quantile_table;
mod random;
mod recorder;
mod replacing;
mod rollout;
mod router;
mod row_order;
mod scoring;
mod simulation;
mod steady;
mod strategy;
mod surroundings;
mod tally;
#[cfg(test)]
mod tests;
mod units;
mod volume;
mod weighing;

pub use judge::judge;
pub use oracle::oracle;
pub use prepared::Prepared;
pub use steady::{Due, requests_due};

use crate::domain::{Inputs, Intervention, Plan, Progress, Recording};

/// Replays the whole plan. Equal arguments give equal recordings, to the bit.
///
/// `inputs` must fit the plan: [`Inputs::problems`] has found nothing.
pub fn simulate(plan: &Plan, inputs: &Inputs, interventions: &[Intervention]) -> Recording {
    let whole = simulate_watched(plan, inputs, interventions, &Progress::default(), |_| {});
    match whole {
        Some(recording) => recording,
        None => unreachable!("nobody else holds the progress that would cancel it"),
    }
}

/// The same, shown while it grows: `watch` is called after each closed window with all that is
/// recorded so far (its outcome stands at the end only). `progress` counts virtual microseconds;
/// `None` if it was cancelled.
pub fn simulate_watched(
    plan: &Plan,
    inputs: &Inputs,
    interventions: &[Intervention],
    progress: &Progress,
    watch: impl FnMut(&Recording),
) -> Option<Recording> {
    Prepared::new(plan, inputs).simulate(plan.seed, interventions, progress, watch)
}
