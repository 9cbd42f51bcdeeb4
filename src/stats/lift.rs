//! The effect of a candidate on a mean: absolute or relative to the control, tested once, watched
//! all the time, or as a posterior.

use super::Interval;
use super::distribution::{normal_cdf, normal_sf, normal_two_sided, t_quantile, t_sf};

/// An arm's mean of independent units, with the variance of one unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arm {
    pub n: f64,
    pub mean: f64,
    pub variance: f64,
    /// What a relative effect is measured against: the mean, before any adjustment.
    pub base: f64,
}

impl Arm {
    /// A mean of units with this variance each.
    pub fn new(n: f64, mean: f64, variance: f64) -> Self {
        Self { n, mean, variance, base: mean }
    }

    /// A share: variance p(1 − p), without n/(n − 1).
    pub fn proportion(hits: f64, n: f64) -> Self {
        let p = hits / n;
        Self::new(n, p, p * (1.0 - p))
    }

    /// From Σx and Σx²; for values near zero compared with their spread.
    pub fn from_sums(n: f64, sum: f64, squares: f64) -> Self {
        Self::new(n, sum / n, (squares - sum * sum / n) / (n - 1.0))
    }

    /// A ratio Σnum/Σden over units, by the delta method: the variance of one unit is
    /// (s²ₙ − 2 R sₙ_d + R² s²_d)/d̄². The unit must be what was randomised, such as a user with many
    /// requests. `None` below two units, for lists of different lengths or a denominator of 0.
    pub fn ratio(numerators: &[f64], denominators: &[f64]) -> Option<Self> {
        let moments = Joint::of(numerators, denominators)?;
        let ratio = moments.means[0] / moments.means[1];
        let variance = moments.variances[0] - 2.0 * ratio * moments.covariance
            + ratio * ratio * moments.variances[1];
        (moments.means[1].abs() > 0.0)
            .then(|| Self::new(moments.n, ratio, variance / moments.means[1].powi(2)))
    }
}

/// Two values per unit.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Joint {
    n: f64,
    means: [f64; 2],
    variances: [f64; 2],
    covariance: f64,
}

impl Joint {
    fn of(first: &[f64], second: &[f64]) -> Option<Self> {
        let n = first.len() as f64;
        if first.len() != second.len() || n < 2.0 {
            return None;
        }
        let mean = |values: &[f64]| values.iter().sum::<f64>() / n;
        let means = [mean(first), mean(second)];
        let product = |a: &[f64], b: &[f64], at: [f64; 2]| {
            a.iter().zip(b).map(|(x, y)| (x - at[0]) * (y - at[1])).sum::<f64>() / (n - 1.0)
        };
        let own = |values: &[f64], mean: f64| product(values, values, [mean, mean]);
        let variances = [own(first, means[0]), own(second, means[1])];
        Some(Self { n, means, variances, covariance: product(first, second, means) })
    }
}

/// A metric with a covariate known before the candidate could influence it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cuped {
    /// cov(y, x)/var(x) over both arms together; 0 for a constant covariate.
    pub theta: f64,
    pub control: Arm,
    pub treatment: Arm,
}

/// CUPED (Deng et al. 2013): y − θ x in place of y, whose variance is smaller by the factor
/// 1 − correlation². Each arm is `(y, x)` per unit. `None` below two units in an arm or for lists of
/// different lengths.
pub fn cuped(control: (&[f64], &[f64]), treatment: (&[f64], &[f64])) -> Option<Cuped> {
    let all = |a: &[f64], b: &[f64]| -> Vec<f64> { a.iter().chain(b).copied().collect() };
    let both = Joint::of(&all(control.0, treatment.0), &all(control.1, treatment.1))?;
    let theta = if both.variances[1] > 0.0 { both.covariance / both.variances[1] } else { 0.0 };
    let adjusted = |(y, x): (&[f64], &[f64])| {
        let unit = Joint::of(y, x)?;
        let variance =
            unit.variances[0] + theta * theta * unit.variances[1] - 2.0 * theta * unit.covariance;
        let mean = unit.means[0] - theta * unit.means[1];
        Some(Arm { n: unit.n, mean, variance, base: unit.means[0] })
    };
    Some(Cuped { theta, control: adjusted(control)?, treatment: adjusted(treatment)? })
}

/// In which unit an effect is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Treatment − control, in the metric's unit.
    Absolute,
    /// (Treatment − control)/control.
    Relative,
}

/// An estimated effect.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    pub estimate: f64,
    pub standard_error: f64,
    /// Units of both arms.
    pub n: f64,
    /// Degrees of freedom by Welch and Satterthwaite.
    pub df: f64,
}

/// The effect with its standard error, relative ones by the delta method:
/// var_b/(n_b a²) + var_a b²/(n_a a⁴). `None` without units, with a variance of 0, and relative to a
/// mean of 0.
pub fn effect(control: Arm, treatment: Arm, scale: Scale) -> Option<Effect> {
    let (a, b) = (control.variance / control.n, treatment.variance / treatment.n);
    let possible = control.n > 1.0 && treatment.n > 1.0 && a > 0.0 && b > 0.0;
    let apart = treatment.mean - control.mean;
    let base = control.base;
    let (estimate, variance) = match scale {
        Scale::Absolute => (apart, a + b),
        Scale::Relative if base == 0.0 => return None,
        Scale::Relative => {
            (apart / base, b / base.powi(2) + a * treatment.base.powi(2) / base.powi(4))
        }
    };
    let df = (a + b).powi(2) / (a * a / (control.n - 1.0) + b * b / (treatment.n - 1.0));
    let n = control.n + treatment.n;
    possible.then(|| Effect { estimate, standard_error: variance.sqrt(), n, df })
}

impl Effect {
    /// Two-sided p of no effect, looked at once.
    pub fn p(self) -> f64 {
        2.0 * t_sf((self.estimate / self.standard_error).abs(), self.df)
    }

    fn around(self, half: f64) -> Interval {
        Interval::new(self.estimate - half, self.estimate + half)
    }

    /// The interval at level 1 − `alpha`, looked at once.
    pub fn interval(self, alpha: f64) -> Interval {
        self.around(t_quantile(1.0 - alpha / 2.0, self.df) * self.standard_error)
    }

    /// ρ of the mixture that is narrowest after `tuned_for` units.
    fn rho_squared(alpha: f64, tuned_for: f64) -> f64 {
        let log = -2.0 * alpha.ln();
        (log + (log + 1.0).ln()) / tuned_for
    }

    /// The asymptotic confidence sequence: an interval that may be looked at after every unit
    /// (Waudby-Smith et al. 2021). Valid only once each arm has seen some events.
    pub fn sequence(self, alpha: f64, tuned_for: f64) -> Interval {
        let r = Self::rho_squared(alpha, tuned_for);
        let grown = self.n * r + 1.0;
        let half = self.standard_error
            * self.n.sqrt()
            * (2.0 * grown * (grown.sqrt() / alpha).ln() / (self.n * self.n * r)).sqrt();
        self.around(half)
    }

    /// The p that goes with [`Effect::sequence`], 1 over its e-value, at most 1.
    pub fn sequential_p(self, alpha: f64, tuned_for: f64) -> f64 {
        let r = Self::rho_squared(alpha, tuned_for);
        let grown = self.n * r + 1.0;
        let z = self.estimate / self.standard_error;
        let log_evidence = r * self.n * z * z / (2.0 * grown) - grown.ln() / 2.0;
        (-log_evidence).exp().min(1.0)
    }

    /// The normal posterior under a flat prior.
    pub fn posterior(self) -> Posterior {
        Posterior { mean: self.estimate, deviation: self.standard_error }
    }
}

/// A normal posterior of an effect.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Posterior {
    pub mean: f64,
    pub deviation: f64,
}

impl Posterior {
    /// Combined with a normal prior by precision.
    pub fn with_prior(self, mean: f64, deviation: f64) -> Self {
        let (own, prior) = (self.deviation.powi(-2), deviation.powi(-2));
        let precision = own + prior;
        Self {
            mean: (self.mean * own + mean * prior) / precision,
            deviation: precision.sqrt().recip(),
        }
    }

    /// P(effect > 0)
    pub fn chance_to_win(self) -> f64 {
        normal_cdf(self.mean / self.deviation)
    }

    pub fn interval(self, alpha: f64) -> Interval {
        let half = normal_two_sided(alpha) * self.deviation;
        Interval::new(self.mean - half, self.mean + half)
    }

    /// E[max(−effect, 0)]: what choosing the treatment costs on average.
    pub fn risk_of_treatment(self) -> f64 {
        Self { mean: -self.mean, ..self }.risk_of_control()
    }

    /// E[max(effect, 0)]: what staying with the control costs on average.
    pub fn risk_of_control(self) -> f64 {
        let z = self.mean / self.deviation;
        let density = (-z * z / 2.0).exp() / std::f64::consts::TAU.sqrt();
        self.mean * normal_sf(-z) + self.deviation * density
    }
}
