//! Success rates as beta posteriors: the chance to be best and the expected loss.

use super::Interval;
use super::distribution::{beta_cdf, beta_quantile, beta_sf, normal_cdf};
use super::special::ln_beta;

/// The posterior Beta(α, β) of a success rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beta {
    pub alpha: f64,
    pub beta: f64,
}

impl Beta {
    /// After `successes` of `n` trials, from the prior Beta(`alpha`, `beta`), both above 0.
    pub fn posterior(successes: f64, n: f64, alpha: f64, beta: f64) -> Self {
        Self { alpha: alpha + successes, beta: beta + (n - successes) }
    }

    pub fn mean(self) -> f64 {
        self.alpha / (self.alpha + self.beta)
    }

    /// The equal-tailed credible interval at level 1 − `level`.
    pub fn interval(self, level: f64) -> Interval {
        Interval::new(self.quantile(level / 2.0), self.quantile(1.0 - level / 2.0))
    }

    /// The rate below which it lies with probability `p`.
    pub fn quantile(self, p: f64) -> f64 {
        beta_quantile(p, self.alpha, self.beta)
    }

    fn density(self, x: f64, rest: f64) -> f64 {
        let power = (self.alpha - 1.0) * x.ln() + (self.beta - 1.0) * rest.ln();
        (power - ln_beta(self.alpha, self.beta)).exp()
    }

    /// Where all but some 10⁻¹⁶ of the posterior lies.
    fn range(self) -> (f64, f64) {
        let at = |p: f64| beta_quantile(p, self.alpha, self.beta);
        let (low, high) = (at(1e-18), 1.0 - beta_quantile(1e-18, self.beta, self.alpha));
        // Near an end the density may be infinite there: the whole way then.
        (if low < 1e-3 { 0.0 } else { low }, if high > 0.999 { 1.0 } else { high })
    }
}

/// ∫ `f`(x, 1 − x) dx from `low` to `high` by the double exponential rule (Takahasi & Mori 1974),
/// which does not mind infinite ends.
fn integral((low, high): (f64, f64), f: impl Fn(f64, f64) -> f64) -> f64 {
    const STEPS: i32 = 400;
    const STEP: f64 = 0.01;
    let width = high - low;
    let term = |k: i32| {
        let t = f64::from(k) * STEP;
        let bent = std::f64::consts::FRAC_PI_2 * t.sinh();
        // The share of the way from the nearer end, in all its digits.
        let near = 1.0 / (1.0 + (2.0 * bent.abs()).exp());
        let weight = std::f64::consts::FRAC_PI_2 * t.cosh() * 2.0 * near * (1.0 - near);
        let (x, rest) = if bent < 0.0 {
            (low + width * near, 1.0 - low - width * near)
        } else {
            (high - width * near, 1.0 - high + width * near)
        };
        let value = f(x, rest) * weight;
        if value.is_finite() { value } else { 0.0 }
    };
    (-STEPS..=STEPS).map(term).sum::<f64>() * STEP * width
}

/// P(the second rate is larger than the first).
pub fn chance_second_is_larger(first: Beta, second: Beta) -> f64 {
    let f = |x: f64, rest: f64| first.density(x, rest) * beta_cdf(rest, second.beta, second.alpha);
    integral(first.range(), f).min(1.0)
}

/// E[max(first − second, 0)]: what choosing the second costs on average, on the rates' scale. It is
/// ∫ P(second < x < first) dx, which does not cancel.
pub fn expected_loss_of_second(first: Beta, second: Beta) -> f64 {
    let (low, high) = (first.range(), second.range());
    let f = |x: f64, rest: f64| {
        beta_cdf(x, second.alpha, second.beta) * beta_cdf(rest, first.beta, first.alpha)
    };
    integral((low.0.min(high.0), low.1.max(high.1)), f)
}

/// The chance of each arm to have the largest rate, in the arms' order.
pub fn chances_to_be_best(arms: &[Beta]) -> Vec<f64> {
    let chance = |own: usize| {
        let f = |x: f64, rest: f64| {
            let others = arms.iter().enumerate().filter(|(place, _)| *place != own);
            let all_below: f64 =
                others.map(|(_, arm)| 1.0 - beta_sf(x, arm.alpha, arm.beta)).product();
            arms[own].density(x, rest) * all_below
        };
        integral(arms[own].range(), f).min(1.0)
    };
    (0..arms.len()).map(chance).collect()
}

/// The same for means whose posteriors are normal, each given by its centre and standard error: with
/// many values and a flat prior that is what a mean's posterior comes to. An error of 0 is a value
/// known for sure.
pub fn chances_of_largest_mean(arms: &[(f64, f64)]) -> Vec<f64> {
    // Beyond nine standard errors there is less than 10⁻¹⁸ of a posterior.
    const REACH: f64 = 9.0;
    let below = |x: f64, (centre, error): (f64, f64)| match error > 0.0 {
        true => normal_cdf((x - centre) / error),
        false => f64::from(u8::from(x > centre)),
    };
    let chance = |own: usize| {
        let others = |x: f64| {
            let others = arms.iter().enumerate().filter(|(place, _)| *place != own);
            others.map(|(_, arm)| below(x, *arm)).product::<f64>()
        };
        let (centre, error) = arms[own];
        if error <= 0.0 {
            return others(centre);
        }
        let density = |z: f64| (-z * z / 2.0).exp() / (std::f64::consts::TAU.sqrt() * error);
        let f = |x: f64, _| density((x - centre) / error) * others(x);
        integral((centre - REACH * error, centre + REACH * error), f).min(1.0)
    };
    (0..arms.len()).map(chance).collect()
}
