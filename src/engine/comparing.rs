//! What a gate that compares the arms with one another makes of what it found.

use super::gates::verdict_of;
use super::recorder::Sight;
use super::weighing::Holds;
use crate::domain::{ArmId, Compared, Gate, Measurement, Metric, Verdict};
use crate::stats::between::{self, Between};

/// What such a gate looks at: the split since the beginning, or the answers of its window.
pub(super) fn between(gate: &Gate, arm: ArmId, sight: &Sight<'_>) -> Option<Between> {
    match gate.metric {
        Metric::Split => between::split(&sight.recorder.recording, sight.now),
        metric => between::distance(metric, &sight.window(gate.span()), arm),
    }
}

/// The measurement, begun as one without evidence, and what stands behind it. A distance that is too
/// large counts only once chance alone does not explain it.
pub(super) fn compare(
    gate: &Gate,
    found: Option<Between>,
    blank: Measurement,
) -> (Measurement, Option<Compared>) {
    let Some(Between { value, n, p }) = found else { return (blank, None) };
    let compared = Compared { gate: blank.gate, arm: blank.arm, metric: gate.metric, value, n, p };
    let samples = n.into_iter().min().unwrap_or(0);
    let limit = gate.pass_when.or(gate.fail_when).and_then(|condition| condition.limit(None));
    let holds = |condition: crate::domain::Condition| {
        condition.holds(value, None).map(|holds| Holds::from(Some(holds)))
    };
    let verdict = match verdict_of(gate, &holds).filter(|_| samples >= gate.min_samples) {
        Some(Verdict::Fail) if compared.may_be_chance() => Verdict::Hold,
        Some(verdict) => verdict,
        None => blank.verdict,
    };
    (Measurement { value: Some(value), limit, samples, verdict, ..blank }, Some(compared))
}
