//! Two arms compared within strata and then combined: never pooled across them (Simpson's paradox).

use super::Interval;
use super::distribution::{chi2_sf, normal_two_sided};
use super::proportion_difference::Sample;

/// A stratum's table: events and the rest in arm A, then in arm B.
pub type Table = [[f64; 2]; 2];

/// What tables of several strata say together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pooled {
    /// Mantel and Haenszel's odds ratio Σ ad/n / Σ bc/n.
    pub odds_ratio: f64,
    /// Their risk ratio.
    pub risk_ratio: f64,
    /// The odds ratio of all tables as one: wrong where strata differ.
    pub crude_odds_ratio: f64,
    /// The variance of the logarithm of `odds_ratio` (Robins, Breslow & Greenland 1986).
    log_variance: f64,
    /// Σ (a − E a) and its variance under no association.
    excess: f64,
    variance: f64,
}

/// Combines tables; empty ones are left out, and what has no denominator is NaN.
pub fn pool(tables: &[Table]) -> Pooled {
    let mut crude = [[0.0; 2]; 2];
    let (mut r, mut s, mut pr, mut both, mut qs) = (0.0, 0.0, 0.0, 0.0, 0.0);
    let (mut risk_a, mut risk_b, mut excess, mut variance) = (0.0, 0.0, 0.0, 0.0);
    for [[a, b], [c, d]] in tables {
        let n = a + b + c + d;
        if n <= 0.0 {
            continue;
        }
        for (sum, part) in crude.iter_mut().flatten().zip([a, b, c, d]) {
            *sum += part;
        }
        let (with, against) = (a * d / n, b * c / n);
        let (p, q) = ((a + d) / n, (b + c) / n);
        r += with;
        s += against;
        pr += p * with;
        both += p * against + q * with;
        qs += q * against;
        risk_a += a * (c + d) / n;
        risk_b += c * (a + b) / n;
        excess += a - (a + b) * (a + c) / n;
        if n > 1.0 {
            variance += (a + b) * (c + d) * (a + c) * (b + d) / (n * n * (n - 1.0));
        }
    }
    let [[a, b], [c, d]] = crude;
    Pooled {
        odds_ratio: r / s,
        risk_ratio: risk_a / risk_b,
        crude_odds_ratio: a * d / (b * c),
        log_variance: pr / (2.0 * r * r) + both / (2.0 * r * s) + qs / (2.0 * s * s),
        excess,
        variance,
    }
}

impl Pooled {
    /// The Cochran-Mantel-Haenszel statistic of no association in any stratum and its p, with a
    /// `correction` of 0 or ½.
    pub fn test(self, correction: f64) -> (f64, f64) {
        let chi2 = (self.excess.abs() - correction).powi(2) / self.variance;
        (chi2, chi2_sf(chi2, 1.0))
    }

    /// The interval of the pooled odds ratio; `None` where it is 0, infinite or undefined.
    pub fn interval(self, alpha: f64) -> Option<Interval> {
        let half = normal_two_sided(alpha) * self.log_variance.sqrt();
        let possible = self.odds_ratio > 0.0 && self.odds_ratio.is_finite();
        possible
            .then(|| Interval::new(self.odds_ratio * (-half).exp(), self.odds_ratio * half.exp()))
    }
}

/// A combined difference of shares, B − A, with its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    pub value: f64,
    pub standard_error: f64,
}

/// Which strata count how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weighting {
    /// n_a n_b/(n_a + n_b): the most precise if the effect is the same everywhere.
    MantelHaenszel,
    /// n_a + n_b: the effect in the population that was seen.
    PostStratified,
}

/// Σ w (b − a) over strata, w scaled to sum to 1; strata in which an arm is empty are left out.
/// `None` if none is left.
pub fn difference(strata: &[[Sample; 2]], weighting: Weighting) -> Option<Difference> {
    let (mut whole, mut sum, mut variance) = (0.0, 0.0, 0.0);
    for [a, b] in strata {
        let (Some(p), Some(q)) = (a.share(), b.share()) else { continue };
        let weight = match weighting {
            Weighting::MantelHaenszel => a.n * b.n / (a.n + b.n),
            Weighting::PostStratified => a.n + b.n,
        };
        whole += weight;
        sum += weight * (q - p);
        variance += weight * weight * (p * (1.0 - p) / a.n + q * (1.0 - q) / b.n);
    }
    let standard_error = variance.sqrt() / whole;
    (whole > 0.0).then(|| Difference { value: sum / whole, standard_error })
}
