//! Tests and intervals that may be looked at after every row.

use super::Interval;
use super::distribution::bisect;
use super::mixture::{BetaBinomial, Tails, best_rho, normal_bound};
use super::special::ln_gamma;

/// The label test (Lindon & Malek 2022): do events fall on the arms as their shares say?
///
/// Of traffic it finds a wrong split; of errors, unequal error rates; of rows on which two models
/// disagree, with halves, unequal accuracy. Exact for any counts, however often one looks and however
/// the rate of events changes; events must be independent. The e-value is the Dirichlet-multinomial
/// likelihood over the null's, prior means the shares.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelTest {
    shares: Vec<f64>,
    concentration: f64,
    counts: Vec<f64>,
    least_p: f64,
}

impl LabelTest {
    /// For the `shares` under the null (scaled to sum to 1). The larger the `concentration`, the
    /// smaller the departures it looks for: 10,000 for splits of traffic, 10 for errors. `None`
    /// unless all are above 0.
    pub fn new(shares: &[f64], concentration: f64) -> Option<Self> {
        let whole: f64 = shares.iter().sum();
        let possible = !shares.is_empty() && shares.iter().all(|share| *share > 0.0);
        (possible && whole.is_finite() && concentration > 0.0).then(|| Self {
            shares: shares.iter().map(|share| share / whole).collect(),
            concentration,
            counts: vec![0.0; shares.len()],
            least_p: 1.0,
        })
    }

    /// Adds what happened since the last look.
    pub fn look(&mut self, counts: &[u64]) {
        for (sum, count) in self.counts.iter_mut().zip(counts) {
            *sum += *count as f64;
        }
        self.least_p = self.least_p.min((-self.log_evidence()).exp());
    }

    /// ln of the e-value.
    pub fn log_evidence(&self) -> f64 {
        let n: f64 = self.counts.iter().sum();
        let arm = |(share, count): (&f64, &f64)| {
            let prior = self.concentration * share;
            ln_gamma(prior + count) - ln_gamma(prior) - count * share.ln()
        };
        let arms: f64 = self.shares.iter().zip(&self.counts).map(arm).sum();
        arms + ln_gamma(self.concentration) - ln_gamma(self.concentration + n)
    }

    /// The always-valid p: 1 over the largest e-value so far, at most 1.
    pub fn p(&self) -> f64 {
        self.least_p
    }
}

/// The mixture sequential probability ratio test of a normal estimate (Johari et al. 2017).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Msprt {
    /// Variance of the effects that one looks for.
    pub tau2: f64,
    /// The effect under the null.
    pub null: f64,
}

impl Msprt {
    /// ln Λ = ½ ln(V/(V + τ²)) + τ² (d − θ₀)²/(2V(V + τ²)) for an estimate with squared standard error
    /// V.
    pub fn log_ratio(self, estimate: f64, variance: f64) -> f64 {
        let whole = variance + self.tau2;
        let apart = estimate - self.null;
        (variance / whole).ln() / 2.0 + self.tau2 * apart * apart / (2.0 * variance * whole)
    }

    /// The always-valid p of one look; over several looks take the least.
    pub fn p(self, estimate: f64, variance: f64) -> f64 {
        (-self.log_ratio(estimate, variance)).exp().min(1.0)
    }

    /// Half the width of the confidence sequence at level 1 − `alpha`.
    pub fn half_width(self, variance: f64, alpha: f64) -> f64 {
        variance * normal_bound(1.0 / variance, alpha, 1.0 / self.tau2, Tails::Two)
    }
}

/// The asymptotic confidence sequence of a mean after `t` rows with this mean and variance (divisor
/// t), tightest about `t_opt` rows (Waudby-Smith et al. 2021): the interval, and the one-sided lower
/// bound. Only as good as the normal approximation of its first look: start after a burn-in.
pub fn asymptotic(t: f64, mean: f64, variance: f64, t_opt: f64, alpha: f64) -> (Interval, f64) {
    let half = |tails: Tails| {
        let rho = best_rho(t_opt, alpha, tails);
        variance.max(0.0).sqrt() * normal_bound(t, alpha, rho, tails) / t
    };
    let two = half(Tails::Two);
    (Interval::new(mean - two, mean + two), mean - half(Tails::One))
}

/// The confidence sequence of a success rate after `n` independent rows, by the beta-binomial
/// mixture (Howard et al. 2021), tightest about `t_opt` rows at level `alpha_opt`. `None` without
/// rows or with more successes than rows.
pub fn bernoulli(
    successes: u64,
    n: u64,
    alpha: f64,
    t_opt: f64,
    alpha_opt: f64,
) -> Option<Interval> {
    let rows = n as f64;
    let share = successes as f64 / rows;
    let threshold = -alpha.ln();
    let is_rejected = |p: f64| {
        let unit = p * (1.0 - p);
        if unit <= 0.0 {
            return true;
        }
        let mixture = BetaBinomial::new(unit * t_opt, alpha_opt, p, 1.0 - p, Tails::Two);
        mixture.log((share - p) * rows, unit * rows) > threshold
    };
    let low = if successes == 0 { 0.0 } else { bisect(0.0, share, is_rejected) };
    let high = if successes == n { 1.0 } else { bisect(share, 1.0, |p| !is_rejected(p)) };
    (n > 0 && successes <= n).then_some(Interval::new(low, high))
}
