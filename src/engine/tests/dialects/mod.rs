//! The timelines and verdicts of other controllers, to the tick.

mod argo;
mod flagger;
mod sagemaker;

use super::*;

/// A canary whose fleets are there at once, with one gate on the candidate's errors each minute.
fn plan(dialect: Dialect, ramp: Ramp) -> PlanDraft {
    let mut draft = fixture::draft(StrategyKind::Canary);
    draft.dialect = dialect;
    for arm in &mut draft.arms {
        arm.serving.cold_start = SimSpan::ZERO;
    }
    if let Strategy::Canary { ramp: ramp_of_plan, .. } = &mut draft.strategy {
        *ramp_of_plan = ramp;
    }
    draft.gates.push(Gate {
        interval: secs(60),
        ..gate("errors", Metric::ErrorRate, Condition::AtMost(0.05))
    });
    draft
}

fn linear(step: f64, max: f64) -> Ramp {
    Ramp::Linear { step, max, hold: secs(60) }
}

fn one_step(weight: f64, hold: u64) -> Ramp {
    Ramp::Steps(vec![Step { weight, hold: Some(secs(hold)) }])
}

/// All requests of the candidate fail in these stretches of a minute, told by their beginnings.
fn failing(mut draft: PlanDraft, minutes: &[u64]) -> PlanDraft {
    draft.faults.extend(
        minutes
            .iter()
            .map(|minute| Fault { lasts: Some(secs(60)), ..error_fault(minute * 60, 100.0) }),
    );
    draft
}

fn end(recording: &Recording) -> (OutcomeKind, f64) {
    (recording.outcome.kind, at(recording))
}

fn rehearse(draft: PlanDraft) -> Recording {
    run(draft, &[0.1, 0.1])
}

/// `(second, verdict)` of each measurement.
fn verdicts(recording: &Recording) -> Vec<(f64, Verdict)> {
    let measured = |event: &crate::domain::Event| match &event.kind {
        EventKind::Measured(m) => Some((event.at.as_secs_f64(), m.verdict)),
        _ => None,
    };
    recording.events.iter().filter_map(measured).collect()
}
