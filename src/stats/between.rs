//! What gates compare between the arms: how far apart their answers are, and whether the traffic
//! was split as it should be.

use super::distribution::chi2_sf;
use super::drift::{jensen_shannon, psi, wasserstein};
use super::ks::kolmogorov_sf;
use super::strata::Strata;
use super::verdict::split;
use crate::domain::{ArmId, ArmWindow, Metric, Recording, SimTime, Window};

/// PSI and Jensen and Shannon's divergence are taken over so many bins that hold about equally many
/// of the baseline's answers: more would be empty by chance.
const BINS: usize = 10;

/// A comparison of two arms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Between {
    pub value: f64,
    /// Observations of the baseline and of the candidate.
    pub n: [u64; 2],
    /// The chance of so large a distance without a difference; `None` where the value is one itself.
    pub p: Option<f64>,
}

/// The distance of `arm`'s answers from the baseline's in a window. Scores count in the bins of the
/// window, once their labels are known; classes by how often each was answered, for which only PSI and
/// Jensen and Shannon's divergence are defined. `None` without answers on either side.
///
/// The p of PSI is that of χ² = PSI/(1/n + 1/m) with bins − 1 degrees of freedom, of which eight
/// times Jensen and Shannon's divergence is an approximation; that of Kolmogorov and Smirnov's
/// distance is Kolmogorov's for nm/(n + m) rows. Wasserstein's distance of scores in [0, 1] is no
/// larger than theirs, so its p is at most the p of a distance as large.
pub fn distance(metric: Metric, window: &Window, arm: ArmId) -> Option<Between> {
    let [baseline, candidate] = [window.arm(ArmId::BASELINE)?, window.arm(arm)?];
    let scores = [baseline, candidate].map(scores);
    let is_scored = scores.iter().all(|side| side.iter().sum::<f64>() > 0.0);
    let sides = if is_scored { scores } else { [baseline, candidate].map(classes) };
    let n = sides.each_ref().map(|side| side.iter().sum::<f64>());
    if n.contains(&0.0) {
        return None;
    }
    let [one, two] = &sides;
    let spread = n.iter().map(|n| 1.0 / n).sum::<f64>();
    let rows = (1.0 / spread).round().max(1.0) as u64;
    let (value, p) = match metric {
        Metric::Psi | Metric::JensenShannon => {
            let [one, two] = if is_scored { pooled(one, two) } else { [one.clone(), two.clone()] };
            let df = one.iter().zip(&two).filter(|(a, b)| **a + **b > 0.0).count() as f64 - 1.0;
            let (value, scale) = match metric {
                Metric::Psi => (psi(&one, &two), 1.0),
                _ => (jensen_shannon(&one, &two), 8.0),
            };
            (value, if df > 0.0 { chi2_sf(scale * value / spread, df) } else { 1.0 })
        }
        Metric::Ks if is_scored => {
            let value = largest_gap(one, two);
            (value, kolmogorov_sf(value, rows))
        }
        Metric::Wasserstein if is_scored => {
            let weighted = |side: &[f64]| -> Vec<(f64, f64)> {
                let bins = side.len() as f64;
                side.iter().enumerate().map(|(k, n)| ((k as f64 + 0.5) / bins, *n)).collect()
            };
            let value = wasserstein(&weighted(one), &weighted(two));
            (value, kolmogorov_sf(value, rows))
        }
        _ => return None,
    };
    Some(Between { value, n: n.map(|n| n as u64), p: Some(p) })
}

/// p of the split check over all stages so far; `None` while too few requests were split.
pub fn split(recording: &Recording, until: SimTime) -> Option<Between> {
    let check = split::check(&Strata::new(recording, until));
    let candidates = check.observed.iter().skip(1).sum();
    let n = [check.observed.first().copied().unwrap_or(0), candidates];
    Some(Between { value: check.p?, n, p: None })
}

/// Answers per bin of the score.
fn scores(arm: &ArmWindow) -> Vec<f64> {
    arm.scores.iter().map(|[no, yes]| f64::from(*no) + f64::from(*yes)).collect()
}

/// Answers per class: those that were right and those that were not.
fn classes(arm: &ArmWindow) -> Vec<f64> {
    arm.classes.iter().map(|[tp, fp, _]| f64::from(*tp) + f64::from(*fp)).collect()
}

/// Both sides in [`BINS`] or fewer bins of about equally many of the first.
fn pooled(one: &[f64], two: &[f64]) -> [Vec<f64>; 2] {
    let per_bin = one.iter().sum::<f64>() / BINS as f64;
    let mut sums = [Vec::new(), Vec::new()];
    let mut seen = 0.0;
    let mut open = [0.0; 2];
    for (a, b) in one.iter().zip(two) {
        seen += a;
        open = [open[0] + a, open[1] + b];
        // A bin is full once the whole is past its share, whatever earlier ones overshot.
        if seen >= per_bin * (sums[0].len() as f64 + 1.0) && sums[0].len() + 1 < BINS {
            sums[0].push(open[0]);
            sums[1].push(open[1]);
            open = [0.0; 2];
        }
    }
    sums[0].push(open[0]);
    sums[1].push(open[1]);
    sums
}

/// The largest difference of the two distribution functions at the bins' borders.
fn largest_gap(one: &[f64], two: &[f64]) -> f64 {
    let totals = [one, two].map(|side| side.iter().sum::<f64>());
    let (mut seen, mut most) = ([0.0; 2], 0.0_f64);
    for (a, b) in one.iter().zip(two) {
        seen = [seen[0] + a, seen[1] + b];
        most = most.max((seen[0] / totals[0] - seen[1] / totals[1]).abs());
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Event, EventKind, Outcome, OutcomeKind, SimSpan, StrategyKind};

    /// Both arms answered with these counts in four bins of the score.
    fn window(one: [u32; 4], two: [u32; 4]) -> Window {
        let arm = |counts: [u32; 4]| ArmWindow {
            scores: counts.map(|n| [n, 0]).to_vec(),
            ..ArmWindow::default()
        };
        Window {
            start: SimTime::START,
            end: SimTime::from_secs(1),
            stage: 0,
            arms: vec![arm(one), arm(two)],
        }
    }

    #[test]
    fn distances_of_shifted_scores_are_those_of_their_counts() {
        let shifted = window([40, 30, 20, 10], [10, 20, 30, 40]);
        let of = |metric| distance(metric, &shifted, ArmId::CANDIDATE).unwrap();
        // Two by two: 0.3 ln 4 + 0.1 ln 1.5 twice.
        assert!(
            (of(Metric::Psi).value - 2.0 * (0.3 * 4f64.ln() + 0.1 * 1.5f64.ln())).abs() < 1e-12
        );
        assert!((of(Metric::Ks).value - 0.4).abs() < 1e-12);
        // Cumulative gaps 0.3, 0.4, 0.3 over bins of a quarter.
        assert!((of(Metric::Wasserstein).value - 0.25).abs() < 1e-12);
        assert!(of(Metric::JensenShannon).value * 8.0 < of(Metric::Psi).value);
        assert!(Metric::COMPARISONS[1..].iter().all(|metric| of(*metric).p.unwrap() < 0.01));
    }

    #[test]
    fn few_answers_are_apart_by_chance() {
        let few = window([4, 3, 2, 1], [2, 3, 3, 2]);
        let psi = distance(Metric::Psi, &few, ArmId::CANDIDATE).unwrap();
        assert!(psi.value > 0.2 && psi.p.unwrap() > 0.5, "{psi:?}");
        assert_eq!(distance(Metric::Psi, &window([0; 4], [1; 4]), ArmId::CANDIDATE), None);
    }

    #[test]
    fn a_split_that_is_not_as_planned_is_improbable() {
        let recording = |candidate: u64| {
            let arm = |arrivals, share| ArmWindow {
                arrivals,
                requested: share,
                feasible: share,
                ..ArmWindow::default()
            };
            let arms = vec![arm(9_000, 0.9), arm(candidate, 0.1)];
            let end = SimTime::from_secs(60);
            Recording {
                strategy: StrategyKind::Canary,
                arms: vec!["a".to_owned(), "b".to_owned()],
                gates: Vec::new(),
                segments: Vec::new(),
                stages: vec!["Canary 10 %".to_owned()],
                window: SimSpan::from_secs(60),
                windows: vec![Window { start: SimTime::START, end, stage: 0, arms }],
                events: vec![Event { at: SimTime::START, kind: EventKind::Stage(0) }],
                jobs: Vec::new(),
                outcome: Outcome {
                    kind: OutcomeKind::Held,
                    at: end,
                    winner: ArmId::BASELINE,
                    reason: String::new(),
                },
            }
        };
        let p = |candidate| split(&recording(candidate), SimTime::from_secs(60)).unwrap().value;
        assert!(p(1_010) > 0.5);
        assert!(p(800) < 0.001);
    }
}
