//! What really happened in a run, and what it would have decided had it known all labels in time.

use super::error::Error;
use crate::domain::{Inputs, LabelDelay, Labels, Plan, PlanDraft, Progress, Recording};
use crate::engine;
use crate::stats::truth::{AtOnce, Truth, truth};

/// True if labels come after their answers, so that a second run shows what that costs.
pub(super) fn runs_twice(plan: &Plan, inputs: &Inputs) -> bool {
    let is_late = match plan.traffic.label_delay {
        LabelDelay::None => false,
        LabelDelay::Constant(span) | LabelDelay::Exponential { mean: span } => !span.is_zero(),
    };
    is_late && !matches!(inputs.rows.labels, Labels::None)
}

/// Asks the oracle about a run. `None` without labels or with one arm alone, and where the inputs were
/// left out of a file.
pub fn truth_of(plan: &Plan, inputs: &Inputs, recording: &Recording) -> Option<Truth> {
    let can_ask = !matches!(inputs.rows.labels, Labels::None) && inputs.problems(plan).is_empty();
    can_ask.then(|| truth(&engine::oracle(plan, inputs, recording), recording))?
}

/// The same, and what the plan would have decided with labels that come at once.
///
/// # Errors
/// If somebody cancels.
pub(super) fn hindsight(
    plan: &Plan,
    inputs: &Inputs,
    recording: &Recording,
    progress: &Progress,
    watch: impl FnMut(&Recording),
) -> Result<Option<Truth>, Error> {
    let Some(mut truth) = truth_of(plan, inputs, recording) else { return Ok(None) };
    if runs_twice(plan, inputs) {
        truth.at_once = at_once(plan, inputs, recording, progress, watch)?;
    }
    Ok(Some(truth))
}

fn at_once(
    plan: &Plan,
    inputs: &Inputs,
    recording: &Recording,
    progress: &Progress,
    watch: impl FnMut(&Recording),
) -> Result<Option<AtOnce>, Error> {
    let mut draft = PlanDraft::from(plan.clone());
    draft.traffic.label_delay = LabelDelay::None;
    // A plan that is sound with a delay is sound without.
    let Ok(prompt) = draft.validate() else { return Ok(None) };
    let other =
        engine::simulate_watched(&prompt, inputs, &[], progress, watch).ok_or(Error::Cancelled)?;
    let (was, is) = (&recording.outcome, &other.outcome);
    let is_reversed = (was.kind, was.winner) != (is.kind, is.winner);
    Ok(Some(AtOnce { outcome: is.kind, at: is.at, is_reversed }))
}
