//! The split check of a recording.

use super::{SplitCheck, SplitWord};
use crate::domain::{ArmWindow, Window};
use crate::stats::srm::{ALARM, Stage, design_effect, split_test};
use crate::stats::strata::Stratum;

const METHOD: &str = "chi-square per stage, alarm below p = 0.001";

/// Compares requests with shares wherever the shares stood still and split the traffic.
pub(in crate::stats) fn check(strata: &[Stratum]) -> SplitCheck {
    let stages: Vec<Stage> = strata
        .iter()
        .filter(|stratum| stratum.is_clean)
        .filter_map(|stratum| {
            let observed = stratum.merged.arms.iter().map(|arm| arm.arrivals).collect();
            Some(Stage { observed, shares: expected_shares(&stratum.merged)? })
        })
        .collect();
    // Units stay with their arm, so their requests are no independent draws.
    let requests = strata.iter().map(|stratum| stratum.merged.arrivals()).sum();
    let units = strata.last().map_or(0, |last| last.merged.arms.iter().map(|arm| arm.units).sum());
    match split_test(&stages, design_effect(requests, units)) {
        Some(test) => SplitCheck {
            word: if test.p < ALARM { SplitWord::NotAsPlanned } else { SplitWord::AsPlanned },
            p: Some(test.p),
            observed: test.observed,
            expected: test.expected,
            method: METHOD,
        },
        None => SplitCheck {
            word: SplitWord::NotEnoughData,
            p: None,
            observed: Vec::new(),
            expected: Vec::new(),
            method: METHOD,
        },
    }
}

/// What the router should deliver: the share that the fleets can carry where that is a full split,
/// else the plan's. `None` unless at least two arms take part.
fn expected_shares(window: &Window) -> Option<Vec<f64>> {
    let of = |share: fn(&ArmWindow) -> f64| -> Vec<f64> { window.arms.iter().map(share).collect() };
    let is_split = |shares: &Vec<f64>| {
        let sum: f64 = shares.iter().sum();
        (sum - 1.0).abs() < 1e-6
    };
    let takes_part = |shares: &Vec<f64>| shares.iter().filter(|share| **share > 0.0).count() > 1;
    [of(|arm| arm.feasible), of(|arm| arm.requested)].into_iter().find(is_split).filter(takes_part)
}
