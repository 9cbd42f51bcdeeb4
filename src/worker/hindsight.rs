//! What really happened in a run, and what it would have decided had it known all labels in time.

use super::error::Error;
use crate::domain::{
    Inputs, Intervention, LabelDelay, Labels, Plan, PlanDraft, Progress, Recording,
};
use crate::engine;
use crate::stats::decisions::decisions;
use crate::stats::truth::{AtOnce, Truth, truth};

/// True if labels come after their answers, so that a second run shows what that costs.
pub(super) fn runs_twice(plan: &Plan, inputs: &Inputs) -> bool {
    let is_late = match plan.traffic.label_delay {
        LabelDelay::None => false,
        LabelDelay::Constant(span) | LabelDelay::Exponential { mean: span } => !span.is_zero(),
    };
    is_late && !matches!(inputs.rows.labels, Labels::None)
}

/// Asks the oracle about a run, and what the plan would have decided, acted upon as it was, had every
/// label come with its answer. `None` without labels or with one arm alone, and where the inputs were
/// left out of a file.
pub fn hindsight(
    plan: &Plan,
    inputs: &Inputs,
    interventions: &[Intervention],
    recording: &Recording,
) -> Option<Truth> {
    let found = watched(plan, inputs, interventions, recording, &Progress::default(), |_| {});
    // Nobody can cancel it.
    found.ok()?
}

/// The same, told as it goes on.
///
/// # Errors
/// If somebody cancels.
pub(super) fn watched(
    plan: &Plan,
    inputs: &Inputs,
    interventions: &[Intervention],
    recording: &Recording,
    progress: &Progress,
    watch: impl FnMut(&Recording),
) -> Result<Option<Truth>, Error> {
    if matches!(inputs.rows.labels, Labels::None) || !inputs.problems(plan).is_empty() {
        return Ok(None);
    }
    let Some(mut truth) = truth(&engine::oracle(plan, inputs, recording), recording) else {
        return Ok(None);
    };
    if runs_twice(plan, inputs) {
        let mut draft = PlanDraft::from(plan.clone());
        draft.traffic.label_delay = LabelDelay::None;
        // A plan that is sound with a delay is sound without.
        if let Ok(prompt) = draft.validate() {
            let other = engine::simulate_watched(&prompt, inputs, interventions, progress, watch)
                .ok_or(Error::Cancelled)?;
            truth.at_once = Some(at_once(recording, &other));
        }
    }
    Ok(Some(truth))
}

fn at_once(run: &Recording, other: &Recording) -> AtOnce {
    let (was, is) = (&run.outcome, &other.outcome);
    let is_reversed = (was.kind, was.winner) != (is.kind, is.winner);
    AtOnce { outcome: is.kind, at: is.at, is_reversed, decisions: decisions(run, other) }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::domain::{Condition, Gate, Metric, SimSpan, Verdict};

    #[test]
    fn a_gate_that_waited_for_labels_is_told_what_it_would_have_said() {
        let mut draft = PlanDraft::from(fixture::plan());
        draft.traffic.label_delay = LabelDelay::Constant(draft.traffic.duration);
        draft.gates = vec![Gate {
            name: "never good enough".to_owned(),
            metric: Metric::Accuracy,
            fail_when: Some(Condition::AtLeast(0.0)),
            interval: SimSpan::from_secs(10),
            min_samples: 1,
            ..Gate::default()
        }];
        let (plan, inputs) = (draft.validate().unwrap(), fixture::inputs());
        let recording = engine::simulate(&plan, &inputs, &[]);
        let truth = hindsight(&plan, &inputs, &[], &recording).unwrap();
        let decisions = truth.at_once.unwrap().decisions;
        let first = &decisions[0];
        assert_eq!(first.gate, "never good enough");
        assert_ne!(first.then.verdict, Verdict::Fail, "there was no label");
        assert_eq!(first.at_once.unwrap().verdict, Verdict::Fail);
        assert!(first.is_reversed() && first.is_changed());
    }
}
