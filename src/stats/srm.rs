//! The split check: did the arms get the traffic they were meant to get? ("sample ratio mismatch")

use serde::Serialize;

use super::distribution::chi2_sf;

/// The alarm level: Fabijan et al. 2019 (KDD) and the experiment platforms after them.
pub const ALARM: f64 = 0.001;

/// Assignments while the shares stood still.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// Requests (or units) assigned to each arm.
    pub observed: Vec<u64>,
    /// The planned share of each arm; scaled to sum to 1.
    pub shares: Vec<f64>,
}

/// A chi-square test of the split.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SplitTest {
    pub observed: Vec<u64>,
    /// Planned counts over all stages.
    pub expected: Vec<f64>,
    pub chi2: f64,
    pub df: usize,
    pub p: f64,
}

/// Pearson's chi-square test of counts against planned shares, over stages of different shares.
///
/// With D = Σ(O − E) over stages and V = Σ n(diag(w) − w wᵀ) the statistic is Dᵀ V⁻ D; for one stage
/// that is exactly Σ(O − E)²/E. df = arms with a share above 0, less one. `design_effect` ≥ 1
/// divides the statistic where requests of one unit stay together (about requests per unit).
/// `None` without traffic, with fewer than two arms that take part, or with an arm that should have
/// got fewer than 5 (Cochran's rule).
pub fn split_test(stages: &[Stage], design_effect: f64) -> Option<SplitTest> {
    let arms = stages.iter().map(|stage| stage.shares.len()).max()?;
    let mut observed = vec![0; arms];
    let mut expected = vec![0.0; arms];
    let mut covariance = vec![vec![0.0; arms]; arms];
    for stage in stages {
        let whole: f64 = stage.shares.iter().sum();
        let n: u64 = stage.observed.iter().sum();
        if n == 0 || whole.is_nan() || whole <= 0.0 {
            continue;
        }
        let share = |arm: usize| stage.shares.get(arm).map_or(0.0, |share| share / whole);
        for i in 0..arms {
            observed[i] += stage.observed.get(i).copied().unwrap_or(0);
            expected[i] += n as f64 * share(i);
            for (j, cell) in covariance[i].iter_mut().enumerate() {
                let own = if i == j { share(i) } else { 0.0 };
                *cell += n as f64 * (own - share(i) * share(j));
            }
        }
    }
    // An arm that never varies (share 0 or 1 throughout) carries no information.
    let taking: Vec<usize> = (0..arms).filter(|arm| covariance[*arm][*arm] > 0.0).collect();
    if taking.len() < 2 || taking.iter().any(|arm| expected[*arm] < 5.0) {
        return None;
    }
    // The deviations sum to zero, so one arm is left out and the rest is a proper inverse.
    let free = &taking[1..];
    let deviation: Vec<f64> = free.iter().map(|i| observed[*i] as f64 - expected[*i]).collect();
    let matrix = free.iter().map(|i| free.iter().map(|j| covariance[*i][*j]).collect()).collect();
    let solved = solve(matrix, deviation.clone())?;
    let quadratic: f64 = deviation.iter().zip(&solved).map(|(d, s)| d * s).sum();
    let chi2 = (quadratic / design_effect.max(1.0)).max(0.0);
    let df = free.len();
    Some(SplitTest { observed, expected, chi2, df, p: chi2_sf(chi2, df as f64) })
}

/// Counts that the `weights` (scaled to sum to 1) lead one to expect of all that was `observed`.
pub fn expected(observed: &[u64], weights: &[f64]) -> Vec<f64> {
    let whole: f64 = weights.iter().sum();
    let n: u64 = observed.iter().sum();
    weights.iter().map(|weight| n as f64 * weight / whole).collect()
}

/// The plain statistic Σ(O − E)²/E of one stage, its degrees of freedom (arms with a weight, less
/// one) and p, whatever the counts; [`split_test`] is the careful one. `None` without traffic or
/// with fewer than two arms that have a weight.
pub fn chi_square(observed: &[u64], weights: &[f64]) -> Option<(f64, usize, f64)> {
    let expected = expected(observed, weights);
    let taking = expected.iter().filter(|count| **count > 0.0).count();
    let df = taking.checked_sub(1).filter(|df| *df > 0)?;
    let part = |(seen, expected): (&u64, &f64)| (*seen as f64 - expected).powi(2) / expected;
    let parts = observed.iter().zip(&expected).filter(|(_, expected)| **expected > 0.0);
    let chi2: f64 = parts.map(part).sum();
    Some((chi2, df, chi2_sf(chi2, df as f64)))
}

/// Requests that stay together because their unit sticks to an arm: `E[m²]/E[m]` for m requests a
/// unit. Estimated as 2·requests/units − 1, which is exact for geometrically distributed activity
/// and 1 for single requests; unknown units count as single requests.
pub fn design_effect(requests: u64, units: u64) -> f64 {
    if units == 0 { 1.0 } else { (2.0 * requests as f64 / units as f64 - 1.0).max(1.0) }
}

/// Solves `matrix` x = `right` by Gauss with row exchange; `None` if it is singular.
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Option<Vec<f64>> {
    let size = right.len();
    for column in 0..size {
        let pivot = (column..size)
            .max_by(|a, b| matrix[*a][column].abs().total_cmp(&matrix[*b][column].abs()))?;
        matrix.swap(column, pivot);
        right.swap(column, pivot);
        let (above, below) = matrix.split_at_mut(column + 1);
        let head = &above[column];
        if head[column].abs() < 1e-12 {
            return None;
        }
        for (place, row) in below.iter_mut().enumerate() {
            let factor = row[column] / head[column];
            for (cell, head) in row.iter_mut().zip(head).skip(column) {
                *cell -= factor * head;
            }
            right[column + 1 + place] -= factor * right[column];
        }
    }
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size).map(|k| matrix[row][k] * right[k]).sum();
        right[row] = (right[row] - known) / matrix[row][row];
    }
    Some(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(observed: &[u64], shares: &[f64]) -> Stage {
        Stage { observed: observed.to_vec(), shares: shares.to_vec() }
    }

    #[test]
    fn one_stage_is_pearsons_test() {
        let test = split_test(&[stage(&[333, 340, 327], &[1.0, 1.0, 1.0])], 1.0).unwrap();
        assert!((test.chi2 - 0.254).abs() < 1e-12, "{test:?}");
        assert_eq!(test.df, 2);
    }

    #[test]
    fn a_ramp_that_follows_its_shares_is_no_alarm_though_the_total_is_no_plan() {
        let ramp = [stage(&[9_500, 500], &[0.95, 0.05]), stage(&[5_000, 5_000], &[0.5, 0.5])];
        let test = split_test(&ramp, 1.0).unwrap();
        assert!(test.p > 0.999, "{test:?}");
        let broken = [stage(&[9_500, 500], &[0.95, 0.05]), stage(&[5_300, 4_700], &[0.5, 0.5])];
        assert!(split_test(&broken, 1.0).unwrap().p < ALARM);
    }

    #[test]
    fn whole_units_that_stay_together_are_fewer_than_their_requests() {
        let split = [stage(&[5_150, 4_850], &[0.5, 0.5])];
        assert!(split_test(&split, 1.0).unwrap().p < 0.01);
        assert!(split_test(&split, design_effect(10_000, 1_000)).unwrap().p > 0.4);
    }

    #[test]
    fn nothing_to_split_is_no_test() {
        assert_eq!(split_test(&[stage(&[100, 0], &[1.0, 0.0])], 1.0), None);
        assert_eq!(split_test(&[stage(&[0, 0], &[0.5, 0.5])], 1.0), None);
        assert_eq!(split_test(&[stage(&[30, 2], &[0.9, 0.1])], 1.0), None, "3.2 expected");
        assert_eq!(split_test(&[], 1.0), None);
    }
}
