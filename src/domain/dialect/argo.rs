//! A plan in the terms of Argo Rollouts.

use crate::domain::gate::Reaction;
use crate::domain::{Answer, Gate, Judge};

/// A gate as a metric of an analysis.
///
/// There is no least number of samples and no weighing of chance, and what a verdict does to the
/// rollout is fixed. NaN follows from the conditions: with `pass_when` alone it fails, with `fail_when`
/// alone it passes, and with both it is inconclusive.
pub fn metric(gate: &Gate) -> Gate {
    let on_no_data = match (gate.pass_when, gate.fail_when) {
        (Some(_), None) => Answer::Fail,
        (None, _) => Answer::Pass,
        (Some(_), Some(_)) => Answer::Inconclusive,
    };
    Gate {
        test: None,
        judge: gate.judge.clone().map(|judge| Judge { min_points: 0, ..judge }),
        min_samples: 0,
        on_no_data,
        on_inconclusive: Reaction::Pause,
        on_failure: Reaction::Abort,
        on_error: Reaction::Abort,
        ..gate.clone()
    }
}
