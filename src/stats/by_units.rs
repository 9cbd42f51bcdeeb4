//! A/B tests with users as units: what was randomised is a user, and one user sends many requests.

use serde::Serialize;

use super::lift::{Arm, Effect, Scale, cuped, effect};
use crate::domain::ArmId;
use crate::domain::oracle::Unit;

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
pub fn by_units(arms: &[Vec<Unit>]) -> Vec<ByUnits> {
    let columns: Vec<Columns> = arms.iter().map(|units| Columns::of(units)).collect();
    let Some((baseline, candidates)) = columns.split_first() else { return Vec::new() };
    let of_arm = |(place, candidate): (usize, &Columns)| {
        let ratio = |arm: &Columns| Arm::ratio(&arm.correct, &arm.labelled);
        let found = effect(ratio(baseline)?, ratio(candidate)?, Scale::Absolute)?;
        let each =
            |arm: &Columns| Arm::proportion(arm.correct.iter().sum(), arm.labelled.iter().sum());
        let naive = effect(each(baseline), each(candidate), Scale::Absolute)?;
        Some(ByUnits {
            arm: ArmId::new(place + 1),
            units: [baseline, candidate].map(|arm| arm.labelled.len() as u64),
            difference: found.into(),
            wider: found.standard_error / naive.standard_error,
            cuped: adjusted(baseline, candidate).map(Estimate::from),
        })
    };
    candidates.iter().enumerate().filter_map(of_arm).collect()
}

/// CUPED for ratios: both accuracy and value are linearised first, R + (xᵢ − R nᵢ)/n̄ for each unit, whose
/// mean is R and whose variance is that of the delta method (Deng, Knoblich & Lu 2018).
fn adjusted(baseline: &Columns, candidate: &Columns) -> Option<Effect> {
    let sum = |of: fn(&Columns) -> &Vec<f64>| -> f64 {
        [baseline, candidate].into_iter().flat_map(of).sum()
    };
    // The covariate is known before anybody is assigned, so its ratio is that of both arms.
    let value = sum(|arm| &arm.value) / sum(|arm| &arm.labelled);
    let of_arm = |arm: &Columns| {
        let accuracy = arm.correct.iter().sum::<f64>() / arm.labelled.iter().sum::<f64>();
        [arm.linear(&arm.correct, accuracy), arm.linear(&arm.value, value)]
    };
    let [control, treatment] = [of_arm(baseline), of_arm(candidate)];
    let both = cuped((&control[0], &control[1]), (&treatment[0], &treatment[1]))?;
    let is_of_use = both.theta != 0.0;
    effect(both.control, both.treatment, Scale::Absolute).filter(|_| is_of_use)
}

/// The units with labelled requests, property by property.
#[derive(Default)]
struct Columns {
    labelled: Vec<f64>,
    correct: Vec<f64>,
    value: Vec<f64>,
}

impl Columns {
    fn of(units: &[Unit]) -> Self {
        let mut columns = Self::default();
        for unit in units.iter().filter(|unit| unit.labelled > 0.0) {
            columns.labelled.push(unit.labelled);
            columns.correct.push(unit.correct);
            columns.value.push(unit.value);
        }
        columns
    }

    /// Sums per unit, as values whose mean is `ratio`.
    fn linear(&self, sums: &[f64], ratio: f64) -> Vec<f64> {
        let mean = self.labelled.iter().sum::<f64>() / self.labelled.len() as f64;
        let each = sums.iter().zip(&self.labelled);
        each.map(|(sum, n)| ratio + (sum - ratio * n) / mean).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_with_many_requests_are_one_observation_each() {
        // Each user is always right or always wrong: ten requests tell no more than one.
        let units = |right: usize| -> Vec<Unit> {
            let correct = |user: usize| if user < right { 10.0 } else { 0.0 };
            (0..200)
                .map(|user| Unit {
                    labelled: 10.0,
                    correct: correct(user),
                    value: 10.0 * user as f64,
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
