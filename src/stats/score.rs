//! Windows of two arms judged into a score by [`kayenta`].

use super::kayenta::{self, Group, Judged, Rules};
use crate::domain::judge::{Judge, JudgeMetric, ScoredMetric};
use crate::domain::{ArmId, Window};

/// Values that a score can be drawn from: the windows in which both arms had anything to answer,
/// counted in the arm that had fewer of them.
pub fn points(windows: &[Window], arm: ArmId) -> u64 {
    let of_arm = |arm: ArmId| {
        let answers = |window: &&Window| {
            window.arm(arm).is_some_and(|arm| arm.finished() > 0 || arm.total_quality().answers > 0)
        };
        windows.iter().filter(answers).count() as u64
    };
    of_arm(arm).min(of_arm(ArmId::BASELINE))
}

/// The score of `arm` against the baseline, from one value of each metric per window.
pub fn score(judge: &Judge, windows: &[Window], arm: ArmId) -> (f64, Vec<ScoredMetric>) {
    let mut metrics = Vec::new();
    let groups = judge.groups.iter().map(|group| {
        let judged = group.metrics.iter().map(|of| {
            let [control, experiment] = [ArmId::BASELINE, arm].map(|arm| series(windows, arm, of));
            let judged = kayenta::judge(&experiment, &control, &Rules::of(of));
            metrics.push(shown(of, &judged, [&control, &experiment]));
            judged
        });
        Group { metrics: judged.collect(), weight: group.weight }
    });
    let groups: Vec<Group> = groups.collect();
    (kayenta::score(&groups), metrics)
}

fn series(windows: &[Window], arm: ArmId, of: &JudgeMetric) -> Vec<f64> {
    windows.iter().map(|window| window.metric(arm, of.metric).unwrap_or(f64::NAN)).collect()
}

fn shown(of: &JudgeMetric, judged: &Judged, series: [&Vec<f64>; 2]) -> ScoredMetric {
    let shift = judged.shift;
    ScoredMetric {
        metric: of.metric,
        label: judged.label,
        n: series.map(|values| values.iter().filter(|x| !x.is_nan()).count() as u32),
        effect: shift.map(|shift| shift.effect).filter(|effect| effect.is_finite()),
        low: shift.map(|shift| shift.lower),
        high: shift.map(|shift| shift.upper),
    }
}
