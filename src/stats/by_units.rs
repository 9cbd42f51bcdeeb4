//! A/B tests with users as units: what was randomised is a user, and one user sends many requests.

use serde::Serialize;

use super::clusters::{adjusted_difference, difference};
use super::lift::{Arm, Effect, Scale, effect};
use crate::domain::{ArmId, UnitSum};

/// A candidate's accuracy less the baseline's, with units as what was randomised: a unit with many
/// requests is one observation, not many.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ByUnits {
    pub arm: ArmId,
    /// Units with labelled requests, of the baseline and of the candidate.
    pub units: [u64; 2],
    /// By the delta method.
    pub difference: Estimate,
    /// The width of its interval over that of one that takes each request for itself.
    pub wider: f64,
    /// The same with CUPED, the value column as covariate, where there is one that varies.
    pub cuped: Option<Estimate>,
}

/// A difference and half the width of its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    pub value: f64,
    pub half: f64,
}

impl From<Effect> for Estimate {
    fn from(effect: Effect) -> Self {
        Self { value: effect.estimate, half: effect.interval(ALPHA).high - effect.estimate }
    }
}

/// The level of the intervals.
const ALPHA: f64 = 0.05;

/// What the units of the arms, the baseline's first, say of each candidate.
pub fn by_units(arms: &[Vec<UnitSum>]) -> Vec<ByUnits> {
    let Some((baseline, candidates)) = arms.split_first() else { return Vec::new() };
    let of_arm = |(place, candidate): (usize, &Vec<UnitSum>)| {
        let found = difference(baseline, candidate)?;
        let each = |units: &[UnitSum]| {
            let sum = |of: fn(&UnitSum) -> f64| units.iter().map(of).sum();
            Arm::proportion(sum(|unit| unit.result), sum(|unit| unit.labelled))
        };
        let naive = effect(each(baseline), each(candidate), Scale::Absolute)?;
        let met =
            |units: &Vec<UnitSum>| units.iter().filter(|unit| unit.labelled > 0.0).count() as u64;
        Some(ByUnits {
            arm: ArmId::new(place + 1),
            units: [baseline, candidate].map(met),
            difference: found.into(),
            wider: found.standard_error / naive.standard_error,
            cuped: adjusted_difference(baseline, candidate).map(Estimate::from),
        })
    };
    candidates.iter().enumerate().filter_map(of_arm).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_with_many_requests_are_one_observation_each() {
        // Each user is always right or always wrong: ten requests tell no more than one.
        let units = |right: usize| -> Vec<UnitSum> {
            let correct = |user: usize| if user < right { 10.0 } else { 0.0 };
            (0..200)
                .map(|user| UnitSum {
                    labelled: 10.0,
                    result: correct(user),
                    covariate: 10.0 * user as f64,
                })
                .collect()
        };
        let found = by_units(&[units(140), units(160)]);
        assert!((found[0].difference.value - 0.1).abs() < 1e-12);
        assert!((found[0].wider - 10f64.sqrt()).abs() < 0.01, "{found:?}");
        assert_eq!(found[0].units, [200, 200]);
        let cuped = found[0].cuped.unwrap();
        assert!(cuped.half < 0.8 * found[0].difference.half, "the value tells much about a user");
    }
}
