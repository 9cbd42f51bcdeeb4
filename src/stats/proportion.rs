//! Intervals of one proportion.

use serde::Serialize;

use super::distribution::{beta_quantile, normal_two_sided};

/// From `low` to `high`, both in the unit of what they enclose.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

impl Interval {
    pub const fn new(low: f64, high: f64) -> Self {
        Self { low, high }
    }

    pub fn contains(self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    pub fn width(self) -> f64 {
        self.high - self.low
    }

    /// Every bound times `factor`, which must not be negative.
    pub fn scaled(self, factor: f64) -> Self {
        Self::new(self.low * factor, self.high * factor)
    }
}

/// Wilson's score interval of `hits` in `n` at level 1 − `alpha`; `None` for n ≤ 0.
///
/// Centre (p̂ + z²/2n)/(1 + z²/n), half-width z √(p̂(1−p̂)/n + z²/4n²)/(1 + z²/n). Assumes
/// independent trials. Both may be fractions (an effective sample size). It stays within 0 and 1
/// and has a width even at 0 or n hits. Source: Wilson 1927; Agresti & Coull 1998.
pub fn wilson(hits: f64, n: f64, alpha: f64) -> Option<Interval> {
    if n.is_nan() || n <= 0.0 {
        return None;
    }
    let z = normal_two_sided(alpha);
    let p = (hits / n).clamp(0.0, 1.0);
    let shrink = 1.0 + z * z / n;
    let centre = (p + z * z / (2.0 * n)) / shrink;
    let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt() / shrink;
    // At 0 and n hits the bound is 0 or 1 exactly, which rounding would miss.
    let low = if p == 0.0 { 0.0 } else { (centre - half).clamp(0.0, p) };
    let high = if p == 1.0 { 1.0 } else { (centre + half).clamp(p, 1.0) };
    Some(Interval::new(low, high))
}

/// The textbook interval p̂ ± z √(p̂(1−p̂)/n), cut at 0 and 1; `None` for n ≤ 0. It has no width at 0
/// or n hits and is here for comparison only.
pub fn wald(hits: f64, n: f64, alpha: f64) -> Option<Interval> {
    around(hits / n, n, alpha)
}

/// Wald's interval after adding z²/2 hits and z²/2 misses (Agresti & Coull 1998), cut at 0 and 1.
pub fn agresti_coull(hits: f64, n: f64, alpha: f64) -> Option<Interval> {
    let z = normal_two_sided(alpha);
    let more = n + z * z;
    (n > 0.0).then(|| around((hits + z * z / 2.0) / more, more, alpha))?
}

fn around(p: f64, n: f64, alpha: f64) -> Option<Interval> {
    let half = normal_two_sided(alpha) * (p * (1.0 - p) / n).sqrt();
    (n > 0.0).then(|| Interval::new((p - half).max(0.0), (p + half).min(1.0)))
}

/// The exact interval of Clopper & Pearson 1934, from quantiles of the beta distribution: it covers
/// at least 1 − `alpha` always, and more than that mostly. `None` for n = 0.
pub fn clopper_pearson(hits: u64, n: u64, alpha: f64) -> Option<Interval> {
    let (x, left) = (hits as f64, n.checked_sub(hits)? as f64);
    let low = if hits == 0 { 0.0 } else { beta_quantile(alpha / 2.0, x, left + 1.0) };
    let high = if hits == n { 1.0 } else { beta_quantile(1.0 - alpha / 2.0, x + 1.0, left) };
    (n > 0).then_some(Interval::new(low, high))
}

/// Quantiles of the posterior Beta(x + ½, n − x + ½) under Jeffreys' prior (Brown, Cai & DasGupta
/// 2001), without their correction at 0 and n hits.
pub fn jeffreys(hits: u64, n: u64, alpha: f64) -> Option<Interval> {
    let (a, b) = (hits as f64 + 0.5, n.checked_sub(hits)? as f64 + 0.5);
    let low = beta_quantile(alpha / 2.0, a, b);
    (n > 0).then(|| Interval::new(low, beta_quantile(1.0 - alpha / 2.0, a, b)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_interval_contains_its_estimate(n in 1u64..5_000, share in 0.0..=1.0f64, alpha in 0.001..0.5f64) {
            let hits = (share * n as f64).round();
            let p = hits / n as f64;
            let interval = wilson(hits, n as f64, alpha).unwrap();
            prop_assert!(interval.contains(p), "{interval:?} without {p}");
            prop_assert!(interval.width() > 0.0 && interval.low >= 0.0 && interval.high <= 1.0);
            let exact = clopper_pearson(hits as u64, n, alpha).unwrap();
            prop_assert!(exact.low <= p + 1e-12 && exact.high >= p - 1e-12, "{exact:?} without {p}");
        }
    }

    #[test]
    fn nothing_seen_is_no_interval() {
        assert_eq!(wilson(0.0, 0.0, 0.05), None);
        assert_eq!(clopper_pearson(0, 0, 0.05), None);
        assert_eq!(clopper_pearson(2, 1, 0.05), None, "more hits than trials");
    }
}
