//! Stages for statistics: stretches of windows in which the shares stood still, and the weights
//! with which estimates from several of them combine.
//!
//! Sums are never pooled across a change of weight: when the candidate gets more traffic just as
//! the traffic itself gets better or worse, the pooled difference may have the wrong sign
//! (Simpson's paradox).

use std::ops::{Deref, Range};

use serde::Serialize;

use crate::domain::{ArmId, ArmWindow, EventKind, Recording, SimTime, Window};

/// Consecutive windows with the same stage and shares.
#[derive(Clone, Debug, PartialEq)]
pub struct Stratum {
    /// Places of the windows in the recording.
    pub windows: Range<usize>,
    /// The windows as one.
    pub merged: Window,
    /// False for a window in the middle of which a share changed: its shares describe only its end.
    pub is_clean: bool,
}

impl Stratum {
    pub fn arm(&self, arm: ArmId) -> Option<&ArmWindow> {
        self.merged.arm(arm)
    }
}

/// The strata of the windows that have ended by a moment. It may be moved on, and back, within one
/// recording; what lies before the change is not summed again.
#[derive(Clone, Debug, Default)]
pub struct Strata {
    strata: Vec<Stratum>,
}

impl Deref for Strata {
    type Target = [Stratum];

    fn deref(&self) -> &[Stratum] {
        &self.strata
    }
}

impl Strata {
    /// The strata of the windows that end by `until`.
    pub fn new(recording: &Recording, until: SimTime) -> Self {
        let mut strata = Self::default();
        strata.follow(recording, until);
        strata
    }

    /// Moves to another moment of the same recording.
    pub fn follow(&mut self, recording: &Recording, until: SimTime) {
        let reached = recording.windows.partition_point(|window| window.end <= until);
        while self.strata.last().is_some_and(|last| last.windows.end > reached) {
            self.strata.pop();
        }
        let known = self.strata.last().map_or(0, |last| last.windows.end);
        let changes = changes(recording);
        for (place, window) in recording.windows.iter().enumerate().take(reached).skip(known) {
            let after = changes.partition_point(|at| *at <= window.start);
            let is_clean = changes.get(after).is_none_or(|at| *at >= window.end);
            match self.strata.last_mut() {
                Some(last) if last.is_clean && is_clean && is_alike(&last.merged, window) => {
                    last.merged.absorb(window);
                    last.windows.end = place + 1;
                }
                _ => self.strata.push(Stratum {
                    windows: place..place + 1,
                    merged: window.clone(),
                    is_clean,
                }),
            }
        }
    }
}

/// When shares changed, in order.
fn changes(recording: &Recording) -> Vec<SimTime> {
    let changes =
        |kind: &EventKind| matches!(kind, EventKind::Weight { .. } | EventKind::Feasible { .. });
    let events = recording.events.iter().filter(|event| changes(&event.kind));
    let mut changes: Vec<SimTime> = events.map(|event| event.at).collect();
    changes.sort_unstable();
    changes
}

fn is_alike(a: &Window, b: &Window) -> bool {
    let shares = |window: &Window| -> Vec<(u64, u64)> {
        let bits = |arm: &ArmWindow| (arm.requested.to_bits(), arm.feasible.to_bits());
        window.arms.iter().map(bits).collect()
    };
    a.stage == b.stage && shares(a) == shares(b)
}

/// How the two arms were compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Design {
    /// At the same time, on different requests.
    SideBySide,
    /// On copies of the same requests.
    SameRows,
    /// One after the other: time may be the cause of any difference.
    BeforeAfter,
}

/// Weights per stratum, for each observation of an arm; they sum to 1 over an arm's observations.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    pub design: Design,
    /// One per stratum: for the baseline, for the candidate.
    pub of: [Vec<f64>; 2],
    /// Observations that count, per arm.
    pub n: [u64; 2],
}

/// Weights from the observations of the baseline and the candidate in each stratum.
///
/// Strata in which both took part get Mantel and Haenszel's weights n_a n_b/(n_a + n_b). If these
/// leave fewer than `least` observations in an arm while all strata together have them, the arms
/// can only be compared one after the other. `None` if an arm has no observation at all.
pub fn weigh(counts: &[[u64; 2]], least: u64) -> Option<Weights> {
    let total = |arm: usize| counts.iter().map(|n| n[arm]).sum::<u64>();
    let whole = [total(0), total(1)];
    if whole.contains(&0) {
        return None;
    }
    let overlap: Vec<[u64; 2]> =
        counts.iter().map(|n| if n.contains(&0) { [0, 0] } else { *n }).collect();
    let within = |arm: usize| overlap.iter().map(|n| n[arm]).sum::<u64>();
    let beside = [within(0), within(1)];
    let is_thin = beside.iter().any(|n| *n < least);
    if beside.contains(&0) || (is_thin && whole.iter().all(|n| *n >= least)) {
        let constant = |arm: usize| vec![1.0 / whole[arm] as f64; counts.len()];
        let of = [constant(0), constant(1)];
        return Some(Weights { design: Design::BeforeAfter, of, n: whole });
    }
    let weight = |[a, b]: &[u64; 2]| {
        let (a, b) = (*a as f64, *b as f64);
        if a + b > 0.0 { a * b / (a + b) } else { 0.0 }
    };
    let sum: f64 = overlap.iter().map(weight).sum();
    let each = |arm: usize| {
        let share = |n: &[u64; 2]| if n[arm] == 0 { 0.0 } else { weight(n) / sum / n[arm] as f64 };
        overlap.iter().map(share).collect()
    };
    Some(Weights { design: Design::SideBySide, of: [each(0), each(1)], n: beside })
}

impl Weights {
    /// Kish's effective number of independent observations of an arm, (Σw)²/Σw², given its
    /// `counts` per stratum.
    pub fn effective(&self, arm: usize, counts: impl Iterator<Item = f64>) -> f64 {
        let (mut sum, mut squares) = (0.0, 0.0);
        for (weight, n) in self.of[arm].iter().zip(counts) {
            sum += weight * n;
            squares += weight * weight * n;
        }
        if squares > 0.0 { sum * sum / squares } else { 0.0 }
    }
}

/// How much more than independent trials a share scatters from window to window, at least 1: the
/// variance of window totals around their stratum's share over the binomial one. Failures and slow
/// answers come in bursts, and a burst is one observation rather than many.
///
/// `windows` holds `(stratum's weight, hits − n·stratum's share)` of each window, `binomial` is
/// Σ w² n p(1−p) over the strata.
pub fn clustering(windows: &[(f64, f64)], binomial: f64) -> f64 {
    let count = windows.len() as f64;
    if count < 2.0 || binomial.is_nan() || binomial <= 0.0 {
        return 1.0;
    }
    let squares: f64 = windows.iter().map(|(weight, rest)| (weight * rest).powi(2)).sum();
    (squares * count / (count - 1.0) / binomial).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_undo_simpsons_paradox() {
        // B is worse in both stages, yet better when pooled, because it joined in the easy one.
        let counts = [[990, 10], [500, 500]];
        let weights = weigh(&counts, 10).unwrap();
        assert_eq!(weights.design, Design::SideBySide);
        let hits = [[23.0, 1.0], [5.0, 7.0]];
        let share = |arm: usize| -> f64 {
            weights.of[arm].iter().zip(hits).map(|(weight, hits)| weight * hits[arm]).sum()
        };
        // statsmodels, OLS with step dummies.
        assert!((share(1) - share(0) - 0.006_771_835_321_277_406).abs() < 1e-12);
    }

    #[test]
    fn arms_that_never_met_are_compared_before_and_after() {
        let weights = weigh(&[[900, 0], [20, 30], [0, 800]], 100).unwrap();
        assert_eq!(weights.design, Design::BeforeAfter);
        assert_eq!(weights.n, [920, 830]);
        let effective = weights.effective(1, [0.0, 30.0, 800.0].into_iter());
        assert!((effective - 830.0).abs() < 1e-9);
        assert_eq!(weigh(&[[900, 0]], 100), None);
    }

    #[test]
    fn bursts_count_as_few_observations() {
        let even = [(0.01, 1.0), (0.01, -1.0), (0.01, 0.5)];
        assert_eq!(clustering(&even, 1.0), 1.0);
        let burst = [(0.01, 90.0), (0.01, -45.0), (0.01, -45.0)];
        assert!(clustering(&burst, 0.01) > 100.0);
    }
}
