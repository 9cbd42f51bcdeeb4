//! Two proportions against a margin: non-inferiority, equivalence, and score intervals.

use super::Interval;
use super::distribution::{bisect, normal_sf, normal_two_sided};
use super::proportion_difference::Sample;

/// z of the difference p₁ − p₂ less the margin, and the one-sided p for "larger than the margin".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MarginTest {
    pub z: f64,
    pub p: f64,
}

fn test(z: f64) -> MarginTest {
    MarginTest { z, p: normal_sf(z) }
}

/// Tests p₁ − p₂ ≤ `margin` (negative for non-inferiority) with each arm's own variance. `None` if
/// an arm is empty or the variance is 0.
pub fn wald(first: Sample, second: Sample, margin: f64) -> Option<MarginTest> {
    let (p1, p2) = (first.share()?, second.share()?);
    let variance = p1 * (1.0 - p1) / first.n + p2 * (1.0 - p2) / second.n;
    (variance > 0.0).then(|| test((p1 - p2 - margin) / variance.sqrt()))
}

/// Two one-sided Wald tests that |p₁ − p₂| lies within `margin`: the larger p.
pub fn equivalence_p(first: Sample, second: Sample, margin: f64) -> Option<f64> {
    let margin = margin.abs();
    let above = wald(first, second, -margin)?;
    let below = wald(second, first, -margin)?;
    Some(above.p.max(below.p))
}

/// How the shares under the null are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restricted {
    /// The most likely ones.
    MostLikely,
    /// As statsmodels 0.15 does, whose cubic has a count where the literature's has a sample size:
    /// only to compare with its figures.
    Statsmodels,
}

/// p₂ under p₁ − p₂ = `d`: the root of the likelihood's slope, a cubic with one root in range (Farrington
/// & Manning 1990, appendix).
fn restricted(first: Sample, second: Sample, d: f64, how: Restricted) -> f64 {
    let (n, hits) = (first.n + second.n, first.hits + second.hits);
    if d == 0.0 {
        return hits / n;
    }
    let slip = if how == Restricted::MostLikely { second.n } else { second.hits };
    let squared = (first.n + 2.0 * second.n) * d - n - hits;
    let linear = (slip * d - n - 2.0 * second.hits) * d + hits;
    let constant = second.hits * d * (1.0 - d);
    let third = squared / (3.0 * n);
    let q = third.powi(3) - linear * squared / (6.0 * n * n) + constant / (2.0 * n);
    let p = (third * third - linear / (3.0 * n)).max(0.0).sqrt().copysign(q);
    let angle = (std::f64::consts::PI + (q / p.powi(3)).clamp(-1.0, 1.0).acos()) / 3.0;
    2.0 * p * angle.cos() - third
}

/// The score test of Farrington & Manning 1990 and Miettinen & Nurminen 1985 (without their factor
/// n/(n − 1)): the variance is the one under the null. Right for few events too. `None` if an arm is
/// empty or that variance is 0.
pub fn score(first: Sample, second: Sample, margin: f64, how: Restricted) -> Option<MarginTest> {
    let observed = first.share()? - second.share()?;
    let p2 = restricted(first, second, margin, how);
    // What only rounding can leave, the other cubic does leave: from 0 to 1.
    let within = |p: f64| if how == Restricted::MostLikely { p.clamp(0.0, 1.0) } else { p };
    let (p1, p2) = (within(p2 + margin), within(p2));
    let variance = p1 * (1.0 - p1) / first.n + p2 * (1.0 - p2) / second.n;
    (variance > 0.0).then(|| test((observed - margin) / variance.sqrt()))
}

/// The differences that [`score`] does not reject: an interval of p₁ − p₂ at level 1 − `alpha`.
pub fn score_interval(
    first: Sample,
    second: Sample,
    alpha: f64,
    how: Restricted,
) -> Option<Interval> {
    let observed = first.share()? - second.share()?;
    let z = normal_two_sided(alpha);
    let at = |difference: f64| score(first, second, difference, how).map(|test| test.z);
    let low = bisect(-1.0, observed, |d| at(d).is_none_or(|found| found > z));
    let high = bisect(observed, 1.0, |d| at(d).is_some_and(|found| found > -z));
    Some(Interval::new(low, high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_restricted_shares_are_the_most_likely_ones() {
        let (first, second) = (Sample::new(90, 100), Sample::new(92, 100));
        let p2 = restricted(first, second, -0.1, Restricted::MostLikely);
        let log = |p2: f64| {
            let p1 = p2 - 0.1;
            90.0 * p1.ln() + 10.0 * (-p1).ln_1p() + 92.0 * p2.ln() + 8.0 * (-p2).ln_1p()
        };
        assert!(log(p2) > log(p2 - 1e-4) && log(p2) > log(p2 + 1e-4), "{p2}");
    }

    #[test]
    fn no_event_in_either_arm_still_has_an_interval() {
        let (first, second) = (Sample::new(0, 20), Sample::new(0, 25));
        let interval = score_interval(first, second, 0.05, Restricted::MostLikely).unwrap();
        // z²/(n + z²): Wilson's bound of an arm on its own.
        assert!((interval.high - 3.841_459 / 23.841_459).abs() < 1e-5, "{interval:?}");
        assert!((interval.low + 3.841_459 / 28.841_459).abs() < 1e-5, "{interval:?}");
    }
}
