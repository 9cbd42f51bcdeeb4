//! What a gate with a judge makes of two arms' series.

use crate::domain::{Gate, Measurement, Scored, SimSpan, Verdict, Window};
use crate::stats::kayenta::{Outcome, outcome};
use crate::stats::score;

/// The measurement, begun as one without evidence, and what stands behind it.
pub(super) fn score(
    gate: &Gate,
    points: &[Window],
    blank: Measurement,
) -> (Measurement, Option<Scored>) {
    let Some(judge) = &gate.judge else { return (blank, None) };
    let samples = score::points(points, blank.arm);
    let limit = Some(judge.pass);
    if samples < u64::from(judge.min_points) {
        return (Measurement { samples, limit, ..blank }, None);
    }
    let (score, metrics) = score::score(judge, points, blank.arm);
    let verdict = match outcome(score, judge.pass, judge.marginal) {
        Outcome::Pass => Verdict::Pass,
        Outcome::Marginal => Verdict::Inconclusive,
        Outcome::Fail => Verdict::Fail,
    };
    let scored = Scored { gate: blank.gate, arm: blank.arm, score, metrics };
    (Measurement { value: Some(score), limit, samples, verdict, ..blank }, Some(scored))
}

/// Closed windows put together to values of `point`, the oldest first; what is left over at the end
/// has not become a value yet.
pub(super) fn points<'w>(
    windows: impl Iterator<Item = &'w Window>,
    point: Option<SimSpan>,
    window: SimSpan,
) -> Vec<Window> {
    let windows: Vec<&Window> = windows.collect();
    let per_point = point.unwrap_or(window).micros() / window.micros().max(1);
    let whole = windows.chunks_exact((per_point as usize).max(1));
    whole.filter_map(|part| Window::merged(part.iter().copied())).collect()
}
