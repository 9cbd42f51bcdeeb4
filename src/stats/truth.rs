//! What really happened in a run, beside what it measured: harm with all labels, the true difference
//! between the arms, and what other arms would have earned.

use serde::Serialize;

use super::by_units::{ByUnits, by_units};
use super::decisions::Decision;
use crate::domain::metric::Direction;
use crate::domain::oracle::{Group, Served};
use crate::domain::{ArmId, Metric, Oracle, OutcomeKind, Quality, Recording, SimTime, Window};

/// Labels that each arm needs in a segment before its measured difference counts for anything.
const LEAST_LABELS: u64 = 100;

/// The truth about one run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Truth {
    /// What answers are judged by: accuracy, or the mean absolute error of numbers.
    pub metric: Metric,
    pub requests: u64,
    pub whole: Part,
    /// By segment, where there are several.
    pub segments: Vec<Part>,
    /// By how much users send, where that differs.
    pub groups: Vec<Part>,
    /// The arm that would have answered best, had it answered everything.
    pub best: ArmId,
    /// What the run lost against sending everything to that arm: right answers; for numbers Σ|error|.
    pub regret: f64,
    /// What an A/B test finds with users as units, one per candidate; empty for other strategies.
    pub by_units: Vec<ByUnits>,
    /// How the plan would have ended had every label come at once; empty where they do.
    pub at_once: Option<AtOnce>,
}

/// How a run ends whose labels all come with their answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AtOnce {
    pub outcome: OutcomeKind,
    pub at: SimTime,
    /// The decision was another one.
    pub is_reversed: bool,
    /// Of each gate in each stage.
    pub decisions: Vec<Decision>,
}

/// All requests, or those of one segment or group of users.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    /// Empty for all.
    pub segment: String,
    pub labelled: u64,
    /// Candidates' live answers that were wrong where the baseline's would have been right, and the
    /// other way round.
    pub harm: u64,
    pub gain: u64,
    /// One per candidate.
    pub differences: Vec<Difference>,
}

/// A candidate's metric less the baseline's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Difference {
    pub arm: ArmId,
    /// Had both arms answered all of these requests.
    pub truth: f64,
    /// As the run measured it while both arms had labels; empty below a hundred labels in an arm, and
    /// for groups of users, which no run measures.
    pub measured: Option<f64>,
}

/// Draws the truth from what the oracle saw of a run; `None` without labels or with one arm alone.
pub fn truth(oracle: &Oracle, recording: &Recording) -> Option<Truth> {
    let total = oracle.total();
    if total.labelled == 0 || total.arms.len() < 2 {
        return None;
    }
    let is_number = total.arms.iter().any(|arm| arm.absolute > 0.0);
    let metric = if is_number { Metric::Mae } else { Metric::Accuracy };
    let windows = &recording.windows;
    let segments = recording.segments.iter().enumerate().filter(|_| recording.segments.len() > 1);
    let part = |name: &str, served: &Served, segment| Part {
        segment: name.to_owned(),
        labelled: served.labelled,
        harm: served.harm,
        gain: served.gain,
        differences: differences(metric, served, windows, segment),
    };
    let group = |group: &Group| {
        let mut part = part(&group.name, &group.served, None);
        part.differences.iter_mut().for_each(|difference| difference.measured = None);
        part
    };
    let groups = oracle.groups.iter().map(group).filter(|part| part.labelled > 0).collect();
    let parts = segments.map(|(place, name)| part(name, &oracle.of_segment(place), Some(place)));
    let earned = |arm: usize, served: &Served| {
        let would = served.arms.get(arm).copied().unwrap_or_default();
        if is_number { -would.absolute } else { would.correct as f64 }
    };
    let best = (0..total.arms.len()).max_by(|a, b| {
        // Of equal arms the first.
        earned(*a, &total).total_cmp(&earned(*b, &total)).then(b.cmp(a))
    })?;
    let own = (0..oracle.served.len()).map(|arm| earned(arm, &oracle.of_arm(arm))).sum::<f64>();
    Some(Truth {
        metric,
        requests: total.requests,
        whole: part("", &total, None),
        segments: parts.filter(|part| part.labelled > 0).collect(),
        groups,
        best: ArmId::new(best),
        regret: earned(best, &total) - own,
        by_units: if is_number { Vec::new() } else { by_units(&oracle.units) },
        at_once: None,
    })
}

fn differences(
    metric: Metric,
    served: &Served,
    windows: &[Window],
    segment: Option<usize>,
) -> Vec<Difference> {
    let n = served.labelled as f64;
    let value = |arm: usize| {
        let would = served.arms.get(arm).copied().unwrap_or_default();
        (if metric == Metric::Mae { would.absolute } else { would.correct as f64 }) / n
    };
    let of_arm = |arm: usize| Difference {
        arm: ArmId::new(arm),
        truth: value(arm) - value(0),
        measured: measured(metric, windows, segment, arm),
    };
    (1..served.arms.len()).map(of_arm).collect()
}

/// Over the windows in which both arms have labels.
fn measured(metric: Metric, windows: &[Window], segment: Option<usize>, arm: usize) -> Option<f64> {
    let mut sums = [Quality::default(); 2];
    for window in windows {
        let of_arm = |arm: usize| {
            let arm = window.arms.get(arm)?;
            let quality = match segment {
                Some(segment) => *arm.quality.get(segment)?,
                None => arm.total_quality(),
            };
            (quality.labelled > 0).then_some(quality)
        };
        if let (Some(baseline), Some(candidate)) = (of_arm(0), of_arm(arm)) {
            sums[0].absorb(&baseline);
            sums[1].absorb(&candidate);
        }
    }
    let [baseline, candidate] = sums;
    let enough = baseline.labelled.min(candidate.labelled) >= LEAST_LABELS;
    enough.then(|| Some(candidate.metric(metric)? - baseline.metric(metric)?))?
}

impl Truth {
    /// What a person should know before they believe the measured difference, a sentence each.
    pub fn warnings(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (place, whole) in self.whole.differences.iter().enumerate() {
            let [of_segments, of_groups] = [&self.segments, &self.groups].map(|parts| {
                let of_part =
                    |part: &Part| Some((part.segment.clone(), *part.differences.get(place)?));
                parts.iter().filter_map(of_part).collect::<Vec<_>>()
            });
            found.extend(self.paradox(whole, &of_segments));
            found.extend(self.misled(whole));
            found.extend(self.divided(whole, &of_segments));
            found.extend(self.divided(whole, &of_groups));
        }
        found
    }

    fn delta(&self, value: f64) -> String {
        self.metric.format_delta(value)
    }

    fn is_better(&self, difference: f64) -> bool {
        (difference > 0.0) == (self.metric.direction() == Direction::Higher)
    }

    /// Simpson's paradox: each segment says one thing, and all together the other.
    fn paradox(&self, whole: &Difference, segments: &[(String, Difference)]) -> Option<String> {
        let total = whole.measured?;
        let parts: Vec<f64> = segments.iter().filter_map(|(_, part)| part.measured).collect();
        let is_reversed =
            parts.len() > 1 && total != 0.0 && parts.iter().all(|part| part * total < 0.0);
        is_reversed.then(|| {
            format!(
                "Simpson's paradox: {} measured {} against A in all, and the opposite in every segment; \
                 the arms met different mixes. Believe the segments.",
                whole.arm,
                self.delta(total)
            )
        })
    }

    fn misled(&self, whole: &Difference) -> Option<String> {
        let measured = whole.measured.filter(|measured| measured * whole.truth < 0.0)?;
        Some(format!(
            "The run measured {} for {} against A, but on all requests it is {}: the arms met \
             different requests, or chance was large.",
            self.delta(measured),
            whole.arm,
            self.delta(whole.truth)
        ))
    }

    /// Good for all together and bad for some, or the other way round.
    fn divided(&self, whole: &Difference, segments: &[(String, Difference)]) -> Option<String> {
        let against: Vec<String> = segments
            .iter()
            .filter(|(_, part)| part.truth * whole.truth < 0.0)
            .map(|(name, part)| format!("{name} {}", self.delta(part.truth)))
            .collect();
        (!against.is_empty()).then(|| {
            format!(
                "{} is {} in all ({}), but not everywhere: {}.",
                whole.arm,
                if self.is_better(whole.truth) { "better" } else { "worse" },
                self.delta(whole.truth),
                against.join(", ")
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oracle::Would;
    use crate::domain::{ArmWindow, Outcome, SimSpan, StrategyKind};

    /// Labelled and correct, per arm, then per segment.
    type Counts = [[(u64, u64); 2]; 2];

    fn recording(counts: Counts) -> Recording {
        let arm = |segments: [(u64, u64); 2]| ArmWindow {
            quality: segments
                .map(|(labelled, correct)| Quality { labelled, correct, ..Quality::default() })
                .to_vec(),
            ..ArmWindow::default()
        };
        Recording {
            strategy: StrategyKind::Ab,
            arms: vec!["a".to_owned(), "b".to_owned()],
            gates: Vec::new(),
            segments: vec!["young".to_owned(), "old".to_owned()],
            stages: Vec::new(),
            window: SimSpan::from_secs(60),
            windows: vec![Window {
                start: SimTime::START,
                end: SimTime::from_secs(60),
                stage: 0,
                arms: counts.map(arm).to_vec(),
            }],
            events: Vec::new(),
            jobs: Vec::new(),
            outcome: Outcome {
                kind: OutcomeKind::Kept,
                at: SimTime::START,
                winner: ArmId::BASELINE,
                reason: String::new(),
            },
        }
    }

    /// Requests, and how many of them A and B get right, per arm that answers, then per segment.
    fn oracle(counts: [[(u64, u64, u64); 2]; 2]) -> Oracle {
        let served = |(labelled, a, b): (u64, u64, u64)| Served {
            requests: labelled,
            labelled,
            harm: 0,
            gain: 0,
            arms: [a, b].map(|correct| Would { correct, absolute: 0.0 }).to_vec(),
        };
        let served = counts.map(|of_arm| of_arm.map(served).to_vec()).to_vec();
        Oracle { served, groups: Vec::new(), units: Vec::new() }
    }

    #[test]
    fn different_mixes_turn_the_measured_difference_around() {
        // The kidney stones of Charig et al. 1986: B is better in both segments, and worse in all.
        let counts = [[(270, 234), (80, 55)], [(870, 810), (2_630, 1_920)]];
        let seen =
            oracle([[(270, 234, 250), (80, 55, 58)], [(870, 757, 810), (2_630, 1_800, 1_920)]]);
        let truth = truth(&seen, &recording([counts[0], counts[1]])).unwrap();
        // The small segments have fewer labels than count.
        assert_eq!(truth.segments[1].differences[0].measured, None);
        let grown = counts.map(|arm| arm.map(|(n, correct)| (n * 10, correct * 10)));
        let truth = super::truth(&seen, &recording(grown)).unwrap();
        let warnings = truth.warnings();
        assert!(warnings[0].contains("Simpson"), "{warnings:?}");
        assert!(warnings[1].contains("on all requests it is +"), "{warnings:?}");
    }

    #[test]
    fn regret_is_what_the_best_arm_would_have_earned_more() {
        // A answers 100 requests (70 right, B 80), B answers 100 (B 80, A 70).
        let seen = oracle([[(100, 70, 80), (0, 0, 0)], [(100, 70, 80), (0, 0, 0)]]);
        let truth = truth(&seen, &recording([[(100, 70), (0, 0)], [(100, 80), (0, 0)]])).unwrap();
        assert_eq!((truth.best, truth.regret), (ArmId::CANDIDATE, 10.0));
        assert!((truth.whole.differences[0].truth - 0.1).abs() < 1e-12);
        assert_eq!(truth.segments.len(), 1, "nobody is in the other");
        assert_eq!(truth.warnings(), Vec::<String>::new());
    }

    #[test]
    fn a_segment_that_suffers_is_named() {
        let seen = oracle([[(500, 350, 450), (100, 80, 60)], [(500, 350, 450), (100, 80, 60)]]);
        let counts = [[(500, 350), (100, 80)], [(500, 450), (100, 60)]];
        let warnings = truth(&seen, &recording(counts)).unwrap().warnings();
        assert_eq!(warnings.len(), 1);
        assert!(warnings[0].contains("old −20 pts"), "{warnings:?}");
    }
}
