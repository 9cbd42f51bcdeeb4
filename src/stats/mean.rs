//! Means from sums: moments that merge, and Welch's test of two of them.

use super::Interval;
use super::distribution::{t_cdf, t_quantile, t_sf};

/// Count, mean and centred sum of squares: they merge without the cancellation that raw sums of
/// squares suffer from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    pub n: f64,
    pub mean: f64,
    /// Σ(x − mean)²
    pub centred: f64,
}

impl Moments {
    pub fn of(values: &[f64]) -> Self {
        let one = |x: &f64| Self { n: 1.0, mean: *x, centred: 0.0 };
        values.iter().map(one).fold(Self::default(), Self::merged)
    }

    /// From n, Σx and Σx². Only for values near zero compared with their spread (errors, for
    /// example): elsewhere digits cancel. A spread that came out negative is 0.
    pub fn from_sums(n: f64, sum: f64, squares: f64) -> Self {
        let mean = if n > 0.0 { sum / n } else { 0.0 };
        Self { n, mean, centred: (squares - sum * mean).max(0.0) }
    }

    /// From n, the mean and the standard deviation with divisor n − 1.
    pub fn from_summary(n: f64, mean: f64, deviation: f64) -> Self {
        Self { n, mean, centred: deviation * deviation * (n - 1.0) }
    }

    /// Chan, Golub & LeVeque 1983.
    pub fn merged(self, other: Self) -> Self {
        let n = self.n + other.n;
        if n <= 0.0 {
            return self;
        }
        let apart = other.mean - self.mean;
        Self {
            n,
            mean: self.mean + apart * other.n / n,
            centred: self.centred + other.centred + apart * apart * self.n * other.n / n,
        }
    }

    /// The sample variance, divisor n − 1; `None` below two values.
    pub fn variance(self) -> Option<f64> {
        (self.n > 1.0).then(|| self.centred / (self.n - 1.0))
    }
}

/// Welch's comparison of two means, as first − second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Welch {
    pub difference: f64,
    pub standard_error: f64,
    /// Degrees of freedom by Welch and Satterthwaite.
    pub df: f64,
}

/// Welch's t for unequal variances: d/√(s₁²/n₁ + s₂²/n₂), df = V²/Σ(Vᵢ²/(nᵢ−1)).
///
/// Assumes independent values and roughly normal means (n of some dozens, or no heavy tails). `None`
/// below two values in an arm. Source: Welch 1947.
pub fn welch(first: Moments, second: Moments) -> Option<Welch> {
    let (v1, v2) = (first.variance()? / first.n, second.variance()? / second.n);
    let variance = v1 + v2;
    let df = variance * variance / (v1 * v1 / (first.n - 1.0) + v2 * v2 / (second.n - 1.0));
    Some(Welch { difference: first.mean - second.mean, standard_error: variance.sqrt(), df })
}

impl Welch {
    /// NaN if both arms are constant.
    pub fn t(self) -> f64 {
        self.difference / self.standard_error
    }

    pub fn p_two_sided(self) -> f64 {
        2.0 * t_sf(self.t().abs(), self.df)
    }

    /// One-sided p for "the first mean is larger".
    pub fn p_greater(self) -> f64 {
        t_sf(self.t(), self.df)
    }

    pub fn p_less(self) -> f64 {
        t_cdf(self.t(), self.df)
    }

    /// The interval of the difference at level 1 − `alpha`; `None` where the spread is 0, which must
    /// not read as certainty.
    pub fn interval(self, alpha: f64) -> Option<Interval> {
        let half = t_quantile(1.0 - alpha / 2.0, self.df) * self.standard_error;
        (half > 0.0).then(|| Interval::new(self.difference - half, self.difference + half))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_keeps_the_spread_of_large_numbers() {
        let values: Vec<f64> = (0..1_000).map(|i| 1e9 + f64::from(i % 2)).collect();
        let (left, right) = values.split_at(300);
        let merged = Moments::of(left).merged(Moments::of(right));
        assert!((merged.variance().unwrap() - 0.250_250_25).abs() < 1e-6, "{merged:?}");
    }

    #[test]
    fn constant_arms_give_no_interval() {
        let constant = Moments::of(&[2.0; 5]);
        assert_eq!(welch(constant, constant).unwrap().interval(0.05), None);
        assert_eq!(welch(Moments::of(&[1.0]), constant), None);
    }
}
